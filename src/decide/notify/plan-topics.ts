import { conditionOf } from '../../api/conditions.ts';
import type { Condition, PlanStatus } from '../../api/plan-status.ts';
import { manners, type Manner, type Severity, type Topic } from './topic.ts';

interface Telling {
  readonly severity: Severity;
  readonly manner: Manner;
}

/** Reasons for which a plan is not Ready, and which only people can end. A run under way tells of itself. */
const unready: Readonly<Partial<Record<string, Telling>>> = Object.freeze({
  OutOfBandChange: { severity: 'Critical', manner: manners.problem },
  DatabasesApart: { severity: 'Critical', manner: manners.flickering },
  RunAbandoned: { severity: 'Critical', manner: manners.flickering },
  TrafficElsewhere: { severity: 'Critical', manner: manners.flickering },
  TrafficUnavailable: { severity: 'Warning', manner: manners.flickering },
  ActiveRegionMismatch: { severity: 'Warning', manner: manners.flickering },
  AdoptionUnknown: { severity: 'Warning', manner: manners.flickering },
  RunUnreadable: { severity: 'Critical', manner: manners.flickering },
  EpochUnproven: { severity: 'Critical', manner: manners.flickering },
  RunsCapped: { severity: 'Critical', manner: manners.flickering },
  ActiveRegionOverridden: { severity: 'Warning', manner: manners.flickering },
  NotAccepted: { severity: 'Warning', manner: manners.flickering },
});

/** What there is to tell of the plan itself, by its status. */
export function planTopics(status: PlanStatus): readonly Topic[] {
  return [
    ...notReady(status),
    ...reversal(status),
    ...standing(status, 'FenceIncomplete', 'Critical'),
    ...standing(status, 'Halted', 'Warning'),
    ...protection(status, 'Protected'),
    ...protection(status, 'RPOMet'),
  ];
}

function topicOf(key: string, { reason, message, lastTransitionAt }: Condition, telling: Telling): Topic {
  const { severity, manner } = telling;
  return { key, group: key, kind: 'PlanProblem', severity, reason, message, began: lastTransitionAt, manner };
}

function notReady(status: PlanStatus): readonly Topic[] {
  const ready = conditionOf(status.conditions, 'Ready');
  const telling = ready !== undefined && Object.hasOwn(unready, ready.reason) ? unready[ready.reason] : undefined;
  if (ready?.status !== 'False' || telling === undefined) return [];
  return [topicOf(`plan/Ready/${ready.reason}`, ready, telling)];
}

/** Said while the run still goes on: the condition Ready speaks of the run then. */
function reversal({ reversalPending, activeRegion }: PlanStatus): readonly Topic[] {
  if (reversalPending === undefined) return [];
  const { region, by, at } = reversalPending;
  const who = by === undefined ? '' : ` by ${by}`;
  const message = `activeRegion was set back to ${region}${who} while a run was past its fence; the way back waits for an explicit word (active: ${activeRegion ?? 'not known'}).`;
  const key = 'plan/ReversalPending';
  return [
    {
      key,
      group: key,
      kind: 'PlanProblem',
      severity: 'Warning',
      reason: 'ReversalPending',
      message,
      began: at,
      manner: manners.problem,
    },
  ];
}

/** Conditions that are a problem when they are True. */
function standing(status: PlanStatus, type: 'FenceIncomplete' | 'Halted', severity: Severity): readonly Topic[] {
  const found = conditionOf(status.conditions, type);
  if (found?.status !== 'True') return [];
  return [topicOf(`plan/${type}`, found, { severity, manner: manners.problem })];
}

/**
 * Conditions that are a problem when they are False, and worth a word when nobody can tell for long. While a run moves
 * the databases they say nothing new: what was told stays told, and is over only when it is seen to be.
 */
function protection(status: PlanStatus, type: 'Protected' | 'RPOMet'): readonly Topic[] {
  const found = conditionOf(status.conditions, type);
  if (found === undefined || found.status === 'True') return [];
  const moving = status.currentRun !== undefined;
  const bad = topicOf(`plan/${type}`, found, { severity: 'Warning', manner: manners.flickering });
  if (found.status === 'False') return [moving ? { ...bad, unclear: true } : bad];
  const unseen = topicOf(`plan/${type}/Unknown`, found, { severity: 'Warning', manner: manners.unseen });
  return [{ ...bad, unclear: true }, moving ? { ...unseen, unclear: true } : unseen];
}
