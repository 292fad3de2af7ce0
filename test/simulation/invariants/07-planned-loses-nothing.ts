import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import type { ObjectLog } from '../object-log.ts';
import { acceptsLoss, handMoves, modeOf, promotions, survivors, time } from './reading.ts';

function promoted(history: History): readonly (ObjectLog | undefined)[] {
  return promotions(history).map(({ run }) => run);
}

export const plannedLosesNothing: Invariant = {
  number: 7,
  name: 'a planned switchover loses no acknowledged write',
  premise(history) {
    const runs = promoted(history);
    const allPlanned = runs.every((run) => run !== undefined && modeOf(run) === 'Planned');
    const accepted = history.runs.some((run) => acceptsLoss(run.versions.at(-1)));
    return runs.length > 0 && allPlanned && !accepted && history.attempts.some(({ acknowledged }) => acknowledged);
  },
  violations(history) {
    const rows = survivors(history);
    if (!this.premise(history) || rows === undefined) return [];
    // What people left behind when they promoted a standby themselves is no run's loss.
    const from = Math.max(0, ...handMoves(history).map(({ at }) => at));
    return history.attempts
      .filter(({ id, acknowledged, at }) => acknowledged && at > from && !rows.has(id))
      .map(({ id, at, region }) => `order ${id}, acknowledged in ${region ?? ''} at ${time(at)}, is gone`);
  },
};
