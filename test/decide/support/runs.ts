import { known } from '../../../src/api/fact.ts';
import type { Mode, PlanSpec } from '../../../src/api/plan.ts';
import type {
  Approval,
  Attestation,
  Evidence,
  Hold,
  Intent,
  OutcomeState,
  PositionSample,
  Run,
  RunSpec,
  RunStatus,
  Step,
  StepOutcome,
  StepStatus,
} from '../../../src/api/run.ts';
import { evidenceHash } from '../../../src/decide/approvals.ts';
import { contextOf, type Context } from '../../../src/decide/context.ts';
import { freshSteps } from '../../../src/decide/decide-run.ts';
import { nothingObserved, type Limits, type Observed, type RunFacts } from '../../../src/decide/facts.ts';
import { buildGraph } from '../../../src/decide/graph.ts';
import type { Judgement } from '../../../src/decide/judgement.ts';
import { stepRules } from '../../../src/decide/kinds/index.ts';
import { applyModes } from '../../../src/decide/modes.ts';
import type { Gate } from '../../../src/decide/rules/gate.ts';
import { ago, now, start } from './facts.ts';
import { aPlan, aSpec, east, west } from './plans.ts';

export const limits: Limits = { effectMs: 10_000, skewMs: 2_000, leaseRemainingMs: 30_000 };

export function aRunSpec(over: Partial<RunSpec> = {}): RunSpec {
  return {
    planRef: { name: 'checkout', uid: 'plan-uid' },
    epoch: 7,
    targetRegion: west,
    type: 'Failover',
    desiredState: 'Running',
    approvals: [],
    attestations: [],
    skips: [],
    retries: [],
    takeovers: [],
    origin: 'PlanField',
    ...over,
  };
}

export function aStatus(over: Partial<RunStatus> = {}): RunStatus {
  return {
    phase: 'Activation',
    observedGeneration: 1,
    sourceRegion: east,
    snapshotHash: 'snapshot-hash',
    steps: [],
    milestones: { declared: start },
    recovery: [],
    samples: [],
    words: [],
    refusals: [],
    message: '',
    ...over,
  };
}

export function aRun(status: RunStatus, spec: RunSpec = aRunSpec(), over: Partial<Run> = {}): Run {
  return {
    namespace: 'payments',
    name: 'checkout-7',
    uid: 'run-uid',
    resourceVersion: '5',
    generation: 1,
    createdAt: start,
    deleting: false,
    spec,
    status,
    ...over,
  };
}

/** What a test says of a case; everything else is the plan of DESIGN.md §1, forced, nothing seen and nothing done. */
export interface Case {
  readonly spec?: PlanSpec;
  readonly mode?: Mode;
  readonly run?: Partial<RunSpec>;
  readonly status?: Partial<RunStatus>;
  /** What differs from a fresh journal, by step. */
  readonly steps?: Readonly<Record<string, Partial<StepStatus>>>;
  readonly observed?: Partial<Observed>;
  readonly facts?: Partial<RunFacts>;
}

/** The whole graph as it is pinned once the mode is decided. */
export function graphOf(spec: PlanSpec, mode: Mode, target = west): readonly Step[] {
  return applyModes(buildGraph({ spec, target, mode }), spec);
}

export function factsOf(given: Case = {}): RunFacts {
  const { spec = aSpec(), mode = 'Forced', steps = {} } = given;
  const journal = freshSteps(graphOf(spec, mode, given.run?.targetRegion), start).map((step) => ({
    ...step,
    ...steps[step.id],
  }));
  const unused = Object.keys(steps).filter((id) => !journal.some((step) => step.id === id));
  if (unused.length > 0) throw new Error(`the graph has no step ${unused.join(', ')}`);
  const status = aStatus({ snapshot: spec, mode, steps: journal, ...given.status });
  return {
    now,
    holder: 'operator-1',
    limits,
    run: aRun(status, aRunSpec(given.run)),
    plan: { ...known(aPlan({ ...spec, activeRegion: given.run?.targetRegion ?? west }), now), live: true },
    bound: true,
    sourceReplicas: {},
    observed: { ...nothingObserved, ...given.observed },
    outcomes: {},
    ...given.facts,
  };
}

