import type { JsonObject } from '../models/kube-api/index.ts';
import { fromConfigMap, type Manifest } from './manifests.ts';
import {
  balancerName,
  EAST,
  NAMESPACE,
  PLAN,
  REGIONS,
  SHOP_NAME,
  slotOf,
  otherRegion,
  WEST,
  ZONE,
  type RegionName,
} from './names.ts';

export interface PlanFacts {
  readonly frontDoorPort: number;
  readonly dependencyPort: number;
  readonly regions: Readonly<Record<RegionName, { readonly balancerPort: number; readonly postgresqlPort: number }>>;
}

const HOST = '127.0.0.1';

/** ms. */
export const OBJECTIVES = { rtoMs: 60_000, rpoMs: 2_000 } as const;

/** Every safe default stands (mode Auto, approval Forced, fencing Verified); only the times are short. */
export function planManifest(facts: PlanFacts): Manifest {
  return {
    file: '40-plan.yaml',
    objects: [
      {
        apiVersion: 'dr.maestro.io/v1alpha1',
        kind: 'DisasterRecoveryPlan',
        metadata: { name: PLAN, namespace: NAMESPACE },
        spec: {
          activeRegion: EAST,
          regions: [EAST, WEST],
          objectives: { rto: `${String(OBJECTIVES.rtoMs / 1_000)}s`, rpo: `${String(OBJECTIVES.rpoMs / 1_000)}s` },
          failover: { cooldown: '0s', drain: '1s', soak: '2s' },
          databases: [database(facts)],
          workloads: [
            {
              name: 'shop',
              uses: ['orders'],
              target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
              active: { replicasFrom: 'Source' },
              standby: { replicas: 1 },
            },
          ],
          traffic: [
            {
              name: 'public',
              route53: {
                hostedZoneId: ZONE.id,
                name: SHOP_NAME,
                type: 'CNAME',
                ttl: 3,
                values: byRegion((region) => [balancerName(region)]),
              },
            },
          ],
          dependencyChecks: [{ name: 'payments', http: { url: http(facts.dependencyPort, '/healthz') } }],
          smokeTests: [
            {
              name: 'place-order',
              when: 'BeforeTraffic',
              http: { urls: byRegion((region) => http(facts.regions[region].balancerPort, '/writable')) },
            },
            { name: 'front-door', when: 'AfterTraffic', http: { url: http(facts.frontDoorPort, '/writable') } },
          ],
          contacts: [{ role: 'DR Lead' }],
        },
      },
    ],
  };
}

function database(facts: PlanFacts): JsonObject {
  return {
    name: 'orders',
    postgresql: {
      database: 'shop',
      servers: byRegion((region) => ({
        host: HOST,
        port: facts.regions[region].postgresqlPort,
        secretRef: { name: `pg-${region}` },
        sslMode: 'verify-full',
        slot: slotOf(otherRegion(region)),
      })),
      applicationRoles: ['shop'],
      administrativeRoles: ['postgres'],
      replicationRoles: ['replicator'],
      applicationProbe: { secretRef: { name: 'pg-shop' }, table: 'orders' },
      rebuild: { jobTemplate: rebuildTemplate },
    },
  };
}

/** Makes the server of the Job's own region a standby of the new primary; the operator adds what it must know of that. */
const rebuildTemplate: JsonObject = {
  spec: {
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'rebuild',
            image: 'maestro-sandbox/rebuild:1',
            env: [
              fromConfigMap('MAESTRO_SANDBOX_SERVER', 'folder'),
              { name: 'PGPASSFILE', value: '/etc/postgresql/passfile' },
              { name: 'PGSSLROOTCERT', value: '/etc/postgresql/ca.crt' },
            ],
            volumeMounts: [{ name: 'replication', mountPath: '/etc/postgresql', readOnly: true }],
          },
        ],
        volumes: [{ name: 'replication', secret: { secretName: 'pg-replication' } }],
      },
    },
  },
};

function byRegion<T>(make: (region: RegionName) => T): Record<RegionName, T> {
  const [east, west] = REGIONS;
  return { [east]: make(east), [west]: make(west) };
}

function http(port: number, path: string): string {
  return `http://${HOST}:${String(port)}${path}`;
}
