import { conditionOf } from '../../api/conditions.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { Trouble } from './conditions.ts';
import type { PlanFacts } from './facts.ts';

const reason = 'TrafficElsewhere';

/** At rest nobody asks for records (see live-ttl.ts), except as long as one is known to lead to the wrong region. */
export function isTrafficElsewhere({ conditions }: Pick<PlanStatus, 'conditions'>): boolean {
  return conditionOf(conditions, 'Ready')?.reason === reason;
}

/**
 * People who moved the databases by hand, and had that adopted, may have left the record where it was: no run will ever
 * move it, and its clients are led to where nobody takes their writes. What was not seen stands as it was said last.
 */
export function trafficElsewhere(facts: PlanFacts, { activeRegion }: PlanStatus): Trouble | undefined {
  if (activeRegion === undefined) return undefined;
  let unseen = false;
  for (const { name, recordName } of facts.plan.spec.traffic) {
    const fact = facts.observed.records[name]?.fact;
    if (fact?.known !== true) {
      unseen = true;
      continue;
    }
    const { points } = fact.value;
    if (points.kind !== 'Region' || points.region === activeRegion) continue;
    const message = `Record ${recordName} leads to ${points.region}, and the plan is active in ${activeRegion}. No run moves it: point it to ${activeRegion} by hand.`;
    return { reason, message };
  }
  const said = conditionOf(facts.status.conditions, 'Ready');
  return unseen && said?.reason === reason ? { reason, message: said.message } : undefined;
}
