import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { versionAt } from '../object-log.ts';
import { batches, phaseOf, TERMINAL, time } from './reading.ts';

/** A pass that read the plan before it was gone may still have had its request on the way. */
const ON_THE_WAY_MS = 1_000;

/** When plans were deleted with no run past its fence, until one is there again. */
function quietDeletions(history: History): readonly { readonly from: number; readonly to: number }[] {
  return history.plans.flatMap(({ name, deletedAt }) => {
    if (deletedAt === undefined) return [];
    const begun = history.runs.some((log) => {
      const version = versionAt(log, deletedAt + ON_THE_WAY_MS);
      const acting = version?.steps.some(
        ({ kind, intent }) => (kind === 'Fence' || kind === 'Promote') && intent !== undefined,
      );
      return acting === true && !TERMINAL.includes(phaseOf(version));
    });
    const again = history.plans.find((log) => log.name === name && (log.versions[0]?.at ?? 0) > deletedAt);
    return begun ? [] : [{ from: deletedAt, to: again?.versions[0]?.at ?? history.endedAt }];
  });
}

export const deletionActsOnNothing: Invariant = {
  number: 20,
  name: 'deleting a plan never fences, promotes or edits DNS',
  premise: (history) => quietDeletions(history).length > 0,
  violations: (history) =>
    quietDeletions(history).flatMap(({ from, to }) => {
      const within = (at: number): boolean => at > from + ON_THE_WAY_MS && at <= to;
      const sql = history.sql
        .filter(
          ({ at, statement, refused }) =>
            within(at) && refused === undefined && (statement === 'fence' || statement === 'promote'),
        )
        .map(
          ({ at, statement, server }) =>
            `${statement} of ${server} at ${time(at)}, after the plan was deleted at ${time(from)}`,
        );
      const dns = batches(history)
        .filter(({ at }) => within(at))
        .map(({ at }) => `DNS write at ${time(at)}, after the plan was deleted at ${time(from)}`);
      return [...sql, ...dns];
    }),
};
