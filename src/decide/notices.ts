import type { RunStatus } from '../api/run.ts';
import type { Notice } from './decision.ts';

/** One for each transition that a person would want to be told of. */
export function noticesOf(before: RunStatus, after: RunStatus): readonly Notice[] {
  const notices: Notice[] = [];
  if (after.phase !== before.phase) {
    const warning = after.phase === 'Aborting' || after.phase === 'Failed' || after.phase === 'Superseded';
    notices.push({
      type: warning ? 'Warning' : 'Normal',
      reason: after.phase,
      message: after.message === '' ? `The run is in ${after.phase}.` : after.message,
    });
  }
  for (const step of after.steps) {
    const was = before.steps.find((other) => other.id === step.id);
    if (step.outcome !== undefined && was?.outcome === undefined) {
      const [first] = step.outcome.evidence;
      notices.push({
        type: step.outcome.state === 'Overridden' ? 'Warning' : 'Normal',
        reason: 'StepDone',
        message: `${step.id}: ${step.outcome.state}. ${first?.what ?? ''}`,
      });
    }
    const stopped = step.state === 'Waiting' || step.state === 'Blocked';
    if (stopped && (was?.state !== step.state || was.waitsFor?.reason !== step.waitsFor?.reason)) {
      notices.push({
        type: 'Warning',
        reason: step.waitsFor?.reason ?? step.state,
        message: `${step.id}: ${step.waitsFor?.message ?? step.state}`,
      });
    }
  }
  return notices;
}
