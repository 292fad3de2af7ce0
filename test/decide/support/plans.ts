import type {
  FailoverPolicy,
  HttpExpectation,
  Plan,
  PlanSpec,
  PostgresqlDatabase,
  Route53Record,
  SmokeTest,
  Workload,
} from '../../../src/api/plan.ts';

export const east = 'us-east-1';
export const west = 'us-west-2';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

export function aDatabase(name = 'orders', over: Partial<PostgresqlDatabase> = {}): PostgresqlDatabase {
  const server = (host: string, slot: string) =>
    ({ host, port: 5432, secretRef: { name: `${name}-pg` }, sslMode: 'verify-full', slot }) as const;
  return {
    kind: 'postgresql',
    name,
    database: name,
    servers: { [east]: server(`${name}.use1`, 'to_west'), [west]: server(`${name}.usw2`, 'to_east') },
    applicationRoles: ['shop'],
    administrativeRoles: ['postgres'],
    replicationRoles: ['replicator'],
    applicationProbe: { secretRef: { name: 'pg-shop' }, table: 'orders' },
    rebuild: { jobTemplate: { spec: {} } },
    ...over,
  };
}

export function aWorkload(name: string, over: Partial<Workload> = {}): Workload {
  return {
    name,
    wave: 1,
    uses: [],
    quiesce: false,
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    active: { replicas: 6 },
    standby: { replicas: 1 },
    ...over,
  };
}

/** As parse-plan reads one. */
export function aCronJob(name: string, over: Partial<Workload> = {}): Workload {
  return aWorkload(name, {
    uses: ['orders'],
    quiesce: true,
    target: { apiVersion: 'batch/v1', kind: 'CronJob', name },
    active: { replicasFrom: 'Source' },
    standby: { replicas: 0 },
    ...over,
  });
}

export function aRecord(name = 'public', over: Partial<Route53Record> = {}): Route53Record {
  return {
    kind: 'route53',
    name,
    hostedZoneId: 'Z123',
    recordName: `${name}.example.com`,
    type: 'CNAME',
    ttl: 30,
    values: { [east]: ['lb-use1.example.com'], [west]: ['lb-usw2.example.com'] },
    ...over,
  };
}

export function anExpectation(url: string, over: Partial<HttpExpectation> = {}): HttpExpectation {
  return {
    url,
    method: 'GET',
    headers: {},
    statuses: [],
    timeoutMs: 5 * second,
    successes: 2,
    ...over,
  };
}

export function aSmokeTest(name: string, when: SmokeTest['when']): SmokeTest {
  return {
    name,
    when,
    http: { [east]: anExpectation(`https://use1/${name}`), [west]: anExpectation(`https://usw2/${name}`) },
  };
}

export const failover: FailoverPolicy = {
  mode: 'Auto',
  approval: 'Forced',
  fencing: 'Verified',
  cooldownMs: hour,
  drainMs: 30 * second,
  soakMs: 30 * second,
  deadlines: {
    quiesce: minute,
    fence: 2 * minute,
    position: 5 * minute,
    promote: 5 * minute,
    workloads: 10 * minute,
    traffic: 5 * minute,
  },
};

/** The plan of DESIGN.md §1 as far as there are drivers for it: the safe defaults, one thing of each kind. */
export function aSpec(over: Partial<PlanSpec> = {}): PlanSpec {
  return {
    identity: 'payments/checkout',
    activeRegion: east,
    enforcement: 'Act',
    regions: [east, west],
    objectives: { rtoMs: 30 * minute, rpoMs: 5 * minute, clockStart: 'Declared' },
    failover,
    databases: [aDatabase()],
    workloads: [
      aWorkload('api', { uses: ['orders'], active: { replicasFrom: 'Source' } }),
      aWorkload('billing-worker', { quiesce: true, active: { replicas: 2 }, standby: { replicas: 0 } }),
    ],
    traffic: [aRecord()],
    dependencyChecks: [{ name: 'idp', http: anExpectation('https://idp.example.com/health') }],
    smokeTests: [aSmokeTest('place-order', 'BeforeTraffic'), aSmokeTest('front-door', 'AfterTraffic')],
    contacts: [],
    ...over,
  };
}

export function withFailover(over: Partial<FailoverPolicy>, spec: PlanSpec = aSpec()): PlanSpec {
  return { ...spec, failover: { ...spec.failover, ...over } };
}

/** Nothing to fence and nothing to promote. */
export function stateless(over: Partial<PlanSpec> = {}): PlanSpec {
  return aSpec({
    databases: [],
    workloads: [
      aWorkload('api', { active: { replicasFrom: 'Source' } }),
      aWorkload('billing-worker', { quiesce: true, active: { replicas: 2 }, standby: { replicas: 0 } }),
    ],
    ...over,
  });
}

export function aPlan(spec: PlanSpec = aSpec(), over: Partial<Plan> = {}): Plan {
  return {
    namespace: 'payments',
    name: 'checkout',
    uid: 'plan-uid',
    generation: 3,
    resourceVersion: '100',
    deleting: false,
    historyLimit: 20,
    spec,
    ...over,
  };
}
