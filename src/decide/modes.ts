import type { PlanSpec } from '../api/plan.ts';
import type { Step } from '../api/run.ts';

/** What depends on an effect cannot be looked at when the effect is only pretended. */
function followsAnEffect(step: Step): boolean {
  return step.phase !== 'Activation' && step.kind !== 'Dependency';
}

/**
 * Enforcement Observe: every effect is only reported, and so is what could only be seen after one. Preflights,
 * positions and dependency checks are really done. No driver knows of it.
 */
export function observeOnly(steps: readonly Step[]): readonly Step[] {
  return steps.map((step): Step => {
    if (step.effect !== 'None') return { ...step, effect: 'None', pretend: 'Would' };
    if (step.kind === 'Approve' || followsAnEffect(step)) return { ...step, pretend: 'Follows' };
    return step;
  });
}

/** Modes are pure functions from steps to steps, applied once, as soon as the Run's mode is decided. */
export function applyModes(steps: readonly Step[], spec: PlanSpec): readonly Step[] {
  return spec.enforcement === 'Observe' ? observeOnly(steps) : steps;
}

/** What a step would do, for reports of runs that change nothing. */
export function describeStep(step: Step): string {
  const where = step.region === undefined ? '' : ` in ${step.region}`;
  return `${step.kind} ${step.subject ?? ''}${where}`.replaceAll('  ', ' ').trim();
}
