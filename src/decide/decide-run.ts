import type { RunPhase, RunStatus, Step, StepStatus, Word } from '../api/run.ts';
import { abortCause, fenceIntended, isPlanMissed, noReturnWords, pastNoReturn } from './abort.ts';
import { countingApprovals } from './approvals.ts';
import { contextOf, stepOf, type Context } from './context.ts';
import type { PlannedEffect, RunDecision } from './decision.ts';
import { endingMessage } from './ending.ts';
import type { Need, RunFacts } from './facts.ts';
import { assessStep, buildGraph } from './graph.ts';
import { withoutOldWord } from './rules/moved-by-hand.ts';
import { milestones, recoveries } from './measure.ts';
import { applyModes } from './modes.ts';
import { noticesOf } from './notices.ts';
import { withNewSamples } from './samples.ts';
import { withoutFuture } from './set-back.ts';
import { withShown } from './shown.ts';
import { passStep, undoStep } from './step-pass.ts';
import { paceOf } from './pace.ts';
import { isTerminalPhase } from './phases.ts';
import { abandonRefused, leftOpen } from './steering/abandon.ts';
import { withPartial } from './steering/partial.ts';
import { withRefusals } from './steering/refusals.ts';
import { hear, markUsed } from './steering/words.ts';

/** The graph's steps as they begin. */
export function freshSteps(steps: readonly Step[], now: number): readonly StepStatus[] {
  return steps.map((step) => ({ ...step, state: 'Pending', since: now }));
}

/**
 * Facts in, decision out. Works through the graph once, in its order: what a step's outcome opens is looked at in the
 * same pass, with the facts there are; what those do not tell is asked for the next.
 */
export function decideRun(facts: RunFacts): RunDecision {
  const { run } = facts;
  const nothing: RunDecision = { status: run.status, effects: [], notices: [], needs: [] };
  if (isTerminalPhase(run.status.phase)) return nothing;
  if (!facts.bound) return superseded(facts);
  const spec = run.status.snapshot;
  // Pinned by the controller with the first write; until then there is nothing to decide on.
  if (spec === undefined) return nothing;

  if (run.spec.abandon !== undefined && abandonRefused(run.status) === undefined) {
    return abandoned(facts, run.spec.abandon);
  }
  const { effectMs, skewMs } = facts.limits;
  const past = withoutFuture(run.status, { wall: facts.now.wall, effectMs, skewMs });
  const heard = hear(past, run.spec, facts.now.wall);
  const begun: RunStatus =
    heard.steps.length > 0 ? heard : { ...heard, steps: freshSteps([assessStep], facts.now.wall) };
  const sampled = withNewSamples(contextOf(facts, begun, spec));
  const ctx = contextOf(facts, sampled, spec);
  const cause = sampled.abort === undefined ? abortCause(ctx) : undefined;
  const aborting = cause === undefined ? sampled : { ...sampled, abort: { at: facts.now.wall, ...cause } };
  const pass = aborting.abort === undefined ? forward(ctx) : backward(contextOf(facts, aborting, spec));
  if (isPlanMissed(facts) && aborting.abort === undefined && !fenceIntended(run.status)) {
    return { ...nothing, needs: [{ kind: 'Plan' }, ...pass.needs], wakeAfterMs: planAgainMs };
  }
  return finish(facts, pass);
}

/** Before its fence a run whose plan may be gone begins nothing until the API server has said so, or has not. */
const planAgainMs = 1_000;

interface Pass {
  readonly ctx: Context;
  readonly effects: readonly PlannedEffect[];
  readonly needs: readonly Need[];
  readonly wakes: readonly number[];
}

