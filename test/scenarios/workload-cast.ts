import { east, west, type RegionName } from './names.ts';
import type { AlsoMade } from './objects.ts';
import type { StageOptions } from './stage.ts';

/** Longer than anything else of a move: what is running when it begins has to be waited for. */
const jobMs = 20_000;

function podsOf(name: string): Readonly<Record<string, unknown>> {
  return { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: 'example/shop:1' }] } };
}

function statefulSet(name: string, inEast: number, inWest: number): AlsoMade {
  return {
    groupVersion: 'apps/v1',
    plural: 'statefulsets',
    object: (region) => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        replicas: region === east ? inEast : inWest,
        serviceName: name,
        selector: { matchLabels: { app: name } },
        template: podsOf(name),
      },
    }),
  };
}

function cronJob(name: string, suspendedIn: readonly RegionName[]): AlsoMade {
  const pods = { ...podsOf(name), spec: { restartPolicy: 'Never', containers: [{ name, image: 'example/batch:1' }] } };
  return {
    groupVersion: 'batch/v1',
    plural: 'cronjobs',
    object: (region) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name },
      spec: {
        schedule: '* * * * *',
        suspend: suspendedIn.includes(region),
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { template: pods } },
      },
    }),
  };
}

const scaled = (name: string, wave: number, more: Readonly<Record<string, unknown>>) => ({
  name,
  wave,
  uses: ['orders'],
  target: { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
  ...more,
});
const scheduled = (name: string) => ({
  name,
  wave: 2,
  uses: ['orders'],
  target: { apiVersion: 'batch/v1', kind: 'CronJob', name },
});

/**
 * `cart` serves requests, `queue` is a background worker that somebody has scaled up beyond the plan's two, `nightly`
 * runs every minute, and `audit` was suspended by a person before anything began.
 */
export const workloadCast: StageOptions = {
  jobMs,
  also: [
    statefulSet('cart', 3, 1),
    statefulSet('queue', 3, 0),
    cronJob('nightly', [west]),
    cronJob('audit', [east, west]),
  ],
  plan: {
    workloads: [
      scaled('cart', 1, { active: { replicasFrom: 'Source' }, standby: { replicas: 1 } }),
      scaled('queue', 2, { quiesce: true, active: { replicas: 2 } }),
      scheduled('nightly'),
      scheduled('audit'),
    ],
  },
};
