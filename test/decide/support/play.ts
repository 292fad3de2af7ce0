import { known } from '../../../src/api/fact.ts';
import type { Plan, PlanSpec } from '../../../src/api/plan.ts';
import type { Run, RunStatus } from '../../../src/api/run.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import type { PlannedEffect, RunDecision } from '../../../src/decide/decision.ts';
import { nothingObserved, type EffectOutcome, type Observed, type RunFacts } from '../../../src/decide/facts.ts';
import { isTerminalPhase } from '../../../src/decide/phases.ts';
import { pinRun } from '../../../src/decide/pin.ts';
import type { ApplyResult } from '../../../src/drivers/outcome.ts';
import { at, start } from './facts.ts';
import { aPlan, west } from './plans.ts';
import { aRun, aRunSpec, aSample, aStatus, limits } from './runs.ts';
import { observe, perform, type World } from './world.ts';

/** One operator, or several lives of it, that plays a run against a world: the controller's loop without its I/O. */
export interface Game {
  readonly world: World;
  plan: Plan | undefined;
  run: Run;
  ms: number;
  life: number;
  outcomes: Record<string, EffectOutcome>;
  observed: Observed;
  readonly passes: Pass[];
  /** Who answers an effect; undefined: it stays in flight. */
  answer: (game: Game, effect: PlannedEffect) => ApplyResult | undefined;
  more: Partial<RunFacts>;
}

export interface Pass {
  readonly facts: RunFacts;
  readonly decision: RunDecision;
}

export function begin(world: World, spec: PlanSpec = world.spec): Game {
  const plan = aPlan({ ...spec, activeRegion: west });
  const samples = spec.databases.map((d) => aSample(d.name, -1_000, '0/5000'));
  const made = aRun(aStatus({ phase: 'Pending' }), aRunSpec({ planRef: { name: plan.name, uid: plan.uid } }));
  const pinned = pinRun(made, plan, samples, {}, made.createdAt);
  return {
    world,
    plan,
    run: { ...made, status: pinned },
    ms: 0,
    life: 1,
    outcomes: {},
    observed: nothingObserved,
    passes: [],
    answer: (game, planned) =>
      perform(game.world, planned.effect, { epoch: game.run.spec.epoch, token: planned.intent.token }),
    more: { sourceReplicas: Object.fromEntries(spec.workloads.map((w) => [w.name, { replicas: 6, at: start }])) },
  };
}

/** One pass: ask what is needed, look, decide, record, act; then time goes on. */
export function pass(game: Game): RunDecision {
  const { world, run } = game;
  const now = at(game.ms, `life-${String(game.life)}`);
  const blind: RunFacts = {
    now,
    holder: `operator-${String(game.life)}`,
    limits,
    run,
    plan: { ...known(game.plan, now), live: true },
    bound: true,
    sourceReplicas: {},
    observed: nothingObserved,
    outcomes: game.outcomes,
    ...game.more,
  };
  game.observed = observe(world, decideRun(blind).needs, { when: now, generation: run.generation }, game.observed);
  const facts = { ...blind, observed: game.observed };
  const decision = decideRun(facts);
  game.passes.push({ facts, decision });
  game.run = { ...run, status: decision.status };
  game.ms += 10;
  for (const planned of decision.effects) send(game, planned);
  game.ms += Math.max(10, Math.min(decision.wakeAfterMs ?? 1_000, 1_000));
  return decision;
}

function send(game: Game, planned: PlannedEffect): void {
  const result = game.answer(game, planned);
  const endedAt = at(game.ms, `life-${String(game.life)}`);
  const { token } = planned.intent;
  game.outcomes[token] = result === undefined ? { state: 'InFlight' } : { state: 'Ended', result, endedAt };
}

/** The operator dies and another life of it begins: what it only remembered is gone. */
export function restart(game: Game): void {
  game.life += 1;
  game.outcomes = {};
  game.observed = nothingObserved;
}

/** Plays until `enough`, or the run is over. @throws Error when that takes more passes than anything needs. */
export function play(game: Game, enough: (game: Game) => boolean = () => false, limit = 3_000): Game {
  for (let count = 0; count < limit; count += 1) {
    if (isTerminalPhase(game.run.status.phase) || enough(game)) return game;
    pass(game);
  }
  throw new Error(`still ${game.run.status.phase} after ${String(limit)} passes: ${game.run.status.message}`);
}

/** As `play`, by the time it takes: until `ms` have passed or the run is over. */
export function playFor(game: Game, ms: number): Game {
  const until = game.ms + ms;
  return play(game, (one) => one.ms >= until);
}

export function stepOf(game: Game, id: string): RunStatus['steps'][number] {
  const step = game.run.status.steps.find((one) => one.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
}

export function isDone(id: string): (game: Game) => boolean {
  return (game) => game.run.status.steps.some((step) => step.id === id && step.outcome !== undefined);
}

/** Has a step stopped for this reason? */
export function isHeld(id: string, reason: string): (game: Game) => boolean {
  return (game) => game.run.status.steps.some((step) => step.id === id && step.waitsFor?.reason === reason);
}

export function isIntended(id: string): (game: Game) => boolean {
  return (game) => game.run.status.steps.some((step) => step.id === id && step.intent !== undefined);
}

/** A person changes the Run's spec. */
export function patch(game: Game, spec: Partial<Run['spec']>): void {
  game.run = { ...game.run, generation: game.run.generation + 1, spec: { ...game.run.spec, ...spec } };
}

/** Types what the status asks for: the approval that a step's `next` shows. */
export function approve(game: Game, id: string): void {
  const { waitsFor } = stepOf(game, id);
  if (waitsFor?.evidenceHash === undefined) throw new Error(`${id} asks for nothing`);
  const approval = { gate: waitsFor.reason, by: 'ana', reason: 'go', evidenceHash: waitsFor.evidenceHash };
  patch(game, { approvals: [...game.run.spec.approvals, approval] });
}

export function attest(game: Game, target: string): void {
  const attestation = { target, kind: 'Fenced', at: start + game.ms, by: 'ana', reason: 'pulled the plug' } as const;
  patch(game, { attestations: [...game.run.spec.attestations, attestation] });
}

export function acceptLoss(game: Game, maxMs: number): void {
  patch(game, { acceptDataLoss: { maxMs, by: 'ana', reason: 'it has to be' } });
}

/** The states and words of every step, for a message when something is stuck. */
export function journal(game: Game): string {
  return game.run.status.steps
    .map((s) => `${s.id}: ${s.outcome?.state ?? s.state} ${s.waitsFor?.reason ?? ''}`)
    .join('\n');
}
