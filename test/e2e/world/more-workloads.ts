import type { JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { arrayAt, at, numberAt } from '../../../src/sandbox/models/kube-api/json.ts';
import type { KubeClient } from '../../../src/sandbox/world/kube-client.ts';
import { EAST, NAMESPACE, PLAN, REGIONS, type RegionName } from '../../../src/sandbox/world/names.ts';
import type { World } from '../../../src/sandbox/world/world.ts';

const PLAN_PATH = `/apis/dr.maestro.io/v1alpha1/namespaces/${NAMESPACE}/disasterrecoveryplans/${PLAN}`;

/** Beside the shop, before the operator starts: a StatefulSet and a CronJob of images that are kwok's, in both regions. */
export async function addWorkloads(world: World): Promise<void> {
  for (const region of REGIONS) await create(world.regions[region].client, region);
  const { client } = world.management;
  const workloads = arrayAt(await client.get(PLAN_PATH), 'spec', 'workloads');
  await client.mergePatch(PLAN_PATH, {
    spec: {
      workloads: [
        ...workloads,
        {
          name: 'cart',
          target: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'cart' },
          active: { replicasFrom: 'Source' },
          standby: { replicas: 1 },
        },
        { name: 'nightly', target: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' } },
      ],
    },
  });
}

/** What the plan has made of them in a region: how many carts are wanted and ready, and whether nightly is scheduled. */
export async function moreWorkloads(world: World, region: RegionName): Promise<JsonObject> {
  const { client } = world.regions[region];
  const set = await client.get(`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/cart`);
  const job = await client.get(`/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs/nightly`);
  return {
    wanted: numberAt(set, 'spec', 'replicas') ?? 0,
    ready: numberAt(set, 'status', 'readyReplicas') ?? 0,
    scheduled: at(job, 'spec', 'suspend') !== true,
  };
}

async function create(client: KubeClient, region: RegionName): Promise<void> {
  const active = region === EAST;
  const containers = [{ name: 'main', image: 'registry.example.com/batch:1' }];
  const labels = { app: 'cart' };
  await client.create(`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'cart', namespace: NAMESPACE },
    spec: {
      replicas: active ? 3 : 1,
      serviceName: 'cart',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
  await client.create(`/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly', namespace: NAMESPACE },
    spec: {
      // Once a year: what is looked at is the schedule, and who may run it.
      schedule: '0 0 1 1 *',
      suspend: !active,
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers } } } },
    },
  });
}