function forward(start: Context): Pass {
  let ctx = start;
  const effects: PlannedEffect[] = [];
  const needs: Need[] = [];
  const wakes: number[] = [];
  // By position: once the mode is decided the list grows behind the step that decided it.
  for (
    let position = 0, step = ctx.status.steps[0];
    step !== undefined;
    position += 1, step = ctx.status.steps[position]
  ) {
    if (step.outcome !== undefined) continue;
    if (!step.after.every((id) => stepOf(ctx.status, id)?.outcome !== undefined)) continue;
    const pass = passStep(ctx.facts, ready(step, ctx.facts.now.wall), ctx);
    ctx = replaceStep(ctx, pass.step);
    if (pass.effect !== undefined) effects.push(pass.effect);
    needs.push(...pass.needs);
    if (pass.wakeAfterMs !== undefined) wakes.push(pass.wakeAfterMs);
    if (pass.step.deadline !== undefined && pass.step.outcome === undefined) {
      wakes.push(pass.step.deadline - ctx.facts.now.wall);
    }
    if (step.kind === 'Assess' && pass.step.outcome !== undefined) ctx = withGraph(ctx, pass.step);
  }
  return { ctx, effects, needs, wakes };
}

/** The mode is decided: the whole graph is laid out, once, and pinned. */
function withGraph(ctx: Context, assessed: StepStatus): Context {
  const value = assessed.outcome?.evidence[0]?.value?.mode;
  const mode = value === 'Planned' ? 'Planned' : 'Forced';
  const graph = applyModes(buildGraph({ spec: ctx.spec, target: ctx.target, mode }), ctx.spec);
  const [, ...rest] = freshSteps(graph, ctx.facts.now.wall);
  return contextOf(ctx.facts, { ...ctx.status, mode, steps: [assessed, ...rest] }, ctx.spec);
}

/** What an abort takes back, in this order: the source serves again before anything else is tidied. */
const undone: readonly StepStatus['kind'][] = ['Fence', 'FinishFence', 'Workload', 'Quiesce', 'PreScale'];

/** Undoes what was intended. */
function backward(start: Context): Pass {
  let ctx = start;
  const effects: PlannedEffect[] = [];
  const needs: Need[] = [];
  const wakes: number[] = [];
  for (const kind of undone) {
    for (const step of ctx.status.steps.filter(
      (s) => s.kind === kind && s.intent !== undefined && s.state !== 'Undone',
    )) {
      const pass = undoStep(ctx.facts, step, ctx);
      ctx = replaceStep(ctx, pass.step);
      if (pass.effect !== undefined) effects.push(pass.effect);
      needs.push(...pass.needs);
      if (pass.wakeAfterMs !== undefined) wakes.push(pass.wakeAfterMs);
    }
  }
  if (needs.length > 0) needs.push(...looksAtTargets(ctx));
  return { ctx: withoutOldWord(ctx), effects, needs, wakes };
}

/** Whether people have promoted one meanwhile: then nothing may be undone (rules/moved-by-hand.ts, rules/targets-seen.ts). */
function looksAtTargets({ spec, status, target }: Context): readonly Need[] {
  const since = status.abort?.at ?? 0;
  return spec.databases.map(({ name }): Need => ({ kind: 'Database', name, region: target, since }));
}

function ready(step: StepStatus, now: number): StepStatus {
  if (step.readyAt !== undefined) return step;
  return { ...step, readyAt: now, ...(step.deadlineMs === undefined ? {} : { deadline: now + step.deadlineMs }) };
}

function replaceStep(ctx: Context, step: StepStatus): Context {
  const steps = ctx.status.steps.map((other) => (other.id === step.id ? step : other));
  return { ...ctx, status: { ...ctx.status, steps } };
}

