import { parseTime } from '../api/time.ts';
import type { Halt } from '../decide/facts.ts';
import { isRecord, stringAt } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/object.ts';
import { configMaps } from './resources.ts';
import type { Runtime } from './runtime.ts';

/** In the operator's namespace. That it is there is the halt; its data say whose it is and why. */
export const haltName = 'maestro-dr-halt';

/** What holds every automatic run before its fence, if there is one. Its cache is synced before any work begins. */
export function haltOf(runtime: Runtime): Halt | undefined {
  const object = runtime.halts.cache.get(`${runtime.config.namespace}/${haltName}`);
  return object === undefined ? undefined : parsed(object);
}

/** `isRead`: the API server itself has said whether there is one. */
export interface HaltRead {
  readonly isRead: boolean;
  readonly halt?: Halt;
}

/**
 * Past the cache, which may not hear of a halt for as long as a silent watch is believed. By the list that the reflector
 * makes, too: of a single object's get the operator has no right.
 */
export async function readHalt({ client, config, signal }: Runtime): Promise<HaltRead> {
  const collection = { ...configMaps, namespace: config.namespace };
  const query = { fieldSelector: `metadata.name=${haltName}` };
  try {
    const { items } = await client.list(collection, query, { deadlineMs: config.kubeMs, signal });
    const [object] = items;
    return { isRead: true, ...(object === undefined ? {} : { halt: parsed(object) }) };
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return { isRead: false };
  }
}

function parsed(object: KubeObject): Halt {
  const data = isRecord(object.data) ? object.data : {};
  return {
    uid: object.metadata.uid,
    by: stringAt(data, 'by') ?? 'somebody',
    reason: stringAt(data, 'reason') ?? 'no reason was given',
    since: parseTime(object.metadata.creationTimestamp ?? '') ?? 0,
  };
}
