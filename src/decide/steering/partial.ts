import type { Evidence, Hold, RunStatus, StepStatus } from '../../api/run.ts';
import { leaveBehindCommand } from '../commands.ts';
import { databaseAt, seenAt, unknownEvidence, type Context } from '../context.ts';
import { keptHold } from '../kept-hold.ts';
import { lossBound, offeredLossMs, replayedNow } from '../loss.ts';

/** This promotion is late while another database was promoted: part of the platform has moved. */
export function partlyPromoted(status: RunStatus, step: StepStatus, now: number): boolean {
  if (step.kind !== 'Promote' || step.outcome !== undefined) return false;
  if (step.deadline === undefined || now < step.deadline) return false;
  return status.steps.some((other) => other.kind === 'Promote' && other.outcome?.state === 'Succeeded');
}

/**
 * The others finish, the traffic holds (by the graph's edges), and the source of this one stays fenced. What stops it
 * is told beside where each database writes, for a person to choose: mend it, or leave this one behind.
 */
export function withPartial(ctx: Context, before: RunStatus): Context {
  const steps = ctx.status.steps.map((step) => {
    if (!partlyPromoted(ctx.status, step, ctx.facts.now.wall)) return step;
    const told = partialHold(ctx, step);
    const had = before.steps.find((other) => other.id === step.id)?.waitsFor;
    return { ...step, state: 'Blocked' as const, waitsFor: keptHold(had, told, ctx.facts.now.wall) };
  });
  return { ...ctx, status: { ...ctx.status, steps } };
}

function partialHold(ctx: Context, step: StepStatus): Hold {
  const writers = ctx.spec.databases.map(({ name }) => writerOf(ctx, name));
  const why = step.waitsFor?.reason === 'PartiallyPromoted' ? '' : ` ${step.waitsFor?.message ?? ''}`;
  const message = `Part of the plan has moved: ${writers.map((w) => w.words).join('; ')}. Traffic holds, and ${step.subject ?? ''} stays fenced in ${ctx.source}.${why} It is tried again by itself; or leave it behind with skips and acceptDataLoss.`;
  return {
    reason: 'PartiallyPromoted',
    message,
    evidence: writers.map((w) => w.evidence),
    next: leaveBehindCommand(ctx, step.id, leftLossMs(ctx, step.subject ?? '')),
  };
}

/** What may be missing in the target of the one that is left behind, as it is known now. */
function leftLossMs(ctx: Context, database: string): number {
  return offeredLossMs(lossBound(ctx, database, replayedNow(ctx, database)), ctx.spec.objectives.rpoMs);
}

function writerOf(ctx: Context, name: string): { readonly words: string; readonly evidence: Evidence } {
  const promoted = ctx.status.steps.find((s) => s.kind === 'Promote' && s.subject === name)?.outcome;
  const { fact } = databaseAt(ctx, name, ctx.target);
  const evidence = fact.known
    ? seenAt(fact, `${name}@${ctx.target}: ${fact.value.role}, timeline ${String(fact.value.timeline)}`)
    : unknownEvidence(`${name}@${ctx.target}`, fact);
  return promoted?.state === 'Succeeded'
    ? { words: `${name} writes in ${ctx.target}`, evidence }
    : { words: `${name} writes nowhere`, evidence };
}
