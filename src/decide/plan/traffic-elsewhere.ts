import { conditionOf } from '../../api/conditions.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { Trouble } from './conditions.ts';
import type { PlanFacts } from './facts.ts';

const doubts: readonly string[] = ['TrafficElsewhere', 'TrafficUnavailable'];

/** At rest nobody asks for records (see live-ttl.ts), except as long as one may lead to the wrong region. */
export function isTrafficInDoubt({ conditions }: Pick<PlanStatus, 'conditions'>): boolean {
  return doubts.includes(conditionOf(conditions, 'Ready')?.reason ?? '');
}

/**
 * People who moved the databases by hand, and had that adopted, may have left the record where it was: no run will ever
 * move it, and its clients are led to where nobody takes their writes. What was not seen stands as it was said last.
 */
export function trafficElsewhere(facts: PlanFacts, status: PlanStatus): Trouble | undefined {
  const { activeRegion } = status;
  if (activeRegion === undefined) return undefined;
  let unseen: string | undefined;
  for (const { name, recordName } of facts.plan.spec.traffic) {
    const fact = facts.observed.records[name]?.fact;
    if (fact?.known !== true) {
      unseen ??= recordName;
      continue;
    }
    const { points } = fact.value;
    if (points.kind !== 'Region' || points.region === activeRegion) continue;
    const message = `Record ${recordName} leads to ${points.region}, and the plan is active in ${activeRegion}. No run moves it: point it to ${activeRegion} by hand.`;
    return { reason: 'TrafficElsewhere', message };
  }
  return unseen === undefined ? undefined : unseenRecord(facts, status, activeRegion, unseen);
}

function unseenRecord(facts: PlanFacts, status: PlanStatus, region: string, record: string): Trouble | undefined {
  const readopted = facts.status.activeRegion !== undefined && status.adoptedAt !== facts.status.adoptedAt;
  if (readopted) {
    const message = `Adopted in ${region}, and it is not seen yet where record ${record} leads: the DNS control plane does not answer.`;
    return { reason: 'TrafficUnavailable', message };
  }
  const said = conditionOf(facts.status.conditions, 'Ready');
  return said !== undefined && isTrafficInDoubt(facts.status)
    ? { reason: said.reason, message: said.message }
    : undefined;
}
