import type { Hold, Intent, StepStatus } from '../api/run.ts';
import { hold, type Context } from './context.ts';
import type { PlannedEffect } from './decision.ts';
import type { Need, RunFacts } from './facts.ts';
import { decideIntent, endedAttempt, mayArriveMs } from './intents.ts';
import type { Judgement } from './judgement.ts';
import { keptHold } from './kept-hold.ts';
import { stepRules } from './kinds/index.ts';
import { isOverdue, sayingWayOn, withWayOn } from './late.ts';
import { describeStep } from './modes.ts';
import { personReasons } from './person-reasons.ts';
import { clusterChanged, clusterNeeds } from './rules/cluster-changed.ts';
import { gates } from './rules/index.ts';
import { movedByHand } from './rules/moved-by-hand.ts';
import { epochNeeds, epochsSeen } from './rules/epochs-seen.ts';
import { fenceNeeds } from './rules/fences-hold.ts';
import { staleEpoch } from './rules/safety.ts';
import { targetsSeen } from './rules/targets-seen.ts';
import { skipOf } from './steering/skip.ts';

/** What one pass found for one step. */
export interface StepPass {
  readonly step: StepStatus;
  readonly effect?: PlannedEffect;
  readonly needs: readonly Need[];
  readonly wakeAfterMs?: number;
}

/** The step as it stands after this pass. Its edges were looked at by the caller: it is ready. */
export function passStep(facts: RunFacts, step: StepStatus, ctx: Context): StepPass {
  const { now } = facts;
  if (step.pretend !== undefined) {
    const what = `${step.pretend === 'Would' ? 'would' : 'would then wait for'}: ${describeStep(step)}`;
    return {
      step: latch(step, { kind: 'Done', state: 'Pretended', evidence: [{ what, at: now.wall }] }, now.wall),
      needs: [],
    };
  }
  const skip = skipOf(step, ctx);
  if (skip !== undefined) {
    const what = `skipped by ${skip.by} (claimed, unverified): ${skip.reason}`;
    return {
      step: latch(step, { kind: 'Done', state: 'Skipped', evidence: [{ what, at: now.wall }] }, now.wall),
      needs: [],
    };
  }
  const rule = stepRules[step.kind];
  const needs = sinceAttempt([...needsOf(step, ctx), ...fenceNeeds(step, ctx)], step, facts);
  const judged = withWayOn(rule.judge(step, ctx), step, ctx);
  if (judged.kind === 'Done') {
    const held = firstGate('Done', step, ctx);
    if (held === undefined) return { step: latch(step, judged, now.wall), needs: [] };
    return { step: waiting(step, held, now.wall), needs };
  }
  const ungated = judged.kind === 'Wait' && judged.gated !== true;
  const held = ungated ? undefined : firstGate('Effect', step, ctx);
  if (held !== undefined) return { step: heldBack(step, held, now.wall), needs };
  if (judged.kind === 'Wait') return { step: waiting(step, judged.hold, now.wall), needs };
  return intend(facts, step, 'Do', judged, needs);
}

/** For its own rule, and for the gates before whatever it is about to do. */
function needsOf(step: StepStatus, ctx: Context): readonly Need[] {
  return [...stepRules[step.kind].needs(step, ctx), ...clusterNeeds(step), ...epochNeeds(step, ctx)];
}

/** What an attempt has brought is read after it, not from a young look that began before. */
function sinceAttempt(needs: readonly Need[], step: StepStatus, facts: RunFacts): readonly Need[] {
  const ended = endedAttempt(step, facts);
  if (ended === undefined) return needs;
  const { wall } = ended.endedAt;
  return needs.map((need) => {
    const shows = need.kind === 'Record' || (need.kind === 'Database' && need.once !== true);
    return shows ? { ...need, since: Math.max(wall, need.since ?? 0) } : need;
  });
}

