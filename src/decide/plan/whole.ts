import { peerOf } from '../../api/plan.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import { isOpen } from './out-of-band.ts';
import type { Trouble } from './conditions.ts';
import type { PlanFacts } from './facts.ts';

/** What a run, or people, have left behind that is seen, and keeps the plan from being whole where it is active. */
export function leftBehind(facts: PlanFacts, status: PlanStatus): Trouble | undefined {
  const { activeRegion, lastRun } = status;
  if (activeRegion === undefined) return undefined;
  const peer = peerOf(facts.plan.spec, activeRegion);
  for (const { name } of facts.plan.spec.databases) {
    const there = facts.observed.databases[`${name}@${peer}`]?.fact;
    if (there?.known === true && isOpen(there.value)) {
      const message = `Database ${name} takes writes in ${peer}, and the plan is active in ${activeRegion}; not all of its databases do. Close it there, or move the others to it by hand.`;
      return { reason: 'DatabasesApart', message };
    }
    const here = facts.observed.databases[`${name}@${activeRegion}`]?.fact;
    if (here?.known !== true) continue;
    if (here.value.role === 'Replica') {
      const message = `Database ${name} does not write in ${activeRegion}, where the plan is active.`;
      return { reason: 'DatabasesApart', message };
    }
    if (lastRun?.phase === 'Abandoned' && here.value.fence.present) {
      const message = `${lastRun.name} was abandoned, and database ${name} is still fenced in ${activeRegion}.`;
      return { reason: 'RunAbandoned', message };
    }
  }
  return undefined;
}