export function contextFor(given: Case = {}): Context {
  const facts = factsOf(given);
  return contextOf(facts, facts.run.status, given.spec ?? aSpec());
}

export function stepIn(ctx: Context, id: string): StepStatus {
  const step = ctx.status.steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
}

/** What the rule of a step says in a case. */
export function judge(id: string, given: Case = {}): Judgement {
  const ctx = contextFor(given);
  const step = stepIn(ctx, id);
  return stepRules[step.kind].judge(step, ctx);
}

export function judgeUndo(id: string, given: Case = {}): Judgement {
  const ctx = contextFor(given);
  const step = stepIn(ctx, id);
  const rule = stepRules[step.kind];
  if (rule.undo === undefined) throw new Error(`${step.kind} cannot be undone`);
  return rule.undo(step, ctx);
}

/** A judgement in one line: `Done Succeeded`, `Wait TargetNotReady`, `Act Promoting: Database Promote us-west-2`. */
export function inWords(judged: Judgement): string {
  if (judged.kind === 'Done') return `Done ${judged.state}`;
  if (judged.kind === 'Wait') return `Wait ${judged.hold.reason}`;
  const { effect } = judged;
  const what = {
    Database: () => (effect.kind === 'Database' ? `${effect.action} ${effect.database}@${effect.region}` : ''),
    Scale: () => (effect.kind === 'Scale' ? `${effect.workload}@${effect.region} to ${String(effect.replicas)}` : ''),
    Traffic: () => (effect.kind === 'Traffic' ? `${effect.action.kind} ${effect.record} to ${effect.action.to}` : ''),
    Job: () => (effect.kind === 'Job' ? `${effect.job}@${effect.region}` : ''),
  }[effect.kind]();
  return `Act ${judged.hold.reason}: ${what}`;
}

export function messageOf(judged: Judgement): string {
  return judged.kind === 'Done' ? (judged.evidence[0]?.what ?? '') : judged.hold.message;
}

export function evidenceOf(judged: Judgement): readonly Evidence[] {
  return judged.kind === 'Done' ? judged.evidence : judged.hold.evidence;
}

/** What a gate says of a step in a case: `undefined` when it is open. */
export function ask(gate: Gate, id: string, given: Case = {}): Hold | undefined {
  const ctx = contextFor(given);
  return gate.check(stepIn(ctx, id), ctx);
}

export function outcome(
  state: OutcomeState,
  value?: Evidence['value'],
  when: number = ago(30_000).wall,
): { readonly outcome: StepOutcome; readonly state: 'Done' } {
  const evidence = value === undefined ? { what: 'seen', at: when } : { what: 'seen', at: when, value };
  return { state: 'Done', outcome: { state, at: when, evidence: [evidence] } };
}

export function anIntent(over: Partial<Intent> = {}): Intent {
  const sent = ago(5_000).wall;
  return {
    token: 'checkout-7/step/Do/1',
    action: 'Do',
    holder: 'operator-1',
    at: sent,
    notAfter: sent + limits.effectMs,
    attempt: 1,
    firstAt: sent,
    ...over,
  };
}

export function aSample(database: string, ms: number, lsn: string, region = east): PositionSample {
  return { database, region, at: start + ms, lsn };
}

export function anAttestation(target: string, when: number = ago(20_000).wall): Attestation {
  return { target, kind: 'Fenced', at: when, by: 'ana', reason: 'pulled the plug' };
}

/** An approval of exactly what this case shows. */
export function anApproval(gate: string, given: Case = {}): Approval {
  return { gate, by: 'ana', reason: 'go', evidenceHash: evidenceHash(contextFor(given), gate) };
}
