import { east, host, regionNames, serverName, west, zoneId, type RegionName } from '../scenarios/names.ts';
import { ask } from '../scenarios/objects.ts';
import { createStage, type Stage, type StageOptions } from '../scenarios/stage.ts';

/** So many plans share a namespace, its Secrets and its ServiceAccount: a team's services. */
export const plansPerNamespace = 20;

export interface FleetOptions {
  readonly plans: number;
  /** The objectives of every plan. */
  readonly rpo: string;
  readonly rto: string;
  readonly config?: StageOptions['config'];
  readonly authorize?: StageOptions['authorize'];
}

const group = 'dr.maestro.io/v1alpha1';

/**
 * Plans that share nothing but the two clusters and the hosted zone: each has a PostgreSQL pair, two Deployments, and a
 * record of its own. Nobody orders anything: all that is on the wire is the operator's.
 */
export function createFleet({ plans, rpo, rto, config, authorize }: FleetOptions): Stage {
  const names = Array.from({ length: plans }, (_none, index) => `p${String(index).padStart(4, '0')}`);
  const stage = createStage({
    databases: names,
    withoutPlan: true,
    timeline: false,
    clientEveryMs: 1_000_000_000,
    ...(config === undefined ? {} : { config }),
    ...(authorize === undefined ? {} : { authorize }),
  });
  const namespaces = [...new Set(names.map((_name, index) => namespaceOf(index)))];
  for (const namespace of namespaces) seedNamespace(stage, namespace);
  for (const region of regionNames) grant(stage, region, namespaces);
  names.forEach((name, index) => {
    seedRecord(stage, name);
    // As every server has it beside the application's own.
    const beside = { tenants: ['postgres'] };
    stage.world.postgresql[name]?.alterCatalogue(serverName(name, east), (before) => ({ ...before, ...beside }));
    seedPlan(stage, name, namespaceOf(index), { rpo, rto });
  });
  return stage;
}

export function namespaceOf(index: number): string {
  return `team-${String(Math.floor(index / plansPerNamespace))}`;
}

function seedNamespace({ world }: Stage, name: string): void {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  for (const api of [world.management, ...regionNames.map((region) => world.clusters[region])]) {
    ask(api, 'POST', '/api/v1/namespaces', namespace);
  }
  for (const region of regionNames) {
    ask(world.management, 'POST', `/api/v1/namespaces/${name}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `pg-${region}` },
      type: 'Opaque',
      data: { username: encoded('maestro'), password: encoded('operator-password') },
    });
  }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

function grant({ world }: Stage, region: RegionName, namespaces: readonly string[]): void {
  const grants = namespaces.map((namespace) => ({ namespace, hostedZoneIds: [zoneId] }));
  const path = `/apis/${group}/disasterrecoveryregions/${region}`;
  ask(world.management, 'PATCH', path, { spec: { grants } });
}

type Objectives = Readonly<Record<'rpo' | 'rto', string>>;

function seedPlan({ world }: Stage, name: string, namespace: string, objectives: Objectives): void {
  for (const region of regionNames) {
    const active = region === east;
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    ask(world.clusters[region], 'POST', path, fleetDeployment(`${name}-api`, active ? 2 : 1));
    ask(world.clusters[region], 'POST', path, fleetDeployment(`${name}-worker`, active ? 1 : 0));
  }
  const path = `/apis/${group}/namespaces/${namespace}/disasterrecoveryplans`;
  ask(world.management, 'POST', path, fleetPlan(name, namespace, objectives));
}

export function fleetDeployment(name: string, replicas: number): unknown {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'shop', image: 'example/shop:1' }] } },
    },
  };
}

export interface FleetWorkload {
  readonly name: string;
  readonly uses: readonly string[];
  readonly target: unknown;
  readonly active: unknown;
  readonly standby: unknown;
}

export interface FleetPlan {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: unknown;
  readonly spec: {
    readonly workloads: readonly FleetWorkload[];
    readonly traffic: unknown;
    readonly [field: string]: unknown;
  };
}

/** As people would write it, names aside. `where` says how each region's database server is reached. */
export function fleetPlan(
  name: string,
  namespace: string,
  objectives: Objectives,
  where: (region: RegionName) => Readonly<Record<string, unknown>> = (region) => ({
    host: host(serverName(name, region)),
    sslMode: 'disable',
  }),
): FleetPlan {
  const servers = Object.fromEntries(
    regionNames.map((region) => [region, { secretRef: { name: `pg-${region}` }, ...where(region) }]),
  );
  const workload = (suffix: string, active: unknown, standby: number): FleetWorkload => ({
    name: suffix,
    uses: ['orders'],
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-${suffix}` },
    active,
    standby: { replicas: standby },
  });
  return {
    apiVersion: group,
    kind: 'DisasterRecoveryPlan',
    metadata: { name, namespace },
    spec: {
      activeRegion: east,
      regions: [east, west],
      objectives,
      databases: [
        {
          name: 'orders',
          postgresql: {
            database: 'shop',
            servers,
            applicationRoles: ['shop'],
            administrativeRoles: ['postgres'],
            replicationRoles: ['replicator'],
          },
        },
      ],
      workloads: [workload('api', { replicasFrom: 'Source' }, 1), workload('worker', { replicas: 1 }, 0)],
      traffic: [
        {
          name: 'public',
          route53: {
            hostedZoneId: zoneId,
            name: `${name}.example.com`,
            type: 'CNAME',
            ttl: 30,
            values: Object.fromEntries(regionNames.map((region) => [region, [`lb.${region}.example.net`]])),
          },
        },
      ],
    },
  };
}

function seedRecord({ world }: Stage, name: string): void {
  const set = {
    Name: `${name}.example.com`,
    Type: 'CNAME',
    TTL: 30,
    ResourceRecords: [{ Value: `lb.${east}.example.net` }],
  };
  const input = { HostedZoneId: zoneId, ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: set }] } };
  const caller = { region: 'us-east-1', accessKeyId: 'SOMEBODY' };
  const reply = world.route53.perform({ operation: 'ChangeResourceRecordSets', input, caller });
  if (reply.kind === 'refused') throw new Error(`${set.Name}: ${reply.refusal.messages.join(' ')}`);
}

/** How many of the fleet's plans are Ready. */
export function readyPlans({ world }: Stage): number {
  return world.management.hooks.list('dr.maestro.io/disasterrecoveryplans').filter((plan) => {
    const { conditions = [] } = (plan.status ?? {}) as {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  }).length;
}
