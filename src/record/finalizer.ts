import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject, ObjectRef } from '../kube/object.ts';
import type { Written } from './write-status.ts';

/** Holds a plan and its Run while something of theirs is fenced: deleted in between, nobody would know what to finish. */
export const inFlight = 'dr.maestro.io/in-flight';

export function isHeld(object: KubeObject): boolean {
  return finalizersOf(object).includes(inFlight);
}

function finalizersOf({ metadata }: KubeObject): readonly unknown[] {
  return Array.isArray(metadata.finalizers) ? metadata.finalizers : [];
}

/** A compare-and-swap on UID and resourceVersion. @throws KubeError but for a conflict. */
export async function setHeld(
  client: KubeClient,
  ref: ObjectRef,
  object: KubeObject,
  held: boolean,
  deadlineMs: number,
): Promise<Written> {
  if (isHeld(object) === held) return { kind: 'Unchanged' };
  const others = finalizersOf(object).filter((one) => one !== inFlight);
  const { uid, resourceVersion } = object.metadata;
  const metadata = { uid, resourceVersion, finalizers: held ? [...others, inFlight] : others };
  try {
    return { kind: 'Written', object: await client.patch(ref, { metadata }, { type: 'merge', deadlineMs }) };
  } catch (error) {
    if (isKubeError(error, 'Conflict', 'NotFound')) return { kind: 'Conflict' };
    throw error;
  }
}
