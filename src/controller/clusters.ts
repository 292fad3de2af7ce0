import type { UnknownWhy } from '../api/fact.ts';
import type { KubeClient } from '../kube/client.ts';

/** A region's API server as it can be reached now, or why it cannot. */
export type ClusterEntry =
  | { readonly kind: 'Client'; readonly client: KubeClient; readonly source: string }
  | { readonly kind: 'Unavailable'; readonly why: UnknownWhy; readonly detail: string };

/** The clusters behind the Regions, kept by the region controller. */
export interface Clusters {
  get(region: string): ClusterEntry;
  set(region: string, entry: ClusterEntry): void;
  drop(region: string): void;
}

export function createClusters(): Clusters {
  const entries = new Map<string, ClusterEntry>();
  return {
    get: (region) =>
      entries.get(region) ?? { kind: 'Unavailable', why: 'NotAsked', detail: `Region ${region} is not known` },
    set: (region, entry) => {
      entries.set(region, entry);
    },
    drop: (region) => {
      entries.delete(region);
    },
  };
}
