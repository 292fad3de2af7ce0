import { awaitsPerson } from '../decide/awaits-person.ts';
import { isWorkedOn } from '../decide/worked-on.ts';
import { bounds, clip, measured } from './bounds.ts';
import { formatDuration } from './duration.ts';
import { rtoClock } from './rto-clock.ts';
import type { RunStatus, StepStatus } from './run.ts';
import { optional } from './reader.ts';
import { formatTime } from './time.ts';
import type { WireCondition, WireRunStatus } from './wire.ts';

type Columns = Pick<WireRunStatus, 'step' | 'waitsFor' | 'since' | 'rtoDeadline' | 'rtoLeft'>;

/** What `kubectl get drrun` shows; derived from the status each time it is written, and never read back. */
export function runColumns(status: RunStatus): Columns {
  const shown = shownStep(status);
  return {
    ...optional('step', shown?.id),
    ...optional('waitsFor', shown?.waitsFor === undefined ? undefined : clip(shown.waitsFor.reason, bounds.reason)),
    ...optional('since', shown === undefined ? undefined : formatTime(shown.since)),
    ...rtoColumns(status),
  };
}

/** The first step that is stopped, else the first that goes on. */
function shownStep(status: RunStatus): StepStatus | undefined {
  const open = status.steps.filter((step) => isWorkedOn(status, step));
  for (const state of ['Blocked', 'Waiting', 'Undoing', 'Running'] as const) {
    const step = open.find((one) => one.state === state);
    if (step !== undefined) return step;
  }
  return undefined;
}

/** A status does not change each second, so what is left of the RTO is told by when it ends. */
function rtoColumns({ snapshot, milestones, finishedAt }: RunStatus): Columns {
  if (snapshot === undefined) return {};
  const { rtoMs } = snapshot.objectives;
  const start = rtoClock({ milestones, snapshot })?.at;
  if (start === undefined) return {};
  const rtoDeadline = formatTime(start + rtoMs);
  const took = measured(milestones.sustained === undefined ? undefined : milestones.sustained - start);
  if (took !== undefined) {
    const met = (milestones.sustained ?? 0) - start <= rtoMs;
    return { rtoDeadline, rtoLeft: `${met ? 'met' : 'missed'}: ${took} of ${formatDuration(rtoMs)}` };
  }
  if (finishedAt !== undefined || milestones.sustained !== undefined) return { rtoDeadline, rtoLeft: 'not measured' };
  // `2026-03-01T09:30:00.250Z`: the day and the fraction help nobody in a column.
  return { rtoDeadline, rtoLeft: `until ${rtoDeadline.slice(11, 19)}Z` };
}

/**
 * `Finished` and `Succeeded`: what `kubectl wait --for=condition=Finished` waits for. `Reconciling` and `Stalled`: how kstatus
 * tells one that is under way, or that will never do what it was made for, from one that is done.
 */
export function runConditions(status: RunStatus): readonly WireCondition[] {
  const { finishedAt, phase, observedGeneration } = status;
  const finished = finishedAt !== undefined;
  const common = {
    reason: phase,
    message: clip(status.message, bounds.text),
    lastTransitionTime: formatTime(finishedAt ?? status.milestones.declared ?? 0),
    observedGeneration,
  };
  const succeeded = phase === 'Succeeded' ? 'True' : 'False';
  return [
    { type: 'Finished', status: finished ? 'True' : 'False', ...common },
    { type: 'Succeeded', status: finished ? succeeded : 'Unknown', ...common },
    ...(finished ? [] : [{ type: 'Reconciling', status: 'True', ...common, reason: underWay(status) } as const]),
    ...(succeeded === 'False' && finished ? [{ type: 'Stalled', status: 'True', ...common } as const] : []),
  ];
}

function underWay(status: RunStatus): string {
  return awaitsPerson(status) ? 'PersonAwaited' : status.phase;
}
