import { stringify } from 'yaml';
import type { JsonObject } from '../models/kube-api/index.ts';
import { NAMESPACE, OPERATOR_NAMESPACE, REGIONS, ZONE, type RegionName } from './names.ts';

/** Objects of one file, in the order in which they are applied. */
export interface Manifest {
  readonly file: string;
  readonly objects: readonly JsonObject[];
}

export interface RegionFacts {
  readonly kubeconfig: string;
  readonly edgePort: number;
  readonly postgresql: { readonly port: number; readonly folder: string };
}

export interface Passwords {
  readonly maestro: string;
  readonly replicator: string;
  readonly shop: string;
}

export interface ManifestFacts {
  readonly ca: string;
  readonly passwords: Passwords;
  readonly regions: Readonly<Record<RegionName, RegionFacts>>;
}

const HOST = '127.0.0.1';

export function manifestText(manifest: Manifest): string {
  return manifest.objects.map((object) => stringify(object)).join('---\n');
}

/** Into the management cluster: namespaces, Secrets and Regions; the plan comes last, from plan.ts. */
export function managementManifests({ ca, passwords, regions }: ManifestFacts): readonly Manifest[] {
  return [
    { file: '00-namespaces.yaml', objects: [namespace(OPERATOR_NAMESPACE), namespace(NAMESPACE)] },
    {
      file: '10-kubeconfigs.yaml',
      objects: REGIONS.map((name) => secret(OPERATOR_NAMESPACE, name, { kubeconfig: regions[name].kubeconfig })),
    },
    {
      file: '20-database-secrets.yaml',
      objects: [
        ...REGIONS.map((name) =>
          secret(NAMESPACE, `pg-${name}`, { username: 'maestro', password: passwords.maestro, 'ca.crt': ca }),
        ),
        secret(NAMESPACE, 'pg-shop', { username: 'shop', password: passwords.shop }),
      ],
    },
    { file: '30-regions.yaml', objects: REGIONS.map((name) => region(name, regions[name])) },
  ];
}

/** Into a region's own cluster: what the plan moves, and what the operator may use there. */
export function regionManifests(
  name: RegionName,
  { ca, passwords, regions }: ManifestFacts,
  replicas: number,
): readonly Manifest[] {
  const { postgresql } = regions[name];
  return [
    {
      file: '00-namespace.yaml',
      objects: [
        namespace(NAMESPACE),
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'maestro-dr', namespace: NAMESPACE } },
      ],
    },
    {
      file: '10-database.yaml',
      objects: [
        secret(NAMESPACE, 'pg-shop', { password: passwords.shop, 'ca.crt': ca }),
        secret(NAMESPACE, 'pg-replication', { passfile: `*:*:*:replicator:${passwords.replicator}\n`, 'ca.crt': ca }),
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'postgresql', namespace: NAMESPACE },
          data: { host: HOST, port: String(postgresql.port), folder: postgresql.folder, region: name },
        },
      ],
    },
    { file: '20-shop.yaml', objects: [shop(replicas)] },
  ];
}

function namespace(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function secret(inNamespace: string, name: string, data: Readonly<Record<string, string>>): JsonObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')] as const);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: inNamespace },
    type: 'Opaque',
    data: Object.fromEntries(encoded),
  };
}

function region(name: RegionName, { edgePort }: RegionFacts): JsonObject {
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRegion',
    metadata: { name },
    spec: {
      cluster: { kubeconfigSecretRef: { name } },
      aws: { region: name },
      probes: [{ name: 'edge', http: { url: `http://${HOST}:${String(edgePort)}/healthz`, timeout: '1s' } }],
      grants: [{ namespace: NAMESPACE, hostedZoneIds: [ZONE.id] }],
    },
  };
}

/** The same in both regions but for the number of pods: what differs lies in the region's ConfigMap. */
function shop(replicas: number): JsonObject {
  const labels = { app: 'shop' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', namespace: NAMESPACE, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'shop',
              image: 'maestro-sandbox/shop:1',
              env: [
                fromConfigMap('REGION', 'region'),
                fromConfigMap('PGHOST', 'host'),
                fromConfigMap('PGPORT', 'port'),
                { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'pg-shop', key: 'password' } } },
                { name: 'PGSSLROOTCERT', value: '/etc/shop/ca.crt' },
              ],
              readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
              volumeMounts: [{ name: 'tls', mountPath: '/etc/shop', readOnly: true }],
            },
          ],
          volumes: [{ name: 'tls', secret: { secretName: 'pg-shop' } }],
        },
      },
    },
  };
}

export function fromConfigMap(variable: string, key: string): JsonObject {
  return { name: variable, valueFrom: { configMapKeyRef: { name: 'postgresql', key } } };
}
