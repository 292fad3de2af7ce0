import type { ApiResponse, KubeApi } from '../../src/sandbox/models/kube-api/index.ts';
import {
  east,
  host,
  personToken,
  recordName,
  regionNames,
  serverName,
  west,
  zoneId,
  type RegionName,
} from './names.ts';
import type { World } from './world.ts';

export interface Seed {
  /** Names of the plan's databases. */
  readonly databases: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** Of the record as it lives at first, where that is not what the plan says; seconds. */
  readonly liveTtl?: number;
  /** Merged into the plan's spec. */
  readonly plan?: Readonly<Record<string, unknown>>;
  /** Also made: other plans, as whole objects. */
  readonly alsoPlans?: readonly Readonly<Record<string, unknown>>[];
  /** Also made in each region, beside the Deployments. */
  readonly also?: readonly AlsoMade[];
  /** How long the pods of Jobs run, ms. */
  readonly jobMs?: number;
  /** Not made by the seed: a scenario makes the plan itself. */
  readonly withoutPlan?: boolean;
}

/** An object of a region's cluster: `/apis/apps/v1/…/statefulsets` and what it is in that region. */
export interface AlsoMade {
  readonly groupVersion: string;
  readonly plural: string;
  readonly object: (region: RegionName) => Readonly<Record<string, unknown>>;
}

export const planNamespace = 'payments';
export const planName = 'checkout';

/** One request of a person's, answered by the API server itself. @throws Error where it was refused. */
export function ask(
  api: KubeApi,
  method: string,
  path: string,
  body?: unknown,
  agent = 'kubectl-patch/v1.34.0',
): Readonly<Record<string, unknown>> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const response: ApiResponse = api.handle({
    method,
    path,
    headers: {
      authorization: `Bearer ${personToken}`,
      'content-type': type,
      accept: 'application/json',
      'user-agent': agent,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!('body' in response)) throw new Error('a person does not watch');
  if (response.status >= 300) throw new Error(`${method} ${path}: ${String(response.status)} ${response.body}`);
  return JSON.parse(response.body) as Readonly<Record<string, unknown>>;
}

export const plansPath = `/apis/dr.maestro.io/v1alpha1/namespaces/${planNamespace}/disasterrecoveryplans`;
export const runsPath = `/apis/dr.maestro.io/v1alpha1/namespaces/${planNamespace}/disasterrecoveryruns`;

export function seedObjects(world: World, seed: Seed): void {
  const { management } = world;
  for (const name of ['maestro-dr-system', planNamespace]) {
    ask(management, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const region of regionNames) {
    secret(management, 'maestro-dr-system', region, { kubeconfig: kubeconfig(region) });
    ask(management, 'POST', '/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions', {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRegion',
      metadata: { name: region },
      spec: {
        cluster: { kubeconfigSecretRef: { name: region } },
        aws: { region },
        probes: [{ name: 'edge', http: { url: `https://edge.${region}.example.net/healthz` } }],
        grants: [{ namespace: planNamespace, hostedZoneIds: [zoneId] }],
      },
    });
    const cluster = world.clusters[region];
    ask(cluster, 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: planNamespace },
    });
    ask(
      cluster,
      'POST',
      `/apis/apps/v1/namespaces/${planNamespace}/deployments`,
      deployment('api', region === east ? 3 : 1),
    );
    ask(
      cluster,
      'POST',
      `/apis/apps/v1/namespaces/${planNamespace}/deployments`,
      deployment('worker', region === east ? 2 : 0),
    );
    for (const { groupVersion, plural, object } of seed.also ?? []) {
      ask(cluster, 'POST', `/apis/${groupVersion}/namespaces/${planNamespace}/${plural}`, object(region));
    }
  }
  for (const region of regionNames) {
    secret(management, planNamespace, `pg-${region}`, { username: 'maestro', password: 'operator-password' });
  }
  secret(management, planNamespace, 'pg-shop', { username: 'shop', password: 'shop-password' });
  if (seed.withoutPlan !== true) ask(management, 'POST', plansPath, planObject(seed));
  for (const plan of seed.alsoPlans ?? []) ask(management, 'POST', plansPath, plan);
}

export function secret(api: KubeApi, namespace: string, name: string, data: Readonly<Record<string, string>>): void {
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  ask(api, 'POST', `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'Opaque',
    data: encoded,
  });
}

/** Of an API server in the simulation. */
export function kubeconfig(cluster: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server: `https://api.${cluster}.sandbox:6443` } }],
    users: [{ name: 'x', user: { token: 'operator-token' } }],
  });
}

function deployment(name: string, replicas: number): unknown {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image: 'example/shop:1' }] } },
    },
  };
}

/** The plan of DESIGN.md §1, with times that a story can be told in. */
export function planObject(seed: Seed): Readonly<Record<string, unknown>> {
  const smoke = Object.fromEntries(regionNames.map((region) => [region, `https://lb.${region}.example.net/order`]));
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryPlan',
    metadata: { name: planName, namespace: planNamespace },
    spec: {
      activeRegion: east,
      regions: [east, west],
      objectives: { rto: '15m', rpo: '30s' },
      failover: { cooldown: '10m', drain: '5s', soak: '5s' },
      databases: seed.databases.map((name) => ({
        name,
        postgresql: {
          database: 'shop',
          servers: Object.fromEntries(
            regionNames.map((region) => [
              region,
              {
                host: host(serverName(name, region)),
                secretRef: { name: `pg-${region}` },
                sslMode: 'disable',
                slot: serverName(name, region === east ? west : east).replaceAll('-', '_'),
              },
            ]),
          ),
          applicationRoles: ['shop'],
          administrativeRoles: ['postgres'],
          replicationRoles: ['replicator'],
          applicationProbe: { secretRef: { name: 'pg-shop' }, table: 'orders' },
          rebuild: {
            jobTemplate: {
              spec: {
                template: {
                  spec: { restartPolicy: 'Never', containers: [{ name: 'rebuild', image: 'example/rebuild:1' }] },
                },
              },
            },
          },
        },
      })),
      workloads: [
        {
          name: 'api',
          wave: 1,
          uses: [...seed.databases],
          target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
          active: { replicasFrom: 'Source' },
          standby: { replicas: 1 },
        },
        {
          name: 'worker',
          wave: 2,
          quiesce: true,
          uses: [...seed.databases],
          target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' },
          active: { replicas: 2 },
          standby: { replicas: 0 },
        },
      ],
      traffic: [
        {
          name: 'public',
          route53: {
            hostedZoneId: zoneId,
            name: recordName,
            type: 'CNAME',
            ttl: seed.ttl,
            values: Object.fromEntries(regionNames.map((region) => [region, [`lb.${region}.example.net`]])),
          },
        },
      ],
      dependencyChecks: [{ name: 'idp', http: { url: 'https://idp.example.net/health' } }],
      smokeTests: [
        { name: 'place-order', when: 'BeforeTraffic', http: { urls: smoke } },
        { name: 'front-door', when: 'AfterTraffic', http: { url: `https://${recordName}/order` } },
      ],
      ...seed.plan,
    },
  };
}
