import type { KubeClient } from '../kube/client.ts';
import { isRecord, recordAt, type JsonRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject, ObjectRef } from '../kube/object.ts';
import { mergePatch, sameJson } from './merge-patch.ts';

export type Written =
  | { readonly kind: 'Unchanged' }
  | { readonly kind: 'Written'; readonly object: KubeObject }
  /**
   * Somebody wrote in between, or it is gone: the decision is thrown away and made again from what is `there` now. Read
   * past the cache, which may not hear of it for as long as a silent watch is believed; absent where it is gone.
   */
  | { readonly kind: 'Conflict'; readonly there?: KubeObject };

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
    const refused = isKubeError(error, 'Conflict', 'NotFound');
    if (!refused && !(isKubeError(error) && error.outcomeUnknown)) throw error;
    const there = await readLive(client, ref, deadlineMs);
    if (there === undefined) return { kind: 'Conflict' };
    const written = !refused && there.metadata.uid === uid && sameJson(recordAt(there, 'status'), status);
    return written ? { kind: 'Written', object: there } : { kind: 'Conflict', there };
  }
}

/** What the API server itself has; undefined: it is gone. @throws KubeError */
export async function readLive(
  client: KubeClient,
  ref: ObjectRef,
  deadlineMs: number,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(ref, { deadlineMs });
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}
