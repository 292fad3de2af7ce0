import type { RunStatus, StepStatus } from '../api/run.ts';
import type { Notice } from './decision.ts';

const bad: readonly RunStatus['phase'][] = ['Aborting', 'Abandoned', 'Failed', 'Superseded'];

/** One for each transition that a person would want to be told of. */
export function noticesOf(before: RunStatus, after: RunStatus): readonly Notice[] {
  const steps = after.steps.flatMap((step) =>
    stepNotices(
      before.steps.find((other) => other.id === step.id),
      step,
    ),
  );
  return [...phaseNotice(before, after), ...steps];
}

function phaseNotice(before: RunStatus, after: RunStatus): readonly Notice[] {
  if (after.phase === before.phase) return [];
  const message = after.message === '' ? `The run is in ${after.phase}.` : after.message;
  return [{ type: bad.includes(after.phase) ? 'Warning' : 'Normal', reason: after.phase, message }];
}

function stepNotices(was: StepStatus | undefined, step: StepStatus): readonly Notice[] {
  return [...doneNotice(was, step), ...stoppedNotice(was, step)];
}

function doneNotice(was: StepStatus | undefined, { id, outcome }: StepStatus): readonly Notice[] {
  if (outcome === undefined || was?.outcome !== undefined) return [];
  const type = outcome.state === 'Overridden' ? 'Warning' : 'Normal';
  return [{ type, reason: 'StepDone', message: `${id}: ${outcome.state}. ${outcome.evidence[0]?.what ?? ''}` }];
}

/** Told again only when it stops for something else. */
function stoppedNotice(was: StepStatus | undefined, { id, state, waitsFor }: StepStatus): readonly Notice[] {
  if (state !== 'Waiting' && state !== 'Blocked') return [];
  if (was?.state === state && was.waitsFor?.reason === waitsFor?.reason) return [];
  return [{ type: 'Warning', reason: waitsFor?.reason ?? state, message: `${id}: ${waitsFor?.message ?? state}` }];
}