function finish(facts: RunFacts, pass: Pass): RunDecision {
  const ctx = withPartial(pass.ctx, facts.run.status);
  // What a word has opened in this pass is not refused any more.
  const used = markUsed(facts.run.status, ctx.status, facts.now.wall, countingApprovals(ctx));
  const told = withRefusals({ ...ctx, status: used }, facts.run.status);
  const measured = { ...ctx, status: { ...told, milestones: milestones(ctx) } };
  const recovery = recoveries(measured);
  const phase = phaseOf(measured.status);
  const finishedAt = facts.run.status.finishedAt ?? (isTerminalPhase(phase) ? facts.now.wall : undefined);
  const status = withShown(facts.run.status, {
    ...measured.status,
    recovery,
    phase,
    observedGeneration: facts.run.generation,
    message: messageOf(facts, measured.status, phase),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  });
  const moved = status.steps.some(
    (step, index) => step.outcome !== undefined && facts.run.status.steps[index]?.outcome === undefined,
  );
  return {
    status,
    effects: pass.effects,
    notices: noticesOf(facts.run.status, status),
    needs: pass.needs,
    ...paceOf({ now: facts.now.wall, status, wakes: pass.wakes, moved, needs: pass.needs }),
  };
}

function phaseOf(status: RunStatus): RunPhase {
  if (status.abort !== undefined) {
    const open = status.steps.some(
      (s) => s.intent !== undefined && s.effect === 'Reversible' && undone.includes(s.kind) && s.state !== 'Undone',
    );
    return open ? 'Aborting' : 'Aborted';
  }
  const active = status.steps.find((step) => step.outcome === undefined);
  if (active === undefined) return 'Succeeded';
  if (stepOf(status, 'soak')?.outcome !== undefined) return 'Reconstitution';
  return stepOf(status, 'approve')?.outcome === undefined ? 'Activation' : 'Recovery';
}

function messageOf(facts: RunFacts, status: RunStatus, phase: RunPhase): string {
  if (status.abort !== undefined) return `${phase}: ${status.abort.message}`;
  if (facts.run.spec.desiredState === 'Aborted' && pastNoReturn(status)) {
    return `Abort was refused. ${noReturnWords(status)}`;
  }
  const stopped =
    status.steps.find((s) => s.state === 'Blocked') ??
    status.steps.find((s) => s.state === 'Waiting') ??
    status.steps.find((s) => s.state === 'Running');
  if (phase === 'Succeeded') return endingMessage(status);
  const { reason, message = '' } = stopped?.waitsFor ?? {};
  // What it waits for may be nothing that a pause holds: that it goes no further than that has to be told all the same.
  const paused = facts.run.spec.desiredState === 'Paused' && reason !== 'Paused';
  return paused ? `A person paused this Run. ${message}`.trim() : message;
}

/** A person ends it where it stands. What was asked for and not seen is named: from here on it is theirs. */
function abandoned(facts: RunFacts, word: Word): RunDecision {
  const { status } = facts.run;
  const open = leftOpen(status);
  const left = open.length === 0 ? '' : ` Begun and not seen done: ${open.join(', ')}.`;
  const message = `Abandoned by ${word.by} (claimed, unverified): ${word.reason}. Nothing more is done, and nothing is taken back.${left}`;
  const ended: RunStatus = {
    ...status,
    phase: 'Abandoned',
    message,
    finishedAt: facts.now.wall,
    observedGeneration: facts.run.generation,
  };
  return { status: ended, effects: [], notices: noticesOf(status, ended), needs: [] };
}

/** Not the plan's current run: restored from a backup, overtaken, or never bound. It never acts. */
function superseded(facts: RunFacts): RunDecision {
  const { status } = facts.run;
  const { plan } = facts;
  const base: RunDecision = { status, effects: [], notices: [], needs: [] };
  // Only a plan that was read and names another run proves it; a plan not yet seen proves nothing.
  if (!plan.known || plan.value === undefined) return base;
  // It is final, so no cache decides it: after a restore, or on a standby whose watch lags, that is another plan's word.
  if (plan.live !== true) return { ...base, needs: [{ kind: 'Plan' }] };
  const message = 'Not the current run of its plan: it changes nothing.';
  const over: RunStatus = {
    ...status,
    phase: 'Superseded',
    message,
    finishedAt: facts.now.wall,
    observedGeneration: facts.run.generation,
  };
  return { ...base, status: over, notices: noticesOf(status, over) };
}
