import { fromBase64 } from '../builtin/core.ts';
import { at, arrayAt, isObject, numberAt, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import type { RunnableContainer } from '../pod-runtime.ts';

/** Where a pod's ConfigMaps and Secrets are read: the model's store, or what was read of a real API server. */
export interface ObjectSource {
  get(
    storage: '/configmaps' | '/secrets',
    namespace: string,
    name: string,
  ): { readonly object: JsonObject } | undefined;
}

/** `missing` says which reference could not be read, in the kubelet's words. */
export interface PodEnvironment {
  readonly containers: readonly RunnableContainer[];
  readonly missing: string | undefined;
}

interface Lookup {
  readonly store: ObjectSource;
  readonly pod: JsonObject;
  readonly namespace: string;
  readonly missing: string[];
}

export function environmentOf(store: ObjectSource, pod: JsonObject): PodEnvironment {
  const lookup: Lookup = { store, pod, namespace: stringAt(pod, 'metadata', 'namespace') ?? '', missing: [] };
  const containers = objectsAt(pod, 'spec', 'containers').map((container): RunnableContainer => ({
    name: stringAt(container, 'name') ?? '',
    image: stringAt(container, 'image') ?? '',
    command: texts(container, 'command'),
    args: texts(container, 'args'),
    env: variables(lookup, container),
    ports: objectsAt(container, 'ports').map((port) => numberAt(port, 'containerPort') ?? 0),
  }));
  return { containers, missing: lookup.missing[0] };
}

function texts(container: JsonObject, key: string): readonly string[] {
  return arrayAt(container, key).filter((one) => typeof one === 'string');
}

function variables(lookup: Lookup, container: JsonObject): Record<string, string> {
  const env: Record<string, string> = {};
  for (const source of objectsAt(container, 'envFrom')) {
    const prefix = stringAt(source, 'prefix') ?? '';
    for (const kind of ['configMapRef', 'secretRef'] as const) {
      const reference = source[kind];
      if (!isObject(reference)) continue;
      const data = dataOf(lookup, kind === 'secretRef' ? 'secret' : 'configmap', reference);
      for (const [key, value] of Object.entries(data ?? {})) env[`${prefix}${key}`] = value;
    }
  }
  for (const variable of objectsAt(container, 'env')) {
    const value = stringAt(variable, 'value') ?? referenced(lookup, objectAt(variable, 'valueFrom'));
    if (value !== undefined) env[stringAt(variable, 'name') ?? ''] = expand(value, env);
  }
  return env;
}

/** `$(NAME)` of a variable defined before. */
function expand(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (whole, name: string) => env[name] ?? whole);
}

function referenced(lookup: Lookup, from: JsonObject): string | undefined {
  const field = stringAt(from, 'fieldRef', 'fieldPath');
  if (field !== undefined) return fieldOf(lookup.pod, field);
  for (const [key, kind] of [
    ['secretKeyRef', 'secret'],
    ['configMapKeyRef', 'configmap'],
  ] as const) {
    const reference = from[key];
    if (!isObject(reference)) continue;
    const wanted = stringAt(reference, 'key') ?? '';
    const data = dataOf(lookup, kind, reference);
    const value = data?.[wanted];
    if (data !== undefined && value === undefined && reference['optional'] !== true) {
      const name = kind === 'secret' ? 'Secret' : 'ConfigMap';
      lookup.missing.push(
        `couldn't find key ${wanted} in ${name} ${lookup.namespace}/${stringAt(reference, 'name') ?? ''}`,
      );
    }
    return value;
  }
  return '';
}

function fieldOf(pod: JsonObject, path: string): string {
  const indexed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  const keys = indexed === null ? path.split('.') : ['metadata', indexed[1] ?? '', indexed[2] ?? ''];
  const value = at(pod, ...keys);
  return typeof value === 'string' ? value : '';
}

function dataOf(
  lookup: Lookup,
  kind: 'secret' | 'configmap',
  reference: JsonObject,
): Record<string, string> | undefined {
  const name = stringAt(reference, 'name') ?? '';
  const found = lookup.store.get(kind === 'secret' ? '/secrets' : '/configmaps', lookup.namespace, name);
  if (found === undefined) {
    if (reference['optional'] !== true) lookup.missing.push(`${kind} "${name}" not found`);
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(objectAt(found.object, 'data')).map(([key, value]) => {
      const text = typeof value === 'string' ? value : '';
      return [key, kind === 'secret' ? fromBase64(text) : text];
    }),
  );
}
