/** Wire objects that the CRDs accept, small, for cases to change; and how to change them. */

export type Wire = Readonly<Record<string, unknown>>;

const apiVersion = 'dr.maestro.io/v1alpha1';

export const region: Wire = {
  apiVersion,
  kind: 'DisasterRecoveryRegion',
  metadata: { name: 'us-east-1' },
  spec: { cluster: { kubeconfigSecretRef: { name: 'us-east-1' } } },
};

const check = { url: 'https://idp.example.com/health' };

export const plan: Wire = {
  apiVersion,
  kind: 'DisasterRecoveryPlan',
  metadata: { name: 'checkout', namespace: 'payments' },
  spec: {
    activeRegion: 'us-east-1',
    regions: ['us-east-1', 'us-west-2'],
    objectives: { rto: '30m', rpo: '5m' },
    databases: [
      {
        name: 'orders',
        postgresql: {
          servers: {
            'us-east-1': { host: 'pg.use1', secretRef: { name: 'pg-use1' } },
            'us-west-2': { host: 'pg.usw2', secretRef: { name: 'pg-usw2' } },
          },
          applicationRoles: ['shop'],
          administrativeRoles: ['postgres'],
          replicationRoles: ['replicator'],
        },
      },
    ],
    workloads: [
      {
        name: 'api',
        uses: ['orders'],
        target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
        active: { replicasFrom: 'Source' },
        standby: { replicas: 1 },
      },
    ],
    traffic: [
      {
        name: 'public',
        route53: {
          hostedZoneId: 'Z123',
          name: 'checkout.example.com',
          type: 'CNAME',
          ttl: 30,
          values: { 'us-east-1': ['lb-use1.example.com'], 'us-west-2': ['lb-usw2.example.com'] },
        },
      },
    ],
    dependencyChecks: [{ name: 'idp', http: check }],
    smokeTests: [{ name: 'front-door', when: 'AfterTraffic', http: check }],
    contacts: [
      { role: 'DR Lead', name: 'Ana', slack: { secretRef: { name: 'dr-slack' } } },
      { role: 'On-call', webhook: { secretRef: { name: 'dr-pager' } } },
      { role: 'Legal' },
    ],
  },
};

export const approval: Wire = {
  gate: 'approve',
  by: 'ada',
  reason: 'the east is gone',
  evidenceHash: '0123456789abcdef',
};

export const run: Wire = {
  apiVersion,
  kind: 'DisasterRecoveryRun',
  metadata: { name: 'checkout-7', namespace: 'payments' },
  spec: {
    planRef: { name: 'checkout', uid: '7b8f3c9e-0000-4000-8000-000000000001' },
    epoch: 7,
    targetRegion: 'us-west-2',
    type: 'Failover',
    origin: 'PlanField',
  },
};

/**
 * A copy with the value at `path` replaced, or removed where it is undefined. Steps are keys, and indexes of lists.
 * @throws Error for a path that does not exist, so that a case cannot test nothing.
 */
export function changed<T>(object: T, path: string, value?: unknown): T {
  // Not structuredClone: parts that two fields share would stay shared.
  const copy = JSON.parse(JSON.stringify(object)) as T;
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  const parent = steps.reduce<unknown>((at, step) => (isMap(at) ? at[step] : undefined), copy);
  if (!isMap(parent)) throw new Error(`there is no ${path}`);
  if (value !== undefined) parent[last] = structuredClone(value);
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (!Reflect.deleteProperty(parent, last)) throw new Error(`${path} cannot be removed`);
  return copy;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
