import type { Run, StepStatus } from '../../api/run.ts';
import { isForPerson } from '../../decide/awaits-person.ts';
import { isWorkedOn } from '../../decide/worked-on.ts';
import { reasonLabel } from './conditions.ts';
import { runLabels } from './run.ts';
import { is, secondsOf, type Sample } from './sample.ts';
import { stepMs, type StepHistory } from './step-history.ts';

/** The steps of the Run under way, and what holds them. `now`: wall ms. `history`: what former Runs took. */
export function stepSamples(run: Run, history: StepHistory, now: number): readonly Sample[] {
  return run.status.steps
    .filter((step) => isShown(run, step))
    .flatMap((step) => {
      const labels = { ...runLabels(run), step: step.id };
      return [
        is('maestro_dr_run_step_state', { ...labels, phase: step.phase, state: step.state }),
        ...secondsOf('maestro_dr_run_step_duration_seconds', labels, stepMs(step, now)),
        ...expected(labels, step, history),
        ...gate(run, labels, step, now),
      ];
    });
}

/** Of a run that turns back, what was done and what is taken back; nobody is to look at a step that it has left. */
function isShown({ status }: Run, step: StepStatus): boolean {
  return (
    status.abort === undefined || step.outcome !== undefined || step.state === 'Undone' || isWorkedOn(status, step)
  );
}

interface StepLabels {
  readonly plan_namespace: string;
  readonly plan: string;
  readonly run: string;
  readonly step: string;
}

function expected(labels: StepLabels, step: StepStatus, history: StepHistory): readonly Sample[] {
  const family = 'maestro_dr_run_step_expected_seconds';
  const longest = history[step.id];
  if (longest !== undefined) return secondsOf(family, { ...labels, basis: 'history' }, longest);
  return secondsOf(family, { ...labels, basis: 'deadline' }, step.deadlineMs);
}

/** A step that stands still says why; one that is done waits for nothing, unless that is being taken back. */
function gate(run: Run, labels: StepLabels, step: StepStatus, now: number): readonly Sample[] {
  const { waitsFor, state, since, readyAt } = step;
  if (waitsFor === undefined || !isWorkedOn(run.status, step)) return [];
  return secondsOf(
    'maestro_dr_run_gate_wait_seconds',
    { ...labels, reason: reasonLabel(waitsFor.reason), person: String(isForPerson(waitsFor)) },
    // It is Blocked since its deadline, and was held before: an alert on it must not end there and begin anew.
    Math.max(0, now - (state === 'Blocked' ? (readyAt ?? since) : since)),
  );
}
