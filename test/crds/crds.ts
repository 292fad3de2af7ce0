import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Wire } from './objects.ts';

const folder = new URL('../../crds/', import.meta.url);

export function isMap(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isMap(found) ? found[key] : undefined), value);
}

export interface CrdFile {
  readonly file: string;
  readonly kind: string;
  readonly object: Wire;
  /** openAPIV3Schema of the one version. */
  readonly schema: Wire;
  readonly version: Wire;
}

/** All of crds/, by kind. */
export function readCrds(): ReadonlyMap<string, CrdFile> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((file): CrdFile => {
      const object: unknown = parse(readFileSync(new URL(file, folder), 'utf8'));
      const versions = at(object, 'spec', 'versions');
      const version: unknown = Array.isArray(versions) && versions.length === 1 ? versions[0] : undefined;
      const schema = at(version, 'schema', 'openAPIV3Schema');
      const kind = at(object, 'spec', 'names', 'kind');
      if (!isMap(object) || !isMap(version) || !isMap(schema) || typeof kind !== 'string') {
        throw new Error(`${file} is no CustomResourceDefinition with one version`);
      }
      return { file, kind, object, schema, version };
    });
  return new Map(files.map((crd) => [crd.kind, crd]));
}

/** Visits a schema and everything below it. `path` is as in `kubectl explain`, with [] for items and {} for values. */
export function visit(schema: Wire, path: string, see: (schema: Wire, path: string) => void): void {
  see(schema, path);
  for (const [name, property] of Object.entries(isMap(schema['properties']) ? schema['properties'] : {})) {
    if (isMap(property)) visit(property, path === '' ? name : `${path}.${name}`, see);
  }
  if (isMap(schema['items'])) visit(schema['items'], `${path}[]`, see);
  if (isMap(schema['additionalProperties'])) visit(schema['additionalProperties'], `${path}{}`, see);
}
