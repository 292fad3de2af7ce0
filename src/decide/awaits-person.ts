import type { RunStatus } from '../api/run.ts';
import { personReasons } from './person-reasons.ts';

/** Whether something of the run goes on only with a person's word or hand: what GitOps tools show as suspended. */
export function awaitsPerson({ steps, finishedAt }: Pick<RunStatus, 'steps' | 'finishedAt'>): boolean {
  if (finishedAt !== undefined) return false;
  return steps.some(
    ({ state, outcome, waitsFor }) =>
      waitsFor !== undefined &&
      (outcome === undefined || state === 'Undoing') &&
      state !== 'Undone' &&
      personReasons.includes(waitsFor.reason),
  );
}
