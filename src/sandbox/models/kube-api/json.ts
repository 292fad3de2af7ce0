/**
 * JSON as values that nobody changes: a stored object is shared by the store, its history, its watchers and the
 * controllers, so every change makes a new object along the changed path only. Identity (`===`) then tells cheaply
 * that a subtree is unchanged.
 */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export type Path = readonly (string | number)[];

const EMPTY_OBJECT: JsonObject = Object.freeze({});
const EMPTY_ARRAY: readonly Json[] = Object.freeze([]);

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function at(value: Json | undefined, ...path: Path): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) {
    if (isObject(current)) current = Object.hasOwn(current, key) ? current[key] : undefined;
    else if (isArray(current)) current = typeof key === 'number' ? current[key] : undefined;
    else return undefined;
  }
  return current;
}

export function objectAt(value: Json | undefined, ...path: Path): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : EMPTY_OBJECT;
}

export function arrayAt(value: Json | undefined, ...path: Path): readonly Json[] {
  const found = at(value, ...path);
  return isArray(found) ? found : EMPTY_ARRAY;
}

export function objectsAt(value: Json | undefined, ...path: Path): readonly JsonObject[] {
  return arrayAt(value, ...path).filter(isObject);
}

export function stringAt(value: Json | undefined, ...path: Path): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: Json | undefined, ...path: Path): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** A copy with `value` at `path` (undefined removes the key); missing objects on the way are made. */
export function withAt(object: JsonObject, path: readonly string[], value: Json | undefined): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length > 0) {
    if (value === undefined && !isObject(object[key])) return object;
    return { ...object, [key]: withAt(objectAt(object, key), rest, value) };
  }
  if (value !== undefined) return object[key] === value ? object : { ...object, [key]: value };
  return without(object, key);
}

export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  if (!keys.some((key) => Object.hasOwn(object, key))) return object;
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** `base` with `defaults` for the keys it lacks; `base` itself when it lacks none. */
export function withDefaults(base: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(([key]) => !Object.hasOwn(base, key));
  return missing.length === 0 ? base : { ...base, ...Object.fromEntries(missing) };
}

/** An object of those entries that are defined. */
export function compact(entries: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) result[key] = value;
  return result;
}

export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

/** @throws SyntaxError */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text) as Json;
  return value;
}

/** A string of the value whose keys are sorted, for hashing and comparing. */
export function canonical(value: Json): string {
  if (isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}
