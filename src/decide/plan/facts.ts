import type { PlanStatus } from '../../api/plan-status.ts';
import type { Plan } from '../../api/plan.ts';
import type { PositionSample, Run, RunSpec } from '../../api/run.ts';
import type { Instant } from '../../ports/clock.ts';
import type { Notice } from '../decision.ts';
import type { Halt, Need, Observed } from '../facts.ts';

export interface PlanFacts {
  readonly now: Instant;
  readonly plan: Plan;
  readonly status: PlanStatus;
  /** Every Run that names this plan, of whatever UID. */
  readonly runs: readonly Run[];
  /** Runs that name this plan and cannot be read: made by another version, or by hand. */
  readonly unread: readonly UnreadRun[];
  readonly observed: Observed;
  /** Positions of the active region's writers, oldest first. */
  readonly samples: readonly PositionSample[];
  /** Regions that the plan names and that do not exist or are refused, each as a sentence. */
  readonly regionProblems: readonly string[];
  /** What is accepted and should still be looked at, each as a sentence. */
  readonly warnings?: readonly string[];
  readonly operatorRegion?: string;
  /** `namespace/name` of another plan of the cluster that has this one's identity, and keeps it. */
  readonly identityKeptBy?: string;
  /** Everything automatic is stopped, for every plan. */
  readonly halt?: Halt;
  /** Runs of other plans that are moving something now, and how many the operator may carry out at once. */
  readonly runsElsewhere: number;
  readonly maxRuns: number;
  /** Who last set spec.activeRegion, from managedFields; absent where it was not read. */
  readonly fieldOwner?: string;
}

export interface UnreadRun {
  readonly name: string;
  readonly uid: string;
  /** What is wrong with it, and what to do. */
  readonly problem: string;
}

/** A Run that a person made and that will never be bound. */
export interface Rejection {
  readonly name: string;
  readonly uid: string;
  readonly message: string;
}

export interface PlanDecision {
  readonly status: PlanStatus;
  /** Made only after `status`, which names it, was written. */
  readonly create?: { readonly name: string; readonly spec: RunSpec };
  readonly reject: readonly Rejection[];
  /** Nothing of it is under way any more: a deletion need not wait. */
  readonly release: boolean;
  /** Names of ended Runs that are no longer kept. */
  readonly remove: readonly string[];
  readonly notices: readonly Notice[];
  readonly needs: readonly Need[];
  readonly wakeAfterMs?: number;
}
