import type { Mode, PlanSpec } from './plan.ts';

export type RunType = 'Failover' | 'Switchover' | 'Failback' | 'Drill';

/** A DisasterRecoveryRun: the spec belongs to people, the status to the operator. */
export interface Run {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly createdAt: number;
  readonly deleting: boolean;
  readonly spec: RunSpec;
  readonly status: RunStatus;
}

export interface RunSpec {
  readonly planRef: { readonly name: string; readonly uid: string };
  readonly epoch: number;
  readonly targetRegion: string;
  readonly type: RunType;
  readonly mode?: Mode;
  readonly desiredState: 'Running' | 'Paused' | 'Aborted';
  readonly approvals: readonly Approval[];
  readonly acceptDataLoss?: { readonly maxMs: number; readonly by: string; readonly reason: string };
  readonly attestations: readonly Attestation[];
  readonly skips: readonly Skip[];
  readonly retries: readonly Retry[];
  readonly takeovers: readonly Takeover[];
  /** Ends a run that is past its fence where it stands: nothing more is done, nothing taken back. */
  readonly abandon?: Word;
  /** What the old primary took and the new one never had need not be kept before it is rebuilt. */
  readonly discardDiverged?: Word;
  /** Who made it: the operator for a change of the plan's field, a person otherwise. */
  readonly origin: 'PlanField' | 'Person';
}

/** Who said something, and why: "claimed, unverified". */
export interface Word {
  readonly by: string;
  readonly reason: string;
}

/** A step that is to be left out, by its id. */
export interface Skip extends Word {
  readonly step: string;
}

/** One more attempt for a step that has given up. */
export interface Retry extends Word {
  readonly step: string;
  /** Wall ms. */
  readonly at: number;
}

/** The record (by the traffic entry's name) of the plan whose identity is `from` may be taken over. */
export interface Takeover extends Word {
  readonly record: string;
  readonly from: string;
}

/** A person's word, "claimed, unverified": binds the run, its epoch and the evidence that was shown. */
export interface Approval {
  readonly gate: string;
  readonly by: string;
  readonly reason: string;
  readonly evidenceHash?: string;
}

