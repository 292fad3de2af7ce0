import { formatDuration } from '../api/duration.ts';
import { peerOf, type Plan } from '../api/plan.ts';
import { rtoClock } from '../api/rto-clock.ts';
import type { Condition, LastRun, PlanStatus } from '../api/plan-status.ts';
import type { Hold, Refusal, Run, StepPhase, StepStatus } from '../api/run.ts';
import { isStuck } from '../decide/notify/run-topics.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { isWorkedOn } from '../decide/worked-on.ts';
import { operatorView, runbookCommand, type LeaseLook, type OperatorView } from './operator.ts';
import { commandFor } from './person-commands.ts';
import { rtoOf } from './rto.ts';
import { tookMs } from './durations.ts';
import { pointWords, skewWords } from './recovery-words.ts';
import { lossWords, weakerWords } from './words.ts';

export interface StatusInput {
  readonly plan: Plan;
  readonly status: PlanStatus;
  /** The one under way, else the last one. */
  readonly run?: Run;
  /** Absent: nobody looked, and nothing is said of the operator. */
  readonly leases?: LeaseLook;
  /** Wall ms. */
  readonly now: number;
}

/** One thing that a run waits for. Ages and times left in ms. */
export interface Waiting {
  readonly step: string;
  readonly state: StepStatus['state'];
  readonly forMs: number;
  /** Negative: it is past its deadline. */
  readonly leftMs?: number;
  readonly reason: string;
  readonly message: string;
  readonly evidence: readonly { readonly what: string; readonly ageMs: number }[];
  /** Nothing but a person's word or hand gets it on. */
  readonly person: boolean;
  /** As the run's status says it. */
  readonly next?: string;
  /** The same with this CLI. */
  readonly command?: string;
  readonly evidenceHash?: string;
}

export interface StatusStep {
  readonly id: string;
  readonly state: string;
  readonly tookMs?: number;
  readonly reason?: string;
}

export interface RunView {
  readonly name: string;
  readonly type: Run['spec']['type'];
  readonly epoch: number;
  readonly mode?: string;
  readonly from: string;
  readonly to: string;
  readonly phase: string;
  readonly desired: string;
  readonly message: string;
  readonly finished: boolean;
  readonly forMs?: number;
  readonly rto: { readonly objectiveMs: number; readonly leftMs?: number; readonly tookMs?: number };
  readonly loss: readonly string[];
  /** Of each database, up to when its data are in the target. */
  readonly recoveryPoints: readonly string[];
  /** How far apart they are, where there are several. */
  readonly skew?: string;
  readonly waits: readonly Waiting[];
  readonly phases: readonly { readonly phase: StepPhase; readonly steps: readonly StatusStep[] }[];
  readonly refusals: readonly Refusal[];
}

export interface StatusView {
  readonly operator?: OperatorView;
  readonly plan: { readonly namespace: string; readonly name: string; readonly identity: string };
  readonly enforcement: 'Act' | 'Observe';
  readonly active?: string;
  readonly wanted: string;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly forMs: number;
  }[];
  readonly weaker: readonly string[];
  readonly run?: RunView;
  readonly lastRun?: LastRun;
}

/** Where a plan is, since when, and what it waits for: what CLI and messages show. */
export function statusView({ plan, status, run, leases, now }: StatusInput): StatusView {
  const shown = run === undefined ? undefined : runView(run, plan, now);
  return {
    ...(leases === undefined
      ? {}
      : { operator: operatorView(leases, runbookCommand(plan, status.activeRegion, shown)) }),
    plan: { namespace: plan.namespace, name: plan.name, identity: plan.spec.identity },
    enforcement: plan.spec.enforcement,
    wanted: plan.spec.activeRegion,
    conditions: status.conditions.map((condition) => conditionView(condition, now)),
    weaker: weakerWords(plan.spec),
    ...(status.activeRegion === undefined ? {} : { active: status.activeRegion }),
    ...(shown === undefined ? {} : { run: shown }),
    ...(status.lastRun === undefined ? {} : { lastRun: status.lastRun }),
  };
}

function conditionView({ type, status, reason, message, lastTransitionAt }: Condition, now: number) {
  return { type, status, reason, message, forMs: Math.max(0, now - lastTransitionAt) };
}

