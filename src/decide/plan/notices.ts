import { conditionOf } from '../../api/conditions.ts';
import { formatDuration } from '../../api/duration.ts';
import type { Condition, LastRun, PlanStatus } from '../../api/plan-status.ts';
import type { Notice } from '../decision.ts';

/** One for each transition of the plan: its Events. */
export function planNotices(before: PlanStatus, after: PlanStatus): readonly Notice[] {
  return [
    ...adopted(before, after),
    ...runStarted(before, after),
    ...moved(before, after),
    ...runEnded(before, after),
    ...reversal(before, after),
    ...readiness(before, after),
    ...turned(before, after, 'Accepted', 'False'),
    ...turned(before, after, 'Protected', 'False'),
    ...turned(before, after, 'RPOMet', 'False'),
    ...duty(before, after, 'FenceIncomplete'),
    ...duty(before, after, 'Halted'),
    ...duty(before, after, 'LongTTL'),
  ];
}

const normal = (reason: string, message: string): Notice => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): Notice => ({ type: 'Warning', reason, message });

/** On first sight, and again where people had moved it by hand. */
function adopted(before: PlanStatus, after: PlanStatus): readonly Notice[] {
  if (after.adoptedAt === undefined || after.adoptedAt === before.adoptedAt) return [];
  return [normal('Adopted', `Active in ${after.activeRegion ?? ''}.`)];
}

/** By the field, or as a Run that a person made: of that one the plan does not know where it goes. */
function runStarted(before: PlanStatus, after: PlanStatus): readonly Notice[] {
  const { currentRun, acknowledgedActiveRegion: wanted, activeRegion } = after;
  if (currentRun === undefined || before.currentRun?.name === currentRun.name) return [];
  const { name } = currentRun;
  const moving = wanted !== undefined && wanted !== activeRegion;
  return [normal('RunStarted', moving ? `Moving to ${wanted} as ${name}.` : `${name} begins.`)];
}

function moved(before: PlanStatus, after: PlanStatus): readonly Notice[] {
  if (after.activeRegion === undefined || before.activeRegion === undefined) return [];
  if (after.activeRegion === before.activeRegion) return [];
  return [normal('Moved', `Active in ${after.activeRegion}, was in ${before.activeRegion}.`)];
}

function runEnded(before: PlanStatus, { lastRun }: PlanStatus): readonly Notice[] {
  if (lastRun === undefined || (before.lastRun?.name === lastRun.name && before.lastRun.epoch === lastRun.epoch)) {
    return [];
  }
  const message = `${lastRun.name} from ${lastRun.from} to ${lastRun.to}: ${lastRun.phase}.${figures(lastRun)}`;
  return [lastRun.phase === 'Succeeded' ? normal('RunEnded', message) : warning('RunEnded', message)];
}

function figures({ rtoMs, rpo }: LastRun): string {
  const took = rtoMs === undefined || rtoMs < 0 ? '' : ` RTO ${formatDuration(rtoMs)}.`;
  if (rpo === undefined) return took;
  const loss = rpo.lossMs === undefined ? '' : ` ${formatDuration(Math.max(0, rpo.lossMs))}`;
  return `${took} RPO ${rpo.grade}${loss}.`;
}

/** Told while the run goes on: Ready speaks of the run then. */
function reversal(before: PlanStatus, { reversalPending }: PlanStatus): readonly Notice[] {
  if (reversalPending === undefined || before.reversalPending !== undefined) return [];
  const { region, by } = reversalPending;
  const who = by === undefined ? '' : ` by ${by}`;
  return [warning('ReversalPending', `activeRegion was set back to ${region}${who}; the way back waits for a word.`)];
}

function readiness(before: PlanStatus, after: PlanStatus): readonly Notice[] {
  const ready = conditionOf(after.conditions, 'Ready');
  const was = conditionOf(before.conditions, 'Ready');
  if (ready === undefined || (ready.status === was?.status && ready.reason === was.reason)) return [];
  if (ready.status === 'True') return [normal(ready.reason, ready.message)];
  return ready.status === 'False' ? [warning(ready.reason, ready.message)] : [];
}

/** A condition that is there only as long as it is bad news. */
function duty(
  before: PlanStatus,
  after: PlanStatus,
  type: 'FenceIncomplete' | 'Halted' | 'LongTTL',
): readonly Notice[] {
  const is = conditionOf(after.conditions, type);
  const was = conditionOf(before.conditions, type);
  if (is?.status === 'True') return was?.status === 'True' ? [] : [warning(is.reason, is.message)];
  return was?.status === 'True' ? [normal(`${type}Over`, `No longer so: ${was.message}`)] : [];
}

/** Another condition, with the status that is bad news. That it is first seen to be good is no news. */
function turned(
  before: PlanStatus,
  after: PlanStatus,
  type: 'Accepted' | 'Protected' | 'RPOMet',
  bad: Condition['status'],
): readonly Notice[] {
  const is = conditionOf(after.conditions, type);
  const was = conditionOf(before.conditions, type);
  if (is === undefined || is.status === was?.status) return [];
  if (is.status === bad) return [warning(is.reason, is.message)];
  return was?.status === bad && is.status !== 'Unknown' ? [normal(is.reason, is.message)] : [];
}
