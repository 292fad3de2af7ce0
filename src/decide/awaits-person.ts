import type { Hold, RunStatus } from '../api/run.ts';
import { mayPassReasons, personReasons } from './person-reasons.ts';
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

/**
 * Beside the reasons that are for a person, a command is offered where nothing but a person's word would help at once (the
 * attestation of a fence is one), or where what may pass by itself is late.
 */
export function isForPerson({ reason, next }: Hold): boolean {
  return (next !== undefined && !mayPassReasons.includes(reason)) || personReasons.includes(reason);
}
