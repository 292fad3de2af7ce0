import { known, unknown, type Fact } from '../api/fact.ts';
import type { RegionHealth } from '../api/region.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError, kubeFailure } from '../kube/kube-error.ts';
import { ageMs, instant, type Clock, type Instant } from '../ports/clock.ts';
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

interface Shared {
  readonly reach: Reach;
  readonly began: Instant;
  readonly looking: Promise<Fact<RegionHealth>>;
  over: boolean;
}

/**
 * One look at a region for all runs that ask at one time, and for `reuseMs` after it began: each of fifty runs wants to
 * know, with every pass, that the cluster is still the one it was. Another way to the cluster is looked down at once.
 */
export function shareRegionLooks(
  observer: RegionObserver,
  clusters: { get(region: string): Reach },
  clock: Clock,
  reuseMs: number,
): RegionObserver {
  const shared = new Map<string, Shared>();
  return {
    observe(region, signal) {
      const reach = clusters.get(region);
      const had = shared.get(region);
      const now = instant(clock);
      if (had?.reach === reach && (!had.over || ageMs(now, had.began) < reuseMs)) return had.looking;
      const looking = observer.observe(region, signal);
      const next: Shared = { reach, began: now, looking, over: false };
      shared.set(region, next);
      const end = (): void => {
        next.over = true;
      };
      looking.then(end, end);
      return looking;
    },
  };
}
