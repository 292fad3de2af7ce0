import { conditionOf } from '../../api/conditions.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { PlanFacts } from './facts.ts';
import { writerView } from './writer.ts';

/**
 * Whether the plan's runbook may be kept in its regions' clusters now (docs/adr/0012): only of a plan that acts, and
 * while all is quiet. Observe changes nothing there; a run has the clusters to itself, and what it owes to a returning
 * source comes first; before adoption, and after a change by hand, nothing is written anywhere. The databases have to be
 * *seen* where the status says: one that starts after a change by hand still has the old conditions.
 */
export function runbookWanted(facts: PlanFacts, status: PlanStatus): boolean {
  const { plan } = facts;
  const ready = conditionOf(status.conditions, 'Ready');
  return (
    plan.spec.enforcement === 'Act' &&
    !plan.deleting &&
    status.currentRun === undefined &&
    ready?.status === 'True' &&
    isWhereItShouldBe(facts, status) &&
    conditionOf(status.conditions, 'Halted')?.status !== 'True'
  );
}

function isWhereItShouldBe(facts: PlanFacts, { activeRegion }: PlanStatus): boolean {
  if (facts.plan.spec.databases.length === 0) return true;
  const view = writerView(facts);
  return view.kind === 'At' && view.region === activeRegion;
}
