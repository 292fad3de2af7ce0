import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { SCHEMAS } from '../../scripts/manifest-schemas.ts';
import { at, isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';

export type Judge = (object: Wire) => readonly string[];

/**
 * What Kubernetes 1.35 would say to an object with `fieldValidation=Strict`: types, required fields, unknown fields. Empty:
 * nothing. Values it looks at beyond the schemas (a name's length, a selector that matches its template) are not among it.
 */
export function kubernetesJudge(): Judge {
  const file: unknown = JSON.parse(readFileSync(SCHEMAS, 'utf8'));
  const definitions = closed(at(file, 'definitions'), true);
  const kinds = at(file, 'kinds');
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'kubernetes', components: { schemas: definitions } });
  const compiled = new Map<string, ValidateFunction>();
  const compile = (key: string): ValidateFunction | undefined => {
    const kind = at(kinds, key);
    if (typeof kind === 'string') return ajv.getSchema(`kubernetes#/components/schemas/${kind}`);
    return isMap(kind) ? ajv.compile(top(closed(kind))) : undefined;
  };
  return (object) => {
    const key = `${String(object['apiVersion'])} ${String(object['kind'])}`;
    const validate = compiled.get(key) ?? compile(key);
    if (validate === undefined) return [`no schema for ${key}: add it to scripts/manifest-schemas.ts`];
    compiled.set(key, validate);
    if (validate(object)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
      [instancePath, message, String(params['additionalProperty'] ?? '')].join(' ').trim(),
    );
  };
}

/** Unknown fields are errors wherever fields are listed. `named`: these are schemas by name, not keywords. */
function closed(value: unknown, named = false): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => closed(item));
  if (!isMap(value)) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      !named && key === 'pattern' && typeof item === 'string'
        ? ofJavaScript(item)
        : closed(item, !named && key === 'properties'),
    ]),
  );
  if (named) return inner;
  const open = 'additionalProperties' in inner || inner['x-kubernetes-preserve-unknown-fields'] === true;
  return isMap(inner['properties']) && !open ? { ...inner, additionalProperties: false } : inner;
}

/** Go's `^(?i)…$` is `^(?i:…)$` here. */
const ofJavaScript = (pattern: string): string => pattern.replace(/^\^\(\?i\)(.*)\$$/, '^(?i:$1)$');

/** A CRD's schema leaves metadata to the API server. */
function top(schema: unknown): object {
  const properties = at(schema, 'properties');
  return {
    ...(isMap(schema) ? schema : {}),
    properties: { ...(isMap(properties) ? properties : {}), metadata: { type: 'object' } },
  };
}
