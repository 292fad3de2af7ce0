import type { Invariant } from './invariant.ts';
import { lastVersion } from '../object-log.ts';
import { phaseOf, TERMINAL } from './reading.ts';

export const terminates: Invariant = {
  number: 13,
  name: 'faults stop and people answer: a terminal phase within a bound',
  premise: ({ told, runs }) => told.calmAt !== undefined && runs.length > 0,
  violations: ({ told, runs, endedAt }) =>
    told.calmAt === undefined
      ? []
      : runs
          .filter((log) => log.deletedAt === undefined && !TERMINAL.includes(phaseOf(lastVersion(log))))
          .map(
            (log) =>
              `${log.name} is still in ${phaseOf(lastVersion(log))}, ${String(endedAt - (told.calmAt ?? 0))} ms after all was calm: ${String(lastVersion(log)?.status.message)}`,
          ),
};
