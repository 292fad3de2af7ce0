import type { Attestation, StepStatus } from '../../api/run.ts';
import { formatTime } from '../../api/time.ts';
import { abortCommand, attestCommand } from '../commands.ts';
import { hold, unknownEvidence, workloadAt, type Context } from '../context.ts';
import { done, wait, type Judgement } from '../judgement.ts';
import { attestationFor } from './fence.ts';

/**
 * Without a database the quiesce is the fence: only zero pods is proof, or in a forced run a person's word where nobody
 * can look. No word stands against pods that are seen, and a planned run has a source that can be asked.
 */
export function asTheFence(step: StepStatus, ctx: Context, judged: Judgement): Judgement {
  if (judged.kind === 'Done') return judged;
  const name = step.subject ?? '';
  const { fact } = workloadAt(ctx, name, ctx.source);
  // Not looked at yet, by this life of the operator: it may be there to be seen, whatever was said of it before.
  if (fact.known || fact.why === 'NotAsked') {
    return { ...judged, hold: { ...judged.hold, ...wayBack(step, ctx) } };
  }
  const forced = ctx.status.mode === 'Forced';
  const attested = forced ? attestationFor(ctx, name) : undefined;
  if (attested !== undefined && !contradicts(ctx, name, attested)) {
    return done('Overridden', {
      what: `${attested.by} attests that ${name} in ${ctx.source} is stopped`,
      at: attested.at,
    });
  }
  const message = `Workload ${name} in ${ctx.source} cannot be seen, so it is not proven stopped.${unheard(ctx, name, attested)}`;
  const evidence = [unknownEvidence(`${name}@${ctx.source}`, fact)];
  const next = forced ? attestCommand(ctx, name) : wayBack(step, ctx).next;
  return wait(hold('FenceNotProven', message, evidence, next));
}

/** Late, and nothing is moved yet: what was begun can be taken back, and the source serves as before. */
function wayBack(step: StepStatus, ctx: Context): { readonly next?: string } {
  const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
  return late ? { next: abortCommand(ctx) } : {};
}

/** It was seen running after the time from which it is said to have stopped. */
function contradicts(ctx: Context, name: string, attested: Attestation): boolean {
  return (lastSeenRunning(ctx, name) ?? 0) > attested.at;
}

/** Wall ms. */
function lastSeenRunning(ctx: Context, name: string): number | undefined {
  const { fact } = workloadAt(ctx, name, ctx.source);
  const last = fact.known ? undefined : fact.last;
  return last?.value.exists === true && last.value.pods > 0 ? last.at.wall : undefined;
}

/** Why a word that was given counts for nothing, as a sentence. */
function unheard(ctx: Context, name: string, attested: Attestation | undefined): string {
  if (attested === undefined) return '';
  return ` The attested time lies before ${formatTime(lastSeenRunning(ctx, name) ?? 0)}, when its pods were still seen.`;
}
