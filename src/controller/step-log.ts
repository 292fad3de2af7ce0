import type { Run, RunStatus, StepStatus } from '../api/run.ts';
import { withFields, type Log } from '../ports/log.ts';

/** The log with what every record about a run carries. */
export function logOf(log: Log, run: Run): Log {
  return withFields(log, {
    plan: `${run.namespace}/${run.spec.planRef.name}`,
    run: run.name,
    epoch: run.spec.epoch,
  });
}

/**
 * One record for each step whose state or outcome the status just written has changed: whoever has only the log reads
 * the run's course from it. Words stay in the status, which says them whole and with their evidence.
 */
export function logSteps(log: Log, run: Run, written: RunStatus): void {
  const before = new Map(run.status.steps.map((step) => [step.id, step]));
  for (const step of written.steps) {
    const { id, state, outcome, waitsFor } = step;
    if (!isNews(before.get(id), step)) continue;
    log.log(state === 'Blocked' || state === 'Drifted' ? 'warn' : 'info', 'step', {
      step: id,
      state,
      ...(outcome === undefined ? {} : { outcome: outcome.state }),
      ...(waitsFor === undefined ? {} : { reason: waitsFor.reason }),
    });
  }
}

/** A graph is made of Pending steps; its making is no news of each. */
function isNews(old: StepStatus | undefined, step: StepStatus): boolean {
  if (old === undefined) return step.state !== 'Pending';
  const shown = ({ state, outcome, waitsFor }: StepStatus) => [state, outcome?.state, waitsFor?.reason];
  const before = shown(old);
  return shown(step).some((value, index) => value !== before[index]);
}
