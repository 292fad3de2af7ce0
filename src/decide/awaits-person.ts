import type { Hold, RunStatus } from '../api/run.ts';
import { personReasons } from './person-reasons.ts';
import { isWorkedOn } from './worked-on.ts';

/**
 * Whether something of the run goes on only with a person's word or hand, or past its own deadline: what GitOps tools
 * show as suspended.
 */
export function awaitsPerson(status: Pick<RunStatus, 'steps' | 'finishedAt' | 'abort'>): boolean {
  if (status.finishedAt !== undefined) return false;
  return status.steps.some(
    (step) => step.waitsFor !== undefined && isWorkedOn(status, step) && isForPerson(step.waitsFor),
  );
}

/** A command is offered only where nothing but a person's word would help at once: the attestation of a fence is one. */
export function isForPerson({ reason, next }: Hold): boolean {
  return next !== undefined || personReasons.includes(reason);
}
