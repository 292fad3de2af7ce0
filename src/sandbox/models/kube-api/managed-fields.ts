import { compact, equal, isObject, objectAt, objectsAt, stringAt, withAt, type Json, type JsonObject } from './json.ts';
import { timestamp } from './timestamp.ts';

/** Who writes: the manager's name, at (wall ms), through which subresource. */
export interface FieldWrite {
  readonly manager: string;
  readonly now: number;
  readonly subresource: string | undefined;
  readonly apiVersion: string;
}

const UNMANAGED = Object.freeze(['apiVersion', 'kind']);
const MANAGED_METADATA = Object.freeze(['labels', 'annotations', 'finalizers', 'ownerReferences']);

/**
 * metadata.managedFields after an Update: the manager owns the fields that it changed, the others lose them. Lists are
 * owned as wholes, where the real server owns the items of associative lists one by one.
 */
export function manageFields(next: JsonObject, old: JsonObject | undefined, write: FieldWrite): JsonObject {
  const changed = changes(owned(next), old === undefined ? undefined : owned(old));
  const replaced = old === undefined ? undefined : changes(owned(old), owned(next));
  const before = objectsAt(old, 'metadata', 'managedFields');
  if (changed === undefined && replaced === undefined) {
    return withAt(next, ['metadata', 'managedFields'], before.length > 0 ? before : undefined);
  }
  const mine = (entry: JsonObject): boolean =>
    stringAt(entry, 'manager') === write.manager &&
    stringAt(entry, 'subresource') === write.subresource &&
    stringAt(entry, 'apiVersion') === write.apiVersion;
  const others = before
    .filter((entry) => !mine(entry))
    .map((entry) => ({ ...entry, fieldsV1: subtract(objectAt(entry, 'fieldsV1'), replaced ?? {}) }))
    .filter((entry) => Object.keys(entry.fieldsV1).length > 0);
  const present = subtract(objectAt(before.find(mine), 'fieldsV1'), replaced ?? {});
  const entry = compact({
    manager: write.manager,
    operation: 'Update',
    apiVersion: write.apiVersion,
    time: timestamp(write.now),
    fieldsType: 'FieldsV1',
    fieldsV1: unite(present, changed ?? {}),
    subresource: write.subresource,
  });
  return withAt(next, ['metadata', 'managedFields'], [...others, entry]);
}

function owned(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const kept = MANAGED_METADATA.filter((key) => Object.hasOwn(metadata, key)).map((key) => [
    key,
    metadata[key] ?? null,
  ]);
  const rest = Object.entries(object).filter(([key]) => key !== 'metadata' && !UNMANAGED.includes(key));
  return Object.fromEntries(kept.length === 0 ? rest : [['metadata', Object.fromEntries(kept) as JsonObject], ...rest]);
}

/** The fields of `next` that `old` lacks or has otherwise, as FieldsV1; undefined for none. */
function changes(next: JsonObject, old: JsonObject | undefined): JsonObject | undefined {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(next)) {
    const before = old?.[key];
    if (equal(value, before)) continue;
    const inner = isObject(value) ? changes(value, isObject(before) ? before : undefined) : undefined;
    result[`f:${key}`] = inner ?? {};
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function subtract(fields: JsonObject, taken: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (!Object.hasOwn(taken, key)) {
      result[key] = value;
      continue;
    }
    const inner = objectAt(taken, key);
    if (Object.keys(inner).length === 0) continue;
    const left = subtract(objectAt(value), inner);
    if (Object.keys(left).length > 0) result[key] = left;
  }
  return result;
}

function unite(a: JsonObject, b: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...a };
  for (const [key, value] of Object.entries(b)) result[key] = unite(objectAt(result, key), objectAt(value));
  return result;
}
