import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { versionAt, type ObjectLog } from '../object-log.ts';
import { approvalsOf, milestoneOf, pinnedOf, time } from './reading.ts';

interface Pair {
  readonly run: ObjectLog;
  readonly healthyAt: number;
  readonly cooldownMs: number;
}

/** A plan that was deleted and made anew remembers no move: what it knew went with it, and creating it moved nothing. */
function planOf(run: ObjectLog): string {
  const ref = run.versions[0]?.spec.planRef;
  return typeof ref === 'object' && ref !== null && 'uid' in ref ? String(ref.uid) : '';
}

/** Runs that the plan's field started inside the cooldown of the last move. */
function tooSoon(history: History): readonly Pair[] {
  return history.runs.flatMap((run, index) => {
    const made = run.versions[0]?.at ?? 0;
    const healthyAt = Math.max(
      0,
      ...history.runs
        .slice(0, index)
        .filter((log) => planOf(log) === planOf(run))
        .map((log) => milestoneOf(log, 'sustained') ?? 0),
    );
    const cooldownMs = pinnedOf(run)?.failover.cooldownMs ?? 0;
    return healthyAt > 0 && made < healthyAt + cooldownMs ? [{ run, healthyAt, cooldownMs }] : [];
  });
}

export const cooldownHolds: Invariant = {
  number: 16,
  name: 'no second automatic failover inside the cooldown',
  premise: (history) => tooSoon(history).length > 0,
  violations: (history) =>
    tooSoon(history).flatMap(({ run, healthyAt, cooldownMs }) => {
      const epoch = run.versions[0]?.spec.epoch;
      return history.sql
        .filter((act) => act.statement === 'fence' && Number(act.parameters[1]) === epoch && act.refused === undefined)
        .filter((act) => act.at < healthyAt + cooldownMs && approvalsOf(versionAt(run, act.at)).length === 0)
        .slice(0, 1)
        .map((act) => `${run.name} fenced ${act.server} at ${time(act.at)}, inside the cooldown, on nobody's word`);
    }),
};
