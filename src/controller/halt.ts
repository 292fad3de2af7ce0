import { parseTime } from '../api/time.ts';
import type { Halt } from '../decide/facts.ts';
import { isRecord, stringAt } from '../kube/json.ts';
import type { Runtime } from './runtime.ts';

/** In the operator's namespace. That it is there is the halt; its data say whose it is and why. */
export const haltName = 'maestro-dr-halt';

/** What holds every automatic run before its fence, if there is one. Its cache is synced before any work begins. */
export function haltOf(runtime: Runtime): Halt | undefined {
  const object = runtime.halts.cache.get(`${runtime.config.namespace}/${haltName}`);
  if (object === undefined) return undefined;
  const data = isRecord(object.data) ? object.data : {};
  return {
    uid: object.metadata.uid,
    by: stringAt(data, 'by') ?? 'somebody',
    reason: stringAt(data, 'reason') ?? 'no reason was given',
    since: parseTime(object.metadata.creationTimestamp ?? '') ?? 0,
  };
}
