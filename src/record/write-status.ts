import type { KubeClient } from '../kube/client.ts';
import { isRecord, recordAt, type JsonRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject, ObjectRef } from '../kube/object.ts';
import { mergePatch, sameJson } from './merge-patch.ts';

export type Written =
  | { readonly kind: 'Unchanged' }
  | { readonly kind: 'Written'; readonly object: KubeObject }
  /** Somebody wrote in between, or it is gone: the decision is thrown away and made again from what is there now. */
  | { readonly kind: 'Conflict' };

/**
 * One write of `/status`, as a compare-and-swap on UID and resourceVersion. A lost reply is settled by reading: what is
 * there decides, never a second write. @throws KubeError for everything else, and when that reading failed too.
 */
export async function writeStatus(
  client: KubeClient,
  ref: ObjectRef,
  current: KubeObject,
  status: JsonRecord,
  deadlineMs: number,
): Promise<Written> {
  const had = isRecord(current.status) ? current.status : {};
  const patch = mergePatch(had, status);
  if (patch === undefined) return { kind: 'Unchanged' };
  const { uid, resourceVersion } = current.metadata;
  try {
    const object = await client.patch(
      ref,
      { metadata: { uid, resourceVersion }, status: patch },
      { type: 'merge', subresource: 'status', deadlineMs },
    );
    return { kind: 'Written', object };
  } catch (error) {
    if (isKubeError(error, 'Conflict', 'NotFound')) return { kind: 'Conflict' };
    if (!isKubeError(error) || !error.outcomeUnknown) throw error;
    const object = await client.get(ref, { deadlineMs });
    const there = object.metadata.uid === uid && sameJson(recordAt(object, 'status'), status);
    return there ? { kind: 'Written', object } : { kind: 'Conflict' };
  }
}
