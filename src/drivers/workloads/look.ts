import { known, unknown, type Fact } from '../../api/fact.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Call } from '../../kube/transport.ts';
import { instant, type Clock } from '../../ports/clock.ts';
import { withDeadline } from '../../ports/deadline.ts';
import { unknownFromKube, type Clusters } from './clusters.ts';

export interface LookingOptions {
  readonly clusters: Clusters;
  readonly clock: Clock;
  /** For one look, all of its requests together, ms. */
  readonly callMs: number;
}

/** One look at a region's cluster, dated from before its first request. `read` sends nothing that could change anything. */
export async function lookInto<T>(
  { clusters, clock, callMs }: LookingOptions,
  at: { readonly region: string; readonly generation?: number },
  signal: AbortSignal,
  read: (client: KubeClient, call: Call) => Promise<T>,
): Promise<Fact<T>> {
  const began = instant(clock);
  const cluster = clusters(at.region);
  if ('unavailable' in cluster) return unknown(cluster.unavailable, cluster.detail, began);
  try {
    const value = await withDeadline(clock, callMs, signal, (call) =>
      read(cluster, { deadlineMs: callMs, signal: call }),
    );
    return at.generation === undefined ? known(value, began) : known(value, began, at.generation);
  } catch (error) {
    return unknownFromKube(error, began);
  }
}

/** A namespace that is not there answers the same way, and means the same: no such object. */
export async function found(getting: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await getting;
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}
