import { createAuthority } from '../../src/sandbox/certificates.ts';
import { createDelayRuntime, createKubeApi } from '../../src/sandbox/models/kube-api/index.ts';
import { kubeconfigFor } from '../../src/sandbox/wire/kube-api/kubeconfig.ts';
import { serveKubeApi } from '../../src/sandbox/wire/kube-api/index.ts';
import type { Program } from '../../src/sandbox/world/program.ts';
import { realTime } from '../sandbox/wire/kube-api/real-time.ts';
import { east, operatorToken, personToken, regionNames, type RegionName } from '../scenarios/names.ts';
import { ask } from '../scenarios/objects.ts';
import { createOperatorBed, namespaceOf as namespaceNamed, type OperatorBed } from '../support/operator-process.ts';
import { createPostgresqlPair, type PostgresqlPair } from '../support/postgresql.ts';
import { imageStart } from './image.ts';
import { fleetDeployment, fleetPlan, namespaceOf } from './fleet.ts';

const BUNDLE = new URL('../../dist/maestro-dr.cjs', import.meta.url).pathname;
const plansPath = (namespace: string): string =>
  `/apis/dr.maestro.io/v1alpha1/namespaces/${namespace}/disasterrecoveryplans`;

export const objectives = { rpo: '15m', rto: '4h' } as const;

/** Three API servers and a PostgreSQL pair on this machine, and the shipped bundle in a process of its own. */
export interface Estate {
  readonly bed: OperatorBed;
  readonly postgresql: PostgresqlPair;
  /** Plans `from` to `to`, the second exclusive, with their Deployments. Their databases are all on the one pair: nothing is moved here. */
  seed(from: number, to: number): void;
  /** The bundle, leading soon. */
  start(): Promise<Program>;
  /** How many plans say Ready=True. */
  ready(): number;
  /** How many runbooks lie in the regions' clusters: four for each plan, once the operator has nothing left to do. */
  runbooks(): number;
  /** Where a plan's object is. */
  pathOf(index: number): string;
  end(): Promise<void>;
}

export async function createEstate(): Promise<Estate> {
  const bed = await createOperatorBed(['operator']);
  const postgresql = await createPostgresqlPair();
  const clusters = { [east]: await cluster(east), [regionNames[1]]: await cluster(regionNames[1]) };
  const seeded = new Set<string>();
  const image = imageStart();
  for (const region of regionNames) addRegion(bed, region, clusters[region].kubeconfig);
  const addNamespace = (name: string): void => {
    seeded.add(name);
    for (const api of [bed.api, ...regionNames.map((region) => clusters[region].api)]) {
      ask(api, 'POST', '/api/v1/namespaces', namespaceNamed(name));
    }
    for (const region of regionNames) {
      bed.person('POST', `/api/v1/namespaces/${name}/secrets`, databaseSecret(postgresql, region));
    }
  };
  return {
    bed,
    postgresql,
    seed(from, to) {
      for (let index = from; index < to; index += 1) {
        const namespace = namespaceOf(index);
        if (!seeded.has(namespace)) addNamespace(namespace);
        for (const region of regionNames) {
          const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
          for (const suffix of ['api', 'worker']) {
            ask(clusters[region].api, 'POST', path, fleetDeployment(`${nameOf(index)}-${suffix}`, 1));
          }
        }
        bed.person('POST', plansPath(namespace), planOn(postgresql, nameOf(index), namespace));
      }
    },
    start: () => bed.start('operator', BUNDLE, { ...image.env, ...environment }, image.flags),
    ready: () => readyPlans(bed),
    runbooks: () => regionNames.reduce((total, region) => total + runbooksIn(clusters[region]), 0),
    pathOf: (index) => `${plansPath(namespaceOf(index))}/${nameOf(index)}`,
    end: async () => {
      await bed.end();
      await Promise.all(regionNames.map((region) => clusters[region].end()));
      await postgresql.end();
    },
  };
}

/** The defaults of production, but for AWS, which is not there: nothing here moves traffic. */
const environment = {
  AWS_ENDPOINT_URL_ROUTE_53: 'http://127.0.0.1:9',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_REGION: east,
  AWS_EC2_METADATA_DISABLED: 'true',
} as const;

export function nameOf(index: number): string {
  return `p${String(index).padStart(4, '0')}`;
}

interface Served {
  readonly api: ReturnType<typeof createKubeApi>;
  readonly kubeconfig: string;
  end(): Promise<void>;
}

async function cluster(name: RegionName): Promise<Served> {
  const authority = await createAuthority(name);
  const tls = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const api = createKubeApi({
    name,
    time: realTime,
    clusterUid: `uid-of-${name}`,
    pods: createDelayRuntime({ time: realTime, readyDelayMs: 50, stopDelayMs: 20 }),
    tokens: { [operatorToken]: 'operator', [personToken]: 'ana' },
  });
  const served = await serveKubeApi(api, { tls });
  return {
    api,
    kubeconfig: kubeconfigFor({ server: served.url, ca: authority.ca, token: operatorToken }),
    end: async () => {
      api.destroy();
      await served.close();
    },
  };
}

function addRegion(bed: OperatorBed, region: RegionName, kubeconfig: string): void {
  bed.person('POST', '/api/v1/namespaces/maestro-dr-system/secrets', secret(region, { kubeconfig }));
  bed.person('POST', '/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions', {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRegion',
    metadata: { name: region },
    spec: { cluster: { kubeconfigSecretRef: { name: region } } },
  });
}

function databaseSecret({ credentials, ca }: PostgresqlPair, region: RegionName): unknown {
  return secret(`pg-${region}`, { username: 'maestro', password: credentials.maestro, 'ca.crt': ca });
}

function secret(name: string, data: Readonly<Record<string, string>>): unknown {
  const encoded = Object.entries(data).map(([key, value]): [string, string] => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', data: Object.fromEntries(encoded) };
}

/** Without a record: there is no zone here. */
function planOn({ east: primary, west: standby }: PostgresqlPair, name: string, namespace: string): unknown {
  const plan = fleetPlan(name, namespace, objectives, (region) => ({
    host: '127.0.0.1',
    port: region === east ? primary.port : standby.port,
    sslMode: 'verify-full',
  }));
  const { traffic: _traffic, ...spec } = plan.spec;
  return { ...plan, spec };
}

function runbooksIn({ api }: Served): number {
  return api.hooks.list('/configmaps').filter(({ metadata }) => isRunbook(metadata)).length;
}

function isRunbook(metadata: unknown): boolean {
  return (metadata as { readonly name: string }).name.includes('-runbook-');
}

function readyPlans({ api }: OperatorBed): number {
  return api.hooks.list('dr.maestro.io/disasterrecoveryplans').filter((plan) => {
    const { conditions = [] } = (plan.status ?? {}) as {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  }).length;
}
