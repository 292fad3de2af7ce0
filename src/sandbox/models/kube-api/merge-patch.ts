import { isObject, type Json, type JsonObject } from './json.ts';

/** RFC 7396. Subtrees that the patch leaves alone are shared with `target`. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const base: JsonObject = isObject(target) ? target : {};
  const result: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergePatch(Object.hasOwn(base, key) ? base[key] : undefined, value);
  }
  return result;
}
