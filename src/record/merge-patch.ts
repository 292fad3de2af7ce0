import { isRecord, type JsonRecord } from '../kube/json.ts';

/**
 * The RFC 7386 merge patch that turns `from` into `to`; undefined where they are the same. Keys that are gone become
 * null; lists are replaced whole.
 */
export function mergePatch(from: JsonRecord, to: JsonRecord): JsonRecord | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) {
    if (!(key in to) || to[key] === undefined) patch[key] = null;
  }
  for (const [key, value] of Object.entries(to)) {
    if (value === undefined) continue;
    const had = from[key];
    if (isRecord(value) && isRecord(had)) {
      const inner = mergePatch(had, value);
      if (inner !== undefined) patch[key] = inner;
    } else if (!sameJson(had, value)) patch[key] = value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  const others = Object.keys(b).filter((key) => b[key] !== undefined);
  return keys.length === others.length && keys.every((key) => sameJson(a[key], b[key]));
}
