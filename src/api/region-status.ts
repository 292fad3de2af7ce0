import type { Condition } from './plan-status.ts';

/** What the region reconciler alone writes. */
export interface RegionStatus {
  readonly observedGeneration: number;
  /** UID of kube-system, last seen. */
  readonly clusterUid?: string;
  readonly conditions: readonly Condition[];
}
