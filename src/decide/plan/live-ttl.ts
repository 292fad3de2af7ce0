import type { Condition } from '../../api/plan-status.ts';
import { ttlWarning } from '../ttl.ts';
import type { PlanFacts } from './facts.ts';
import { headingOf } from './heading.ts';

const type = 'LongTTL';

/** Records are looked at closely when the plan is new or edited, and while one is warned of, until it is lowered. */
export function ttlInQuestion({ plan, status }: PlanFacts): boolean {
  return status.observedGeneration !== plan.generation || status.conditions.some((c) => c.type === type);
}

/** Exists only when True. What was not looked at in this pass stands as it was said last. */
export function longTtl(facts: PlanFacts): readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[] {
  const { traffic } = facts.plan.spec;
  const seen = traffic.map((record) => ({ record, heading: headingOf(facts, record.name) }));
  if (seen.some(({ heading }) => heading === undefined)) return facts.status.conditions.filter((c) => c.type === type);
  const words = seen.flatMap(({ record, heading }) => {
    const live = heading?.liveTtl;
    const warning = live !== undefined && live > record.ttl ? ttlWarning(record, live) : undefined;
    return warning === undefined ? [] : [warning];
  });
  if (words.length === 0) return [];
  return [{ type, status: 'True', reason: 'LiveTTLAbovePlan', message: `${words.join('; ')}.` }];
}
