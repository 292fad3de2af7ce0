import type { Workload, WorkloadTarget } from '../../src/api/plan.ts';
import { createCronJobActuator } from '../../src/drivers/workloads/cronjob/act.ts';
import { createCronJobObserver } from '../../src/drivers/workloads/cronjob/observe.ts';
import type { WorkloadActuator, WorkloadObserver, WorkloadRef } from '../../src/drivers/workloads/driver.ts';
import type { LookingOptions } from '../../src/drivers/workloads/look.ts';
import { createScaledActuator } from '../../src/drivers/workloads/scaled/act.ts';
import { createScaledObserver } from '../../src/drivers/workloads/scaled/observe.ts';
import { POD_FAULT_ANNOTATION, type JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { NAMESPACE, REGION } from './workload-bench.ts';

/** One kind of target, as the suite makes it and looks at it past the driver. */
export interface Kind {
  /** As the matrix calls it. */
  readonly driver: string;
  readonly ref: WorkloadRef;
  readonly collection: string;
  /** Two sizes, the smaller of which is not none where there is a choice. */
  readonly small: number;
  readonly large: number;
  /** Of one that is large and left alone. */
  readonly running: number;
  /** What its accounts must be able to get and patch. */
  readonly written: { readonly resource: string; readonly subresource?: string };
  readonly object: (size: number, annotations?: JsonObject) => JsonObject;
  /** The change by which a person gives it another size. */
  readonly resize: (size: number) => JsonObject;
  readonly sizeOf: (object: JsonObject | undefined) => unknown;
  readonly says: (from: number, to: number) => string;
  readonly observer: (options: LookingOptions) => WorkloadObserver;
  readonly actuator: (options: Omit<LookingOptions, 'clock'>) => WorkloadActuator;
}

function refTo(target: WorkloadTarget): WorkloadRef {
  const workload: Workload = {
    name: 'api',
    wave: 1,
    uses: [],
    quiesce: false,
    target,
    active: { replicas: 3 },
    standby: { replicas: 1 },
  };
  return { namespace: NAMESPACE, generation: 7, workload, region: REGION };
}

function specOf(object: JsonObject | undefined): JsonObject {
  const spec = object?.['spec'];
  return typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? (spec as JsonObject) : {};
}

const template = (annotations: JsonObject, more: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app: 'api', tier: 'web' }, annotations },
  spec: {
    containers: [{ name: 'main', image: 'registry.example/shop:1' }],
    // The sandbox's scheduler goes by the annotation; a real one finds no such node.
    ...(annotations[POD_FAULT_ANNOTATION] === 'Unschedulable' ? { nodeSelector: { disk: 'none-like-that' } } : {}),
    ...more,
  },
});

function scaled(kind: 'Deployment' | 'StatefulSet', plural: string): Kind {
  const object = (replicas: number, annotations: JsonObject = {}): JsonObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'api' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'api' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }] },
      template: template(annotations),
    },
  });
  return {
    driver: kind.toLowerCase(),
    ref: refTo({ apiVersion: 'apps/v1', kind, name: 'api' }),
    collection: `/apis/apps/v1/namespaces/${NAMESPACE}/${plural}`,
    small: 1,
    large: 3,
    running: 3,
    written: { resource: plural, subresource: 'scale' },
    object,
    resize: (replicas) => ({ spec: { replicas } }),
    sizeOf: (found) => specOf(found)['replicas'],
    says: (from, to) => (from === to ? `already at ${String(to)}` : `from ${String(from)} to ${String(to)}`),
    observer: createScaledObserver,
    actuator: createScaledActuator,
  };
}

export const deployment = scaled('Deployment', 'deployments');
export const statefulSet = scaled('StatefulSet', 'statefulsets');

export const cronJob: Kind = {
  driver: 'cronjob',
  ref: refTo({ apiVersion: 'batch/v1', kind: 'CronJob', name: 'api' }),
  collection: `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`,
  small: 0,
  large: 1,
  running: 0,
  written: { resource: 'cronjobs' },
  object: (size, annotations = {}) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'api' },
    spec: {
      schedule: '* * * * *',
      suspend: size === 0,
      jobTemplate: { spec: { template: template(annotations, { restartPolicy: 'Never' }) } },
    },
  }),
  resize: (size) => ({ spec: { suspend: size === 0 } }),
  sizeOf: (found) => (specOf(found)['suspend'] === true ? 0 : 1),
  says: (from, to) => {
    if (to === 0) return from === to ? 'already suspended' : 'suspended';
    return from === to ? 'not suspended' : 'suspended no longer';
  },
  observer: createCronJobObserver,
  actuator: createCronJobActuator,
};
