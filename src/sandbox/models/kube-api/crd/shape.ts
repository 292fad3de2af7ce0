import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { Schema } from './schema.ts';

const EMBEDDED = Object.freeze(['apiVersion', 'kind', 'metadata']);

/** metav1.ObjectMeta: anything else in metadata is unknown. */
const METADATA = Object.freeze([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

/**
 * Prunes what the schema does not know and fills in defaults. Returns `value` itself where nothing had to change.
 * `unknown` is told each pruned path.
 */
export function shape(schema: Schema, value: Json, path: string, unknown: (path: string) => void, root = false): Json {
  if (isObject(value)) return shapeObject(schema, value, path, unknown, root);
  if (!isArray(value)) return value;
  const items = schema.items;
  if (items === undefined) return value;
  const shaped = value.map((item, index) => shape(items, item, `${path}[${String(index)}]`, unknown));
  return shaped.every((item, index) => item === value[index]) ? value : shaped;
}

function shapeObject(
  schema: Schema,
  value: JsonObject,
  path: string,
  unknown: (path: string) => void,
  root: boolean,
): JsonObject {
  // Copied only when something changes, which is rare: most writes are of what was shaped before.
  let copy: Record<string, Json> | undefined;
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  for (const [key, item] of Object.entries(value)) {
    const next = shapeEntry(schema, key, item, at(key), unknown, root);
    if (next === item) continue;
    copy ??= { ...value };
    if (next === undefined) Reflect.deleteProperty(copy, key);
    else copy[key] = next;
  }
  for (const [key, property] of Object.entries(schema.properties)) {
    if (property.fallback === undefined || Object.hasOwn(copy ?? value, key)) continue;
    copy ??= { ...value };
    copy[key] = shape(property, property.fallback, at(key), unknown);
  }
  return copy ?? value;
}

function shapeEntry(
  schema: Schema,
  key: string,
  item: Json,
  path: string,
  unknown: (path: string) => void,
  root: boolean,
): Json | undefined {
  if ((root || schema.embedded) && EMBEDDED.includes(key)) {
    return key === 'metadata' && isObject(item) ? pruneMetadata(item, path, unknown) : item;
  }
  const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  if (property !== undefined) {
    // A null where null is not allowed gives way to the default.
    if (item === null && !property.nullable && property.fallback !== undefined) return undefined;
    return shape(property, item, path, unknown);
  }
  if (typeof schema.additional === 'object') return shape(schema.additional, item, path, unknown);
  if (schema.additional || schema.preserve) return item;
  unknown(path);
  return undefined;
}

function pruneMetadata(metadata: JsonObject, path: string, unknown: (path: string) => void): JsonObject {
  const strange = Object.keys(metadata).filter((key) => !METADATA.includes(key));
  if (strange.length === 0) return metadata;
  for (const key of strange) unknown(`${path}.${key}`);
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !strange.includes(key)));
}
