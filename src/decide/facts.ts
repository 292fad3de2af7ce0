import type { Fact } from '../api/fact.ts';
import type { PlanWish } from '../api/plan.ts';
import type { RegionHealth } from '../api/region.ts';
import type { Run } from '../api/run.ts';
import type { CheckResult } from '../drivers/checks/driver.ts';
import type { DatabaseState, Divergence } from '../drivers/databases/driver.ts';
import type { ApplyResult } from '../drivers/outcome.ts';
import type { SubmittedChange, TrafficAnswers, TrafficHeading, TrafficState } from '../drivers/traffic/driver.ts';
import type { Autoscaler, JobState, WorkloadState } from '../drivers/workloads/driver.ts';
import type { Instant } from '../ports/clock.ts';

/**
 * How long something has looked the same: the first of the unbroken row of known observations with this `value`, and
 * how many there were. An unknown one breaks the row, so a row is never longer than what was really seen.
 */
export interface Streak {
  readonly value: string;
  readonly since: Instant;
  readonly count: number;
}

export interface Seen<T> {
  readonly fact: Fact<T>;
  /** By aspect: `receiver`, `quiet`, `ok`. */
  readonly streaks: Readonly<Record<string, Streak>>;
}

/** What was looked at, by key. What is absent was not asked. */
export interface Observed {
  /** `<database>@<region>` */
  readonly databases: Readonly<Record<string, Seen<DatabaseState>>>;
  /** `<database>@<region>` */
  readonly divergences: Readonly<Record<string, Seen<Divergence>>>;
  /** `<workload>@<region>` */
  readonly workloads: Readonly<Record<string, Seen<WorkloadState>>>;
  /** `<region>`: of the plan's namespace there. */
  readonly autoscalers: Readonly<Record<string, Seen<readonly Autoscaler[]>>>;
  /** `<job>@<region>`: by its own name, for what an earlier one came to says nothing of the next. */
  readonly jobs: Readonly<Record<string, Seen<JobState>>>;
  /** `<record>` */
  readonly records: Readonly<Record<string, Seen<TrafficState>>>;
  /** `<record>`: of a plan at rest. */
  readonly headings: Readonly<Record<string, Seen<TrafficHeading>>>;
  /** `<record>` */
  readonly answers: Readonly<Record<string, Seen<TrafficAnswers>>>;
  /** `dependency/<name>`, `smoke/<name>@<region>`, `probe/<region>/<name>` */
  readonly checks: Readonly<Record<string, Seen<CheckResult>>>;
  /** `<region>` */
  readonly regions: Readonly<Record<string, Seen<RegionHealth>>>;
}

export const nothingObserved: Observed = {
  databases: {},
  divergences: {},
  workloads: {},
  autoscalers: {},
  jobs: {},
  records: {},
  headings: {},
  answers: {},
  checks: {},
  regions: {},
};

/** One thing to look at before the next decision. */
export type Need =
  /**
   * `since`, here and below: a look that began before this wall ms does not answer it, however young it is. `once`: any
   * look of this life does, however old. `othersMs`: how old what is known of the server's other databases may be.
   */
  | {
      readonly kind: 'Database';
      readonly name: string;
      readonly region: string;
      readonly since?: number;
      readonly once?: true;
      readonly othersMs?: number;
    }
  | { readonly kind: 'Divergence'; readonly name: string; readonly region: string; readonly switchpoint: string }
  | { readonly kind: 'Workload'; readonly name: string; readonly region: string }
  | { readonly kind: 'Autoscalers'; readonly region: string }
  /** `name`: the Job's own. */
  | { readonly kind: 'Job'; readonly name: string; readonly region: string }
  /** `claimMs`: how old what other tools claim may be; where it is not said, a minute. */
  | { readonly kind: 'Record'; readonly name: string; readonly since?: number; readonly claimMs?: number }
  /** What is good enough at rest: it may have been seen minutes ago, though not before `since`. */
  | { readonly kind: 'Heading'; readonly name: string; readonly since: number }
  /** `change`: by which the record was moved, as the journal has it. */
  | { readonly kind: 'Answers'; readonly name: string; readonly change?: SubmittedChange; readonly once?: true }
  | { readonly kind: 'Dependency'; readonly name: string }
  | { readonly kind: 'Smoke'; readonly name: string; readonly region: string }
  /** Its API server and its probes. */
  | { readonly kind: 'Region'; readonly region: string }
  /** Whose cluster answers there, and nothing else. */
  | { readonly kind: 'Cluster'; readonly region: string }
  | { readonly kind: 'Plan' };

/** An effect of this incarnation: still on its way, or what its actuator said. */
export type EffectOutcome =
  | { readonly state: 'InFlight' }
  /** `endedAt`: when the reply was there. */
  | { readonly state: 'Ended'; readonly result: ApplyResult; readonly endedAt: Instant };

/** What the environment allows; part of the facts, for it changes what is decided. */
export interface Limits {
  /** How long one effect may take, ms. */
  readonly effectMs: number;
  /** Allowed difference between the clocks of two operators, ms. */
  readonly skewMs: number;
  /** What is left of the lease, ms; 0 when it is not held. */
  readonly leaseRemainingMs: number;
}

/** Who holds every automatic run before its fence, and why: the ConfigMap maestro-dr-halt. */
export interface Halt {
  /** The ConfigMap's: another halt in the same words is another one. */
  readonly uid: string;
  readonly by: string;
  readonly reason: string;
  /** Wall ms: when the ConfigMap was made, by its API server's clock. */
  readonly since: number;
}

export interface RunFacts {
  readonly now: Instant;
  /** Names this life of this process; a successor has another. */
  readonly holder: string;
  readonly limits: Limits;
  readonly run: Run;
  /** The plan as read for this pass; `live` when it was read past the cache. */
  readonly plan: Fact<PlanWish | undefined> & { readonly live?: boolean };
  /** plan.status.currentRun names this Run by name, uid and epoch. */
  readonly bound: boolean;
  /** Wall ms of the last failover of this plan, from its status. */
  readonly lastFailoverAt?: number;
  /** Last healthy replica counts of the source, from the plan's status, by workload. */
  readonly sourceReplicas: Readonly<Record<string, { readonly replicas: number; readonly at: number }>>;
  /** `namespace/name` of another plan of the cluster that has the identity of this Run's plan, and keeps it. */
  readonly identityKeptBy?: string;
  /** Automatic runs of every plan are held before their fence. */
  readonly halt?: Halt;
  /** The operator runs in this region (a Region whose cluster is its own). */
  readonly operatorRegion?: string;
  readonly observed: Observed;
  readonly outcomes: Readonly<Record<string, EffectOutcome>>;
}
