import { known, unknown, type Fact } from '../api/fact.ts';
import type { RegionHealth } from '../api/region.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError, kubeFailure } from '../kube/kube-error.ts';
import { instant, type Clock } from '../ports/clock.ts';
import type { UnknownWhy } from '../api/fact.ts';
import type { RegionObserver } from './observers.ts';

type Reach =
  | { readonly kind: 'Client'; readonly client: KubeClient }
  | { readonly kind: 'Unavailable'; readonly why: UnknownWhy; readonly detail: string };

/** A region's API answers when it tells its own identity: the UID of kube-system, which no other cluster shares. */
export function createRegionObserver(
  clusters: { get(region: string): Reach },
  clock: Clock,
  deadlineMs: number,
): RegionObserver {
  return {
    async observe(region, signal): Promise<Fact<RegionHealth>> {
      const at = instant(clock);
      const entry = clusters.get(region);
      if (entry.kind === 'Unavailable') return unknown(entry.why, entry.detail, at);
      try {
        const ref = { group: '', version: 'v1', resource: 'namespaces', name: 'kube-system' };
        const object = await entry.client.get(ref, { deadlineMs, signal });
        return known({ clusterUid: object.metadata.uid }, at);
      } catch (error) {
        if (!isKubeError(error)) throw error;
        return unknown(kubeFailure(error), error.message, at);
      }
    },
  };
}
