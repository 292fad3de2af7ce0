import type { RunStatus, StepStatus } from '../api/run.ts';

/**
 * Whether the run still does something for this step. One that turns back does nothing but take back: the steps that it
 * leaves where they stood keep their last words, which are true of nothing any more.
 */
export function isWorkedOn({ abort }: Pick<RunStatus, 'abort'>, { state, outcome }: StepStatus): boolean {
  if (state === 'Undoing') return true;
  return abort === undefined && outcome === undefined && state !== 'Undone';
}
