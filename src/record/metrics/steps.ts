import type { Run, StepStatus } from '../../api/run.ts';
import { personReasons } from '../../decide/person-reasons.ts';
import { reasonLabel } from './conditions.ts';
import { runLabels } from './run.ts';
import { is, secondsOf, type Sample } from './sample.ts';
import { stepMs, type StepHistory } from './step-history.ts';

/** The steps of the Run under way, and what holds them. `now`: wall ms. `history`: what former Runs took. */
export function stepSamples(run: Run, history: StepHistory, now: number): readonly Sample[] {
  return run.status.steps.flatMap((step) => {
    const labels = { ...runLabels(run), step: step.id };
    return [
      is('maestro_dr_run_step_state', { ...labels, phase: step.phase, state: step.state }),
      ...secondsOf('maestro_dr_run_step_duration_seconds', labels, stepMs(step, now)),
      ...expected(labels, step, history),
      ...gate(labels, step, now),
    ];
  });
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

/** A step that stands still says why; one that is done waits for nothing. */
function gate(labels: StepLabels, step: StepStatus, now: number): readonly Sample[] {
  const { waitsFor, outcome, since } = step;
  if (waitsFor === undefined || outcome !== undefined) return [];
  const person = personReasons.includes(waitsFor.reason) || waitsFor.next !== undefined;
  return secondsOf(
    'maestro_dr_run_gate_wait_seconds',
    { ...labels, reason: reasonLabel(waitsFor.reason), person: String(person) },
    Math.max(0, now - since),
  );
}
