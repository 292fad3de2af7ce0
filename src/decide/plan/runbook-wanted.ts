import { conditionOf } from '../../api/conditions.ts';
import type { Plan } from '../../api/plan.ts';
import type { PlanStatus } from '../../api/plan-status.ts';

/**
 * Whether the plan's runbook may be kept in its regions' clusters now (docs/adr/0008): only of a plan that acts, and
 * while all is quiet. Observe changes nothing there; a run has the clusters to itself, and what it owes to a returning
 * source comes first; before adoption, and after a change by hand, nothing is written anywhere.
 */
export function runbookWanted(plan: Plan, status: PlanStatus): boolean {
  const ready = conditionOf(status.conditions, 'Ready');
  return (
    plan.spec.enforcement === 'Act' &&
    !plan.deleting &&
    status.currentRun === undefined &&
    ready?.status === 'True' &&
    conditionOf(status.conditions, 'Halted')?.status !== 'True'
  );
}
