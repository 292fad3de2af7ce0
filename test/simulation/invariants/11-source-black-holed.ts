import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import type { ObjectLog } from '../object-log.ts';
import { modeOf, sourceOf } from './reading.ts';

/** Forced runs whose source nobody could reach from before they began until everything was answered, and long enough after. */
function darkRuns(history: History): readonly ObjectLog[] {
  const { dark = [], answeredAt } = history.told;
  if (answeredAt === undefined) return [];
  return history.runs.filter((log) => {
    const made = log.versions[0]?.at ?? Infinity;
    return (
      modeOf(log) === 'Forced' &&
      dark.some(({ region, from, to }) => region === sourceOf(log) && from <= made && to >= answeredAt)
    );
  });
}

/** By the API server's clock: the operator's own may have jumped. */
function healthyAt(log: ObjectLog): number | undefined {
  return log.versions.find(({ status }) => {
    const { milestones } = status as { readonly milestones?: Readonly<Record<string, string>> };
    return milestones?.sustained !== undefined;
  })?.at;
}

export const sourceBlackHoled: Invariant = {
  number: 11,
  name: 'a forced failover completes with everything of the source region black-holed',
  premise: (history) => darkRuns(history).length > 0,
  violations: (history) =>
    darkRuns(history).flatMap((log) => {
      const healthy = healthyAt(log);
      const darkTo = Math.max(...(history.told.dark ?? []).map(({ to }) => to));
      if (healthy !== undefined && healthy <= darkTo) return [];
      return [`${log.name} was not healthy in its target while ${sourceOf(log)} was dark`];
    }),
};
