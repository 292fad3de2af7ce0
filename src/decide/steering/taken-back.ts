import type { Refusal } from '../../api/run.ts';
import { stepOf, type Context } from '../context.ts';

/**
 * What a run that is taken back was asked for and does not do: no step of it begins or is left out any more, whether
 * that was said before the abort or after. Approvals are looked at apart (refused-approval.ts): they have a time.
 */
export function wordsTakenBack({ run, status }: Context): readonly Omit<Refusal, 'at'>[] {
  if (status.abort === undefined) return [];
  const { desiredState, mode, skips, retries } = run.spec;
  const isOpen = (id: string): boolean => {
    const step = stepOf(status, id);
    return step !== undefined && step.outcome === undefined;
  };
  const isRebuild = (id: string): boolean => stepOf(status, id)?.kind === 'Rebuild';
  const begins = [
    ...(mode !== undefined && status.mode === undefined ? [`Mode ${mode}`] : []),
    ...skips.filter(({ step }) => isOpen(step)).map(({ step }) => `Skip ${step}`),
    ...retries.filter(({ step }) => isOpen(step) && isRebuild(step)).map(({ step }) => `Retry ${step}`),
  ];
  const pauses = desiredState === 'Paused' ? ['Pause'] : [];
  return [
    ...said(begins, 'This Run is taken back: nothing more of it begins.'),
    // The source may be closed: it serves again whoever says wait.
    ...said(pauses, 'This Run is taken back, and no pause holds that up.'),
  ];
}

function said(requests: readonly string[], message: string): readonly Omit<Refusal, 'at'>[] {
  return requests.map((request) => ({ request, reason: 'BeingAborted', message }));
}