export function runView(run: Run, plan: Plan, now: number): RunView {
  const { spec, status } = run;
  const finished = isTerminalPhase(status.phase);
  const { declared } = status.milestones;
  const skew = skewWords(status);
  const order: readonly StepPhase[] = ['Activation', 'Recovery', 'Reconstitution'];
  return {
    name: run.name,
    type: spec.type,
    epoch: spec.epoch,
    from: status.sourceRegion ?? peerOf(plan.spec, spec.targetRegion),
    to: spec.targetRegion,
    phase: status.phase,
    desired: spec.desiredState,
    message: status.message,
    finished,
    rto: rtoView(run, plan, now),
    loss: status.recovery.map((recovery) => `${recovery.database}: ${lossWords(recovery)}`),
    recoveryPoints: status.recovery.map((recovery) => `${recovery.database}: ${pointWords(recovery)}`),
    waits: finished ? [] : status.steps.flatMap((step) => waitingOf(step, run, now)),
    phases: order.map((phase) => ({
      phase,
      steps: status.steps.filter((step) => step.phase === phase).map((step) => stepView(step)),
    })),
    refusals: status.refusals,
    ...(skew === undefined ? {} : { skew }),
    ...(status.mode === undefined ? {} : { mode: status.mode }),
    ...(declared === undefined ? {} : { forMs: (status.finishedAt ?? now) - declared }),
  };
}

function rtoView(run: Run, plan: Plan, now: number): RunView['rto'] {
  const objectiveMs = (run.status.snapshot ?? plan.spec).objectives.rtoMs;
  const took = rtoOf(run);
  if (took !== undefined) return { objectiveMs, tookMs: took };
  const start = rtoClock(run.status)?.at;
  return start === undefined || run.status.finishedAt !== undefined
    ? { objectiveMs }
    : { objectiveMs, leftMs: start + objectiveMs - now };
}

/** Steps that stand at something; those that merely run are in the tree. */
function waitingOf(step: StepStatus, run: Run, now: number): readonly Waiting[] {
  const { waitsFor } = step;
  if (waitsFor === undefined || !isWorkedOn(run.status, step) || !isStuck(step)) return [];
  return [
    {
      step: step.id,
      state: step.state,
      forMs: Math.max(0, now - step.since),
      // That of doing it says nothing of taking it back.
      ...(step.deadline === undefined || step.state === 'Undoing' ? {} : { leftMs: step.deadline - now }),
      ...held(waitsFor, now),
      ...commandOf(waitsFor, step, run),
    },
  ];
}

function held(hold: Hold, now: number) {
  const { reason, message, next, evidenceHash } = hold;
  return {
    reason,
    message,
    evidence: hold.evidence.map(({ what, at }) => ({ what, ageMs: now - at })),
    person: next !== undefined,
    ...(next === undefined ? {} : { next }),
    ...(evidenceHash === undefined ? {} : { evidenceHash }),
  };
}

function commandOf(hold: Hold, step: StepStatus, run: Run): { readonly command?: string } {
  const command = commandFor(hold, step, run);
  return command === undefined ? {} : { command };
}

function stepView(step: StepStatus): StatusStep {
  const took = tookMs(step);
  const undone = step.state === 'Undone' || step.state === 'Undoing';
  return {
    id: step.id,
    state: undone ? step.state : (step.outcome?.state ?? step.state),
    ...(took === undefined ? {} : { tookMs: took }),
    ...(step.outcome === undefined && step.waitsFor !== undefined ? { reason: step.waitsFor.reason } : {}),
  };
}

/** What is left of the RTO, in words. */
export function rtoWords({ objectiveMs, leftMs, tookMs: took }: RunView['rto'], span: (ms: number) => string): string {
  const objective = formatDuration(objectiveMs);
  if (took !== undefined) return `${took <= objectiveMs ? 'met' : 'missed'}: ${span(took)} of ${objective}`;
  if (leftMs === undefined) return `${objective}, not measured`;
  return leftMs >= 0 ? `${span(leftMs)} left of ${objective}` : `over by ${span(-leftMs)}, of ${objective}`;
}
