import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { versionAt } from '../object-log.ts';
import { batches, phaseOf, TERMINAL, time } from './reading.ts';

/** A pass that read the plan before it was gone may still have had its request on the way. */
const ON_THE_WAY_MS = 1_000;

interface Deletion {
  readonly plan: string;
  readonly from: number;
  readonly to: number;
}

/** When plans were deleted with no run past its fence, until one is there again. */
function quietDeletions(history: History): readonly Deletion[] {
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
    return begun ? [] : [{ plan: name, from: deletedAt, to: again?.versions[0]?.at ?? history.endedAt }];
  });
}

/** A plan beside it may move at the same time: its Run has the act on record. */
function isAnothers(history: History, plan: string, at: number, kind: 'Fence' | 'Promote' | 'Shift', subject?: string) {
  return history.runs.some((log) => {
    const version = versionAt(log, at);
    const { name } = (version?.spec.planRef ?? {}) as { readonly name?: string };
    if (version === undefined || name === plan) return false;
    return version.steps.some(
      (step) => step.kind === kind && step.intent !== undefined && (subject === undefined || step.subject === subject),
    );
  });
}

export const deletionActsOnNothing: Invariant = {
  number: 20,
  name: 'deleting a plan never fences, promotes or edits DNS',
  premise: (history) => quietDeletions(history).length > 0,
  violations: (history) =>
    quietDeletions(history).flatMap(({ plan, from, to }) => {
      const within = (at: number): boolean => at > from + ON_THE_WAY_MS && at <= to;
      const sql = history.sql
        .filter(({ at, statement, refused, database }) => {
          if (!within(at) || refused !== undefined || (statement !== 'fence' && statement !== 'promote')) return false;
          return !isAnothers(history, plan, at, statement === 'fence' ? 'Fence' : 'Promote', database);
        })
        .map(
          ({ at, statement, server }) =>
            `${statement} of ${server} at ${time(at)}, after the plan was deleted at ${time(from)}`,
        );
      const dns = batches(history)
        .filter(({ at }) => within(at) && !isAnothers(history, plan, at, 'Shift'))
        .map(({ at }) => `DNS write at ${time(at)}, after the plan was deleted at ${time(from)}`);
      return [...sql, ...dns];
    }),
};