/** A person vouches that the writer named by `target` (a database's name, or `*`) took no writes after `at`. */
export interface Attestation {
  readonly target: string;
  readonly kind: 'Fenced';
  /** Wall ms. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export type RunPhase =
  | 'Pending'
  | 'Activation'
  | 'Recovery'
  | 'Reconstitution'
  | 'Aborting'
  | 'Succeeded'
  | 'Aborted'
  | 'Abandoned'
  | 'Failed'
  | 'Superseded';

export type StepPhase = 'Activation' | 'Recovery' | 'Reconstitution';
export type Effect = 'None' | 'Reversible' | 'Irreversible';

export type StepKind =
  | 'Assess'
  | 'SamplePositions'
  | 'PreflightDatabase'
  | 'PreflightWorkload'
  | 'PreflightTraffic'
  | 'Approve'
  | 'PreScale'
  | 'Dependency'
  | 'Quiesce'
  | 'Fence'
  | 'Position'
  | 'Promote'
  | 'Checkpoint'
  | 'Open'
  | 'Probe'
  | 'Workload'
  | 'Smoke'
  | 'Shift'
  | 'ObserveTraffic'
  | 'Soak'
  | 'StandDown'
  | 'FinishFence'
  | 'Compare'
  | 'Rebuild'
  | 'Protect'
  | 'Report';

/** One node of the graph: pure data, the same for the preview, the journal, the runbook and the drill. */
export interface Step {
  /** `fence/orders`: the kind's verb and the subject. Unique in a Run. */
  readonly id: string;
  readonly kind: StepKind;
  readonly phase: StepPhase;
  /** The database, workload, record or check it is about. */
  readonly subject?: string;
  /** The region in which it acts or looks. */
  readonly region?: string;
  readonly after: readonly string[];
  readonly effect: Effect;
  /** ms from when it became ready to when it is Blocked. */
  readonly deadlineMs?: number;
  /** Observe and rehearsals: the effect is only reported. `Would` = this step's own, `Follows` = it waits for one. */
  readonly pretend?: 'Would' | 'Follows';
}

export type StepState = 'Pending' | 'Running' | 'Waiting' | 'Blocked' | 'Done' | 'Undoing' | 'Undone' | 'Drifted';

/** Recorded before the act. `token` names the effect for good; who holds it, and until when it may be sent. */
export interface Intent {
  readonly token: string;
  readonly action: 'Do' | 'Undo';
  readonly holder: string;
  /** Wall ms: when it was recorded, and after which its holder never sends. */
  readonly at: number;
  readonly notAfter: number;
  readonly attempt: number;
  /** First time this action was intended (wall ms); kept over attempts. */
  readonly firstAt: number;
  /**
   * What was there before the first attempt, kept over attempts and when it is taken back: the replicas of a workload (of
   * a CronJob 1 or 0), which an undo goes back to; the TTL of a record in seconds, for which caches keep the old answer; the
   * timeline of a standby, above which the promoted one writes.
   */
  readonly found?: number;
}

export type OutcomeState = 'Succeeded' | 'Vacuous' | 'Overridden' | 'Pretended' | 'Skipped';

/** Latched when a step is done; drives the edges. */
export interface StepOutcome {
  readonly state: OutcomeState;
  /** Wall ms. */
  readonly at: number;
  readonly evidence: readonly Evidence[];
}

/** One thing seen: `at` is when the looking began (wall ms). `value` holds what later rules read back (JSON scalars). */
export interface Evidence {
  readonly what: string;
  readonly at: number;
  readonly value?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export interface StepStatus extends Step {
  readonly state: StepState;
  /** Wall ms: since when in this state; `readyAt` when its edges were satisfied. */
  readonly since: number;
  readonly readyAt?: number;
  /** Wall ms. */
  readonly deadline?: number;
  readonly waitsFor?: Hold;
  readonly intent?: Intent;
  readonly outcome?: StepOutcome;
}

/** Why a step does not go on. */
export interface Hold {
  readonly reason: string;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** A command that can be pasted. */
  readonly next?: string;
  /** Hash of the evidence an approval binds to. */
  readonly evidenceHash?: string;
}

/** Wall ms; each is absent until it was seen. DESIGN.md "Measuring". */
export interface Milestones {
  readonly disruption?: number;
  readonly detected?: number;
  readonly declared?: number;
  readonly started?: number;
  readonly fenced?: number;
  readonly opened?: number;
  readonly trafficObserved?: number;
  readonly smokePassed?: number;
  readonly sustained?: number;
  readonly cachesExpireBy?: number;
}

export type RpoGrade = 'Measured' | 'Bounded' | 'Estimated' | 'Unknown';

/**
 * Wall ms. Everything that the source had committed by `earliest` is in the target, and nothing that it committed after
 * `latest`: where the recovered data cease lies between the two.
 */
export interface RecoveryPoint {
  readonly earliest: number;
  readonly latest: number;
}

export interface DatabaseRecovery {
  readonly database: string;
  readonly grade: RpoGrade;
  /** Absent where it is unknown. By the operator's clock; once the lost commits were read, by the source server's. */
  readonly point?: RecoveryPoint;
  /** ms; for `Estimated` "at least this, open". Absent when Unknown. */
  readonly lossMs?: number;
  readonly switchpoint?: string;
  readonly timeline?: number;
  readonly lostCommits?: number;
  readonly postReturnCommits?: number;
  readonly firstLostAt?: number;
  readonly lastLostAt?: number;
  readonly preservedAt?: string;
  /**
   * Where T_end comes from: `Position`, `Fence`, `Attested`, `Compared`; `Open` and `NoSample` where there is none or nothing to
   * measure from; `NotPromoted`: a person left it behind.
   */
  readonly basis?: string;
}

export interface RunStatus {
  readonly phase: RunPhase;
  readonly observedGeneration: number;
  readonly mode?: Mode;
  readonly sourceRegion?: string;
  readonly snapshot?: PlanSpec;
  readonly snapshotHash?: string;
  readonly clusterUids?: Readonly<Record<string, string>>;
  readonly steps: readonly StepStatus[];
  readonly milestones: Milestones;
  readonly recovery: readonly DatabaseRecovery[];
  readonly samples: readonly PositionSample[];
  readonly abort?: { readonly at: number; readonly reason: string; readonly message: string };
  readonly words: readonly HeardWord[];
  readonly refusals: readonly Refusal[];
  readonly finishedAt?: number;
  readonly message: string;
}

/** An approval as the operator has heard it, wall ms: unused for too long it counts no more. */
export interface HeardWord {
  readonly gate: string;
  readonly evidenceHash: string;
  readonly seenAt: number;
  readonly usedAt?: number;
  /** The question and its evidence, in the words that the status showed when the approval was given. */
  readonly shown?: string;
}

/** What was asked of the run and is not done: `request` names it (`Abort`, `Skip fence/orders`). */
export interface Refusal {
  readonly request: string;
  readonly reason: string;
  readonly message: string;
  /** Wall ms. */
  readonly at: number;
}

/** One (t_i, S_i): operator's wall ms before asking, the source's flushed position in the answer. */
export interface PositionSample {
  readonly database: string;
  readonly region: string;
  readonly at: number;
  readonly lsn: string;
}
