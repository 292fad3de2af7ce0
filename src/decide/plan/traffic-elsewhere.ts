import { conditionOf } from '../../api/conditions.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { TrafficHeading } from '../../drivers/traffic/driver.ts';
import type { Trouble } from './conditions.ts';
import type { PlanFacts } from './facts.ts';
import { awaited, headingOf, lookFailed } from './heading.ts';
import { ttlInQuestion } from './live-ttl.ts';
import { unboundRuns } from './person-run.ts';

const elsewhere = 'TrafficElsewhere';
const unavailable = 'TrafficUnavailable';

/** The plan is not ready because nobody has seen yet where its record leads. */
export function isUnseen({ conditions }: Pick<PlanStatus, 'conditions'>): boolean {
  const { reason } = conditionOf(conditions, 'Ready') ?? {};
  return reason === unavailable || reason === awaited;
}

/** Something is about to begin, or to be adopted: what is ready next must not be so blindly. */
export function isMoving(facts: PlanFacts, status: PlanStatus): boolean {
  const { activeRegion } = facts.plan.spec;
  const settled = activeRegion === status.activeRegion && activeRegion === status.acknowledgedActiveRegion;
  return !settled || unboundRuns(facts).length > 0;
}

/** At rest a heading is enough, except as long as a record leads elsewhere, was not seen, or lives too long (live-ttl.ts). */
export function asksForRecords(facts: PlanFacts, status: PlanStatus): boolean {
  if (status.currentRun !== undefined) return false;
  const isElsewhere = conditionOf(status.conditions, 'Ready')?.reason === elsewhere;
  return isMoving(facts, status) || ttlInQuestion(facts) || isElsewhere || isUnseen(status);
}

/**
 * People who moved the databases by hand, and had that adopted, may have left the record where it was: no run will ever
 * move it, and its clients are led to where nobody takes their writes. What was not seen stands as it was said last of
 * the same region; that it was never seen to lead there is said, too.
 */
export function trafficElsewhere(facts: PlanFacts, { activeRegion }: PlanStatus): Trouble | undefined {
  if (activeRegion === undefined) return undefined;
  const missing: Missing[] = [];
  for (const { name, recordName } of facts.plan.spec.traffic) {
    const heading = headingOf(facts, name);
    if (heading === undefined) {
      missing.push({ recordName, failed: lookFailed(facts, name) });
      continue;
    }
    const where = elsewhereOf(heading.points, activeRegion);
    if (where === undefined) continue;
    const message = `Record ${recordName} ${where}, and the plan is active in ${activeRegion}. No run moves it: ${heading.points.kind === 'Absent' ? 'create it for' : 'point it to'} ${activeRegion} by hand.`;
    return { reason: elsewhere, message };
  }
  const first = missing.find(({ failed }) => failed) ?? missing[0];
  return first === undefined ? undefined : notSeen(facts, first, activeRegion);
}

interface Missing {
  readonly recordName: string;
  /** A look at it brought nothing; else none has ended yet. */
  readonly failed: boolean;
}

function elsewhereOf(points: TrafficHeading['points'], activeRegion: string): string | undefined {
  switch (points.kind) {
    case 'Region':
      return points.region === activeRegion ? undefined : `leads to ${points.region}`;
    case 'Drifted':
      return `leads to neither region (${points.detail})`;
    case 'Absent':
      return 'does not exist';
  }
}

/** Of many plans that are made at once most wait for the turn of their first look: that is no trouble of their record. */
function notSeen(facts: PlanFacts, { recordName, failed }: Missing, activeRegion: string): Trouble | undefined {
  const { status } = facts;
  const said = conditionOf(status.conditions, 'Ready');
  if (said?.reason === elsewhere) return { reason: elsewhere, message: said.message };
  const isKnown = said?.status === 'True' && status.activeRegion === activeRegion;
  if (isKnown || !asksForRecords(facts, status)) return undefined;
  const how = failed ? 'cannot be seen yet' : 'is being looked at, in its turn';
  const message = `Where record ${recordName} leads ${how}; the plan is ready once it is seen to lead to ${activeRegion}.`;
  return { reason: failed ? unavailable : awaited, message };
}
