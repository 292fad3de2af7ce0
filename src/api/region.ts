import type { ApprovalPolicy, FencingPolicy, HttpCheck } from './plan.ts';

/** A DisasterRecoveryRegion as the program sees it. */
export interface Region {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly spec: RegionSpec;
}

export interface RegionSpec {
  readonly cluster:
    { readonly kind: 'kubeconfig'; readonly secretName: string; readonly key: string } | { readonly kind: 'inCluster' };
  readonly aws?: { readonly region: string };
  readonly probes: readonly HttpCheck[];
  readonly policy: { readonly minFencing?: FencingPolicy; readonly minApproval?: ApprovalPolicy };
  readonly grants: readonly Grant[];
}

/** What the plans of a namespace may touch with this Region's AWS rights; anything else is NotGranted. */
export interface Grant {
  readonly namespace: string;
  readonly hostedZoneIds: readonly string[];
}

/** What is known of a region at one time. */
export interface RegionHealth {
  /** UID of kube-system: tells whether the cluster behind the name has changed. */
  readonly clusterUid: string;
}
