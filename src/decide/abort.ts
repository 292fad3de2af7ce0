import type { RunStatus, StepStatus } from '../api/run.ts';
import { everIntended, type Context } from './context.ts';
import type { RunFacts } from './facts.ts';

export interface AbortCause {
  readonly reason: 'Requested' | 'Reverted' | 'PlanDeleted' | 'IdentityInUse' | 'PositionNotReached';
  readonly message: string;
}

/** From the first irreversible intent on there is only forward, or failback: it may have happened. */
export function pastNoReturn(status: RunStatus): boolean {
  return noReturn(status) !== undefined;
}

/** What may have happened, in a sentence: of a database its promotion, and where there is none the move of a record. */
export function noReturnWords(status: RunStatus): string {
  const step = noReturn(status);
  const what =
    step?.kind === 'Shift'
      ? `The record ${step.subject ?? ''} may already have been moved`
      : 'The promotion may already have happened';
  return `${what}. From here there is only forward, or failback.`;
}

function noReturn(status: RunStatus): StepStatus | undefined {
  return status.steps.find((step) => step.effect === 'Irreversible' && step.intent?.action === 'Do');
}

/** The fence-intent write is the point after which a reversal of the field no longer aborts. */
export function fenceIntended(status: RunStatus): boolean {
  const fences = status.steps.filter((step) => step.kind === 'Fence' || step.kind === 'FinishFence');
  return fences.some((step) => everIntended(status, step.id)) || pastNoReturn(status);
}

/** Not in the cache, which may be older than the plan itself; that it is gone is final, and only the API server says it. */
export function isPlanMissed({ plan }: RunFacts): boolean {
  return plan.known && plan.value === undefined && plan.live !== true;
}

/** Why this run is to be taken back, if it is, and still can be. */
export function abortCause(ctx: Context): AbortCause | undefined {
  const { status, run, facts } = ctx;
  if (pastNoReturn(status)) return undefined;
  if (run.spec.desiredState === 'Aborted') return { reason: 'Requested', message: 'A person asked for it.' };
  const late = status.steps.find(
    (s) => s.kind === 'Position' && s.outcome === undefined && s.deadline !== undefined && facts.now.wall >= s.deadline,
  );
  // A pause outlives it: taking the fence back is a new effect, and nobody but a person asks a paused run for one.
  if (late !== undefined && run.spec.desiredState !== 'Paused') {
    const message = `The standby of ${late.subject ?? ''} did not reach the source's last position in time; ${ctx.source} stays active.`;
    return { reason: 'PositionNotReached', message };
  }
  // Past the fence it goes on: a platform that stands half moved helps neither plan, and epochs keep the two apart.
  if (fenceIntended(status)) return undefined;
  if (facts.identityKeptBy !== undefined) {
    const message = `The plan's identity is in use by the plan ${facts.identityKeptBy}.`;
    return { reason: 'IdentityInUse', message };
  }
  if (!facts.plan.known || isPlanMissed(facts)) return undefined;
  const plan = facts.plan.value;
  if (plan === undefined || plan.deleting) {
    return { reason: 'PlanDeleted', message: 'The plan was deleted before anything was fenced.' };
  }
  if (run.spec.origin === 'PlanField' && plan.spec.activeRegion === ctx.source) {
    return {
      reason: 'Reverted',
      message: `spec.activeRegion was set back to ${ctx.source} before anything was fenced.`,
    };
  }
  return undefined;
}