/** Taking a step's effect back, while that is still allowed. */
export function undoStep(facts: RunFacts, step: StepStatus, ctx: Context): StepPass {
  const rule = stepRules[step.kind];
  if (rule.undo === undefined) return { step: { ...step, state: 'Undone', since: facts.now.wall }, needs: [] };
  const needs = sinceAttempt(needsOf(step, ctx), step, facts);
  // Said whatever else is waited for, too: what a successor never gets to see, it reads in the journal.
  const waits = (held: Hold): StepStatus => undoing(step, movedByHand.check(step, ctx) ?? held, facts.now.wall);
  // What is still on its way would arrive after it was found absent, and stay.
  const arriving = step.intent?.action === 'Do' ? mayArriveMs(step, facts) : 0;
  if (arriving > 0) {
    const held = hold('UndoPending', 'The last attempt may still arrive; it is taken back after that.');
    return { step: waits(held), needs, wakeAfterMs: arriving };
  }
  const judged = rule.undo(step, ctx);
  if (judged.kind === 'Done') {
    if (seenTooEarly(facts, step, judged)) {
      const held = hold('UndoPending', 'The last attempt was answered; what it left is being looked at.');
      return { step: waits(held), needs, wakeAfterMs: lookAgainMs };
    }
    const { waitsFor: _over, ...rest } = step;
    return { step: { ...rest, state: 'Undone', since: facts.now.wall }, needs: [] };
  }
  if (judged.kind === 'Wait') return { step: waits(judged.hold), needs };
  const held = [staleEpoch, clusterChanged, epochsSeen, movedByHand, targetsSeen]
    .map((gate) => gate.check(step, ctx))
    .find((one) => one !== undefined);
  if (held !== undefined) return { step: waits(held), needs };
  const pass = intend(facts, step, 'Undo', judged, needs);
  return { ...pass, step: { ...pass.step, state: 'Undoing', since: sinceOf(step, 'Undoing', facts.now.wall) } };
}

const lookAgainMs = 500;

/** A look from before the attempt ended shows the world as it was without it: nothing to take back, yet. */
function seenTooEarly(facts: RunFacts, step: StepStatus, judged: Extract<Judgement, { kind: 'Done' }>): boolean {
  const { intent } = step;
  if (intent === undefined) return false;
  const from = endedAttempt(step, facts)?.endedAt.wall ?? intent.at;
  const [look] = judged.evidence;
  return look !== undefined && look.at < from;
}

function undoing(step: StepStatus, held: Hold, at: number): StepStatus {
  return {
    ...step,
    waitsFor: keptHold(step.waitsFor, held, at),
    state: 'Undoing',
    since: sinceOf(step, 'Undoing', at),
  };
}

function intend(
  facts: RunFacts,
  step: StepStatus,
  action: Intent['action'],
  judged: Extract<Judgement, { kind: 'Act' }>,
  needs: readonly Need[],
): StepPass {
  const decision = decideIntent(step, action, judged, facts);
  if (decision.kind === 'Send') {
    const held = waiting({ ...step, intent: decision.intent }, judged.hold, facts.now.wall);
    return { step: held, effect: { stepId: step.id, intent: decision.intent, effect: judged.effect }, needs };
  }
  const refusal = decision.refused;
  const shown =
    refusal === undefined
      ? judged.hold
      : hold(
          judged.hold.reason,
          `${judged.hold.message} The last attempt was refused: ${refusal.code}, ${refusal.message}`,
          judged.hold.evidence,
          judged.hold.next,
        );
  return { step: waiting(step, shown, facts.now.wall), needs, wakeAfterMs: decision.waitMs };
}

function firstGate(before: 'Effect' | 'Done', step: StepStatus, ctx: Context): Hold | undefined {
  for (const gate of gates) {
    if (gate.before !== before || !gate.applies(step)) continue;
    const held = gate.check(step, ctx);
    if (held !== undefined) return sayingWayOn(held, step, ctx);
  }
  return undefined;
}

/** What keeps a step from being begun at all, whatever it is about. */
const stops: readonly string[] = ['Halted', 'Paused', 'EpochUnproven'];

/** The time of what is stopped has not begun: a quiesce that was never tried must not be left out as too late. */
function heldBack(step: StepStatus, held: Hold, at: number): StepStatus {
  const shown = waiting(step, held, at);
  if (!stops.includes(held.reason) || step.intent !== undefined) return shown;
  const { readyAt: _notYet, deadline: _nor, ...rest } = shown;
  return rest;
}

function latch(step: StepStatus, judged: Extract<Judgement, { kind: 'Done' }>, at: number): StepStatus {
  const { waitsFor: _over, ...rest } = step;
  return {
    ...rest,
    state: 'Done',
    since: at,
    outcome: { state: judged.state, at: outcomeAt(judged, at), evidence: judged.evidence },
  };
}

/** When it was seen, not when it was decided: the newest look that the outcome rests on. */
function outcomeAt(judged: Extract<Judgement, { kind: 'Done' }>, now: number): number {
  const [first] = judged.evidence;
  return first === undefined ? now : Math.min(now, first.at);
}

function waiting(step: StepStatus, held: Hold, at: number): StepStatus {
  const state = isOverdue(step, held, at) ? 'Blocked' : personReasons.includes(held.reason) ? 'Waiting' : 'Running';
  return { ...step, waitsFor: keptHold(step.waitsFor, held, at), state, since: sinceOf(step, state, at) };
}

function sinceOf(step: StepStatus, state: StepStatus['state'], at: number): number {
  return step.state === state ? step.since : at;
}
