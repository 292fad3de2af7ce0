import type { Mode } from './plan.ts';
import type { RtoSegment } from './rto-segments.ts';
import type { RpoGrade, RunPhase } from './run.ts';

/** metav1.Condition with wall ms. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionAt: number;
  readonly observedGeneration: number;
}

/** What the plan reconciler alone writes. Wall ms throughout. */
export interface PlanStatus {
  readonly observedGeneration: number;
  /** The last wish that was taken up. */
  readonly acknowledgedActiveRegion?: string;
  /** Where the platform was seen to be active. */
  readonly activeRegion?: string;
  readonly adoptedAt?: number;
  /** The highest epoch this plan ever gave to a Run; 0 for none. */
  readonly epoch: number;
  /** `uid` is absent until the Run was made and bound. */
  readonly currentRun?: { readonly name: string; readonly uid?: string; readonly epoch: number };
  readonly lastRun?: LastRun;
  readonly lastFailoverAt?: number;
  readonly reversalPending?: { readonly region: string; readonly by?: string; readonly at: number };
  /** Last healthy replica counts of the active region. */
  readonly workloads: readonly {
    readonly name: string;
    readonly region: string;
    readonly replicas: number;
    readonly at: number;
  }[];
  readonly conditions: readonly Condition[];
}

export interface LastRun {
  readonly name: string;
  readonly epoch: number;
  readonly from: string;
  readonly to: string;
  readonly mode?: Mode;
  readonly phase: RunPhase;
  readonly finishedAt: number;
  readonly rtoMs?: number;
  /** What the RTO is made of; absent where it was not measured. */
  readonly segments?: readonly RtoSegment[];
  readonly rpo?: { readonly grade: RpoGrade; readonly lossMs?: number };
}
