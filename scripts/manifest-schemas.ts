import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './build.ts';

/*
 * Trims the schemas of the kinds that this project's manifests use out of the Go modules that carry them, so that the
 * manifests are validated with Node alone. Needs Go and its module proxy: npm run schemas
 */
const KUBERNETES = { module: 'k8s.io/kubernetes', version: 'v1.35.4' };
const PROMETHEUS_OPERATOR = { module: 'github.com/prometheus-operator/prometheus-operator', version: 'v0.82.0' };
export const SCHEMAS = join(ROOT, 'test/packaging/schemas-1.35.json');

const KINDS: Readonly<Record<string, readonly string[]>> = {
  api__v1: ['Namespace', 'ServiceAccount', 'Secret', 'ConfigMap', 'Service'],
  apis__apps__v1: ['Deployment'],
  'apis__rbac.authorization.k8s.io__v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  apis__policy__v1: ['PodDisruptionBudget'],
  'apis__networking.k8s.io__v1': ['NetworkPolicy'],
  'apis__apiextensions.k8s.io__v1': ['CustomResourceDefinition'],
};
const MONITORING = ['servicemonitors', 'prometheusrules'];

type Json = Readonly<Record<string, unknown>>;
export interface Schemas {
  readonly notice: string;
  /** Definition by its name in Kubernetes' OpenAPI. */
  readonly definitions: Readonly<Record<string, Json>>;
  /** Definition's name, or a schema of its own, by `apiVersion kind`. */
  readonly kinds: Readonly<Record<string, string | Json>>;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((found, key) => (isJson(found) ? found[key] : undefined), value);

/** @throws Error where Go cannot bring the module. */
function folderOf({ module, version }: typeof KUBERNETES): string {
  const { stdout, stderr, status } = spawnSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '-mod=mod' },
    timeout: 300_000,
  });
  const folder: unknown = status === 0 ? at(JSON.parse(stdout), 'Dir') : undefined;
  if (typeof folder !== 'string') throw new Error(`go brings no ${module}@${version}: ${stderr}${stdout}`);
  return folder;
}

/** Without the prose, which is most of it. A property that is called description stays. */
function trimmed(value: unknown, names = false): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => trimmed(item));
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => names || key !== 'description' || typeof inner !== 'string')
      .map(([key, inner]) => [key, trimmed(inner, !names && (key === 'properties' || key === 'definitions'))]),
  );
}

function referencesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => referencesIn(item));
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner.slice(inner.lastIndexOf('/') + 1)] : referencesIn(inner),
  );
}

function take(all: Json, roots: readonly string[]): Record<string, Json> {
  const taken: Record<string, Json> = {};
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const definition = all[name];
    if (name in taken || !isJson(definition)) continue;
    taken[name] = trimmed(definition) as Json;
    open.push(...referencesIn(definition));
  }
  return taken;
}

function ofKubernetes(folder: string): Pick<Schemas, 'definitions' | 'kinds'> {
  const definitions: Record<string, Json> = {};
  const kinds: Record<string, string> = {};
  for (const [file, wanted] of Object.entries(KINDS)) {
    const text = readFileSync(join(folder, 'api/openapi-spec/v3', `${file}_openapi.json`), 'utf8');
    const all = at(JSON.parse(text), 'components', 'schemas');
    if (!isJson(all)) throw new Error(`${file} has no schemas`);
    for (const kind of wanted) {
      const [name] = Object.entries(all).find(([name, schema]) => name.endsWith(`.${kind}`) && isTop(schema)) ?? [];
      if (name === undefined) throw new Error(`${file} has no ${kind}`);
      kinds[`${apiVersionOf(file)} ${kind}`] = name;
      Object.assign(definitions, take(all, [name]));
    }
  }
  return { definitions, kinds };
}

const isTop = (schema: unknown): boolean => at(schema, 'x-kubernetes-group-version-kind') !== undefined;
const apiVersionOf = (file: string): string => file.replace(/^apis?__/, '').replace('__', '/');

function ofPrometheusOperator(folder: string): Record<string, Json> {
  return Object.fromEntries(
    MONITORING.map((plural) => {
      const file = `monitoring.coreos.com_${plural}.yaml`;
      const crd: unknown = parse(readFileSync(join(folder, 'example/prometheus-operator-crd', file), 'utf8'));
      const versions = at(crd, 'spec', 'versions');
      const version: unknown = Array.isArray(versions) ? versions.at(0) : undefined;
      const schema = at(version, 'schema', 'openAPIV3Schema');
      const kind = at(crd, 'spec', 'names', 'kind');
      if (!isJson(schema) || typeof kind !== 'string') throw new Error(`${file} has no schema`);
      return [`monitoring.coreos.com/v1 ${kind}`, trimmed(schema) as Json];
    }),
  );
}

/** What the checked-in file holds; make test-tools compares the two. */
export function manifestSchemas(): Schemas {
  const kubernetes = ofKubernetes(folderOf(KUBERNETES));
  const notice = [
    `Trimmed copies (descriptions left out) of api/openapi-spec/v3 of ${KUBERNETES.module} ${KUBERNETES.version},`,
    `copyright The Kubernetes Authors, and of example/prometheus-operator-crd of ${PROMETHEUS_OPERATOR.module}`,
    `${PROMETHEUS_OPERATOR.version}, copyright The prometheus-operator Authors; both under the Apache License 2.0 (LICENSE).`,
    'Made by scripts/manifest-schemas.ts.',
  ].join(' ');
  return {
    notice,
    definitions: kubernetes.definitions,
    kinds: { ...kubernetes.kinds, ...ofPrometheusOperator(folderOf(PROMETHEUS_OPERATOR)) },
  };
}

if (import.meta.main) writeFileSync(SCHEMAS, `${JSON.stringify(manifestSchemas())}\n`);
