import type { RunStatus, StepStatus } from '../api/run.ts';
import type { Notice } from './decision.ts';

const bad: readonly RunStatus['phase'][] = ['Aborting', 'Abandoned', 'Failed', 'Superseded'];

/** One for each transition of the run and of its steps: its Events. */
export function noticesOf(before: RunStatus, after: RunStatus): readonly Notice[] {
  const had = new Map(before.steps.map((step) => [step.id, step]));
  const steps = after.steps.flatMap((step) => stepNotices(had.get(step.id), step));
  return [
    ...phaseNotice(before, after),
    ...modeNotice(before, after),
    ...wordNotices(before, after),
    ...refusalNotices(before, after),
    ...steps,
  ];
}

function phaseNotice(before: RunStatus, after: RunStatus): readonly Notice[] {
  if (after.phase === before.phase) return [];
  const message = after.message === '' ? `The run is in ${after.phase}.` : after.message;
  return [{ type: bad.includes(after.phase) ? 'Warning' : 'Normal', reason: after.phase, message }];
}

function modeNotice(before: RunStatus, { mode, sourceRegion }: RunStatus): readonly Notice[] {
  if (mode === undefined || before.mode !== undefined) return [];
  const message = `${mode}: ${sourceRegion ?? 'the source'} is ${mode === 'Planned' ? 'alive' : 'taken for lost'}.`;
  return [{ type: 'Normal', reason: 'ModeDecided', message }];
}

function wordNotices(before: RunStatus, after: RunStatus): readonly Notice[] {
  const had = new Set(before.words.map(({ gate, evidenceHash }) => `${gate} ${evidenceHash}`));
  return after.words
    .filter(({ gate, evidenceHash }) => !had.has(`${gate} ${evidenceHash}`))
    .map(({ gate, evidenceHash }) => ({
      type: 'Normal',
      reason: 'ApprovalHeard',
      message: `An approval of ${gate} was heard, for evidence ${evidenceHash === '' ? 'that it does not name' : evidenceHash}.`,
    }));
}

function refusalNotices(before: RunStatus, after: RunStatus): readonly Notice[] {
  const had = new Set(before.refusals.map(({ request, reason }) => `${request} ${reason}`));
  return after.refusals
    .filter(({ request, reason }) => !had.has(`${request} ${reason}`))
    .map(({ request, reason, message }) => ({
      type: 'Warning',
      reason,
      message: `${request} is not done: ${message}`,
    }));
}

function stepNotices(was: StepStatus | undefined, step: StepStatus): readonly Notice[] {
  return [
    ...begunNotice(was, step),
    ...doneNotice(was, step),
    ...stoppedNotice(was, step),
    ...resumedNotice(was, step),
    ...turnedNotice(was, step),
  ];
}

/** Its effect was intended for the first time: from now on it may have happened. Further attempts are not told. */
function begunNotice(was: StepStatus | undefined, { id, intent }: StepStatus): readonly Notice[] {
  if (intent?.action !== 'Do' || was?.intent !== undefined) return [];
  return [{ type: 'Normal', reason: 'StepBegun', message: `${id}: its effect is being sent.` }];
}

function doneNotice(was: StepStatus | undefined, { id, outcome }: StepStatus): readonly Notice[] {
  if (outcome === undefined || was?.outcome !== undefined) return [];
  const type = outcome.state === 'Overridden' ? 'Warning' : 'Normal';
  return [{ type, reason: 'StepDone', message: `${id}: ${outcome.state}. ${outcome.evidence[0]?.what ?? ''}` }];
}

const stopped: readonly StepStatus['state'][] = ['Waiting', 'Blocked'];

/** Told again only when it stops for something else. */
function stoppedNotice(was: StepStatus | undefined, { id, state, waitsFor }: StepStatus): readonly Notice[] {
  if (!stopped.includes(state)) return [];
  if (was?.state === state && was.waitsFor?.reason === waitsFor?.reason) return [];
  return [{ type: 'Warning', reason: waitsFor?.reason ?? state, message: `${id}: ${waitsFor?.message ?? state}` }];
}

/** What had stopped goes on; that it is done says as much. */
function resumedNotice(was: StepStatus | undefined, { id, state, waitsFor }: StepStatus): readonly Notice[] {
  if (was === undefined || !stopped.includes(was.state) || (state !== 'Running' && state !== 'Pending')) return [];
  return [{ type: 'Normal', reason: 'StepResumed', message: `${id}: ${waitsFor?.message ?? 'goes on'}` }];
}

/** Taken back, or no longer as it was left. */
function turnedNotice(was: StepStatus | undefined, { id, state, waitsFor }: StepStatus): readonly Notice[] {
  if (was?.state === state) return [];
  switch (state) {
    case 'Undoing':
      return [{ type: 'Warning', reason: 'StepUndoing', message: `${id}: ${waitsFor?.message ?? 'being taken back'}` }];
    case 'Undone':
      return [{ type: 'Normal', reason: 'StepUndone', message: `${id}: taken back.` }];
    case 'Drifted':
      return [{ type: 'Warning', reason: 'StepDrifted', message: `${id}: no longer as this run left it.` }];
    case 'Pending':
    case 'Running':
    case 'Waiting':
    case 'Blocked':
    case 'Done':
      return [];
  }
}
