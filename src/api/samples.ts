import { parseJson } from './canonical-json.ts';
import { isObject } from './reader.ts';
import type { PositionSample } from './run.ts';

/** The operator's Role names each of its maps of samples: RBAC knows no patterns. */
export const sampleMapsAtMost = 16;

/** A ConfigMap in the operator's namespace; the first that is not there is behind the last. */
export function sampleMapName(number: number): string {
  return `maestro-dr-samples-${String(number)}`;
}

/** Position samples as the operator saves them, a JSON list. What is not a sample is left out: it was not written by us. */
export function parseSamples(text: string): readonly PositionSample[] {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return [];
  const items: readonly unknown[] = parsed;
  return items.flatMap((item) => {
    if (!isObject(item)) return [];
    const { database, region, at, lsn } = item;
    const whole =
      typeof database === 'string' && typeof region === 'string' && typeof at === 'number' && typeof lsn === 'string';
    return whole ? [{ database, region, at, lsn }] : [];
  });
}
