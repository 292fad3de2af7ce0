import type { Run, StepStatus } from '../../api/run.ts';
import { isTerminalPhase } from '../phases.ts';
import { isWorkedOn } from '../worked-on.ts';
import { manners, type Topic } from './topic.ts';

/** What there is to tell of one run. */
export function runTopics(run: Run): readonly Topic[] {
  if (run.status.snapshot === undefined && !isTerminalPhase(run.status.phase)) return [];
  return [...started(run), ...aborting(run), ...sustained(run), ...ended(run), ...stopped(run)];
}

type Event = Pick<Topic, 'kind' | 'severity' | 'reason' | 'message' | 'began'>;

function event(run: Run, name: string, told: Event): Topic {
  const key = `run/${run.name}/${name}`;
  return { ...told, key, group: key, run: run.name, manner: manners.once };
}

function started(run: Run): readonly Topic[] {
  const { status, spec } = run;
  const [first] = status.steps;
  // One that was out of date from the beginning has started nothing, nor has one that is only pinned.
  if (first === undefined) return [];
  const message = `${spec.type} to ${spec.targetRegion} has begun.`;
  const severity = spec.type === 'Drill' ? 'Info' : 'Warning';
  // Not when it was made: it may have waited for hours for its plan to take it, and that would be history.
  const began = first.readyAt ?? first.since;
  const begun = event(run, 'started', { kind: 'RunStarted', severity, reason: 'RunStarted', message, began });
  // A halt or a pause holds its first step back; whoever was told before that it had begun is not told so again.
  return [first.readyAt === undefined ? { ...begun, unclear: true } : begun];
}

function aborting(run: Run): readonly Topic[] {
  const { abort } = run.status;
  if (abort === undefined) return [];
  const { reason, message, at } = abort;
  return [event(run, 'aborting', { kind: 'RunAborting', severity: 'Warning', reason, message, began: at })];
}

function sustained(run: Run): readonly Topic[] {
  const began = run.status.milestones.sustained;
  if (began === undefined) return [];
  const message =
    run.status.snapshot?.enforcement === 'Observe'
      ? 'Everything was decided as if it had been done; nothing was changed.'
      : `Active and healthy in ${run.spec.targetRegion}.`;
  return [event(run, 'sustained', { kind: 'RunSustained', severity: 'Info', reason: 'Moved', message, began })];
}

function ended(run: Run): readonly Topic[] {
  const { phase, finishedAt, message } = run.status;
  if (!isTerminalPhase(phase) || finishedAt === undefined) return [];
  const severity = phase === 'Succeeded' ? 'Info' : phase === 'Failed' ? 'Critical' : 'Warning';
  return [event(run, 'ended', { kind: 'RunEnded', severity, reason: phase, message, began: finishedAt })];
}

/** Where it stands until a person does something, or past a deadline. */
function stopped(run: Run): readonly Topic[] {
  if (isTerminalPhase(run.status.phase)) return [];
  const stuck = run.status.steps.filter((step) => isWorkedOn(run.status, step) && isStuck(step));
  return stuck.map((step): Topic => {
    const reason = step.waitsFor?.reason ?? step.state;
    return {
      key: `run/${run.name}/blocked/${step.id}/${reason}`,
      group: `run/${run.name}/blocked`,
      kind: 'RunBlocked',
      severity: run.spec.type === 'Drill' ? 'Warning' : 'Critical',
      reason,
      message: step.waitsFor?.message ?? `${step.id} is ${step.state}.`,
      began: step.since,
      run: run.name,
      step: step.id,
      manner: step.state === 'Undoing' ? manners.undoing : manners.blocked,
    };
  });
}

/** Past its deadline, waiting for a person, or held by something that a command of a person's would end. */
export function isStuck(step: StepStatus): boolean {
  switch (step.state) {
    case 'Blocked':
    case 'Waiting':
    case 'Undoing':
      return true;
    case 'Running':
      return step.waitsFor?.next !== undefined;
    case 'Pending':
    case 'Done':
    case 'Undone':
    case 'Drifted':
      return false;
  }
}
