import type { PlanSpec } from '../../api/plan.ts';
import { conditionOf } from '../../api/conditions.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import { isUnseen } from './traffic-elsewhere.ts';

export interface Rest {
  readonly spec: Pick<PlanSpec, 'activeRegion' | 'objectives' | 'databases'>;
  readonly status: Pick<PlanStatus, 'activeRegion' | 'acknowledgedActiveRegion' | 'currentRun' | 'conditions'>;
  /** How many plans there are. */
  readonly plans: number;
  /** The rest of a small installation, ms; an RPO of some seconds asks for less. */
  readonly restMs: number;
  /** How many looks a second all plans at rest may cost together. */
  readonly looksPerSecond: number;
}

/**
 * The part of an RPO that the age of the newest sample may take up. A loss is bounded by that sample, so with all of it
 * gone a failover without any lag would already have to be accepted by a person. What spreads plans takes from it.
 */
const sampledShare = 2 / 3;

/** A look takes some hundred ms itself: below this the RPO promises what cannot be seen. */
const shortestMs = 1_000;

/** A plan that waits for its record to be seen comes back for what was seen meanwhile. */
const unseenMs = 60_000;

/** A plan without databases has no RPO to watch; its workloads tell of themselves. */
const longestMs = 600_000;

/**
 * How long a plan may rest until it is looked at again, if nothing wakes it. What can only be polled is polled often
 * where few plans do it; in a fleet their share of a common budget is what each gets, as long as the RPO allows.
 */
export function restAfterMs({ spec, status, plans, restMs, looksPerSecond }: Rest): number {
  if (!isSettled(spec, status)) return restMs;
  // Both servers of each database; a plan without any still wants its turn.
  const looks = Math.max(1, spec.databases.length * 2);
  const fairMs = (plans * looks * 1_000) / looksPerSecond;
  if (isUnseen(status)) return Math.max(restMs, Math.min(fairMs, unseenMs));
  const boundMs = spec.databases.length === 0 ? longestMs : Math.floor(spec.objectives.rpoMs * sampledShare);
  const fewMs = Math.max(shortestMs, Math.min(restMs, boundMs));
  return Math.max(fewMs, Math.min(fairMs, boundMs, longestMs));
}

/** It is where it should be, and nothing is on its way; a person's Run that waits for a slot does not show in its regions. */
function isSettled(spec: Rest['spec'], status: Rest['status']): boolean {
  return (
    status.currentRun === undefined &&
    conditionOf(status.conditions, 'Ready')?.reason !== 'RunsCapped' &&
    status.activeRegion === spec.activeRegion &&
    status.acknowledgedActiveRegion === spec.activeRegion
  );
}
