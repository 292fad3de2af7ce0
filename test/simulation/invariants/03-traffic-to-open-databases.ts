import type { Invariant } from './invariant.ts';
import { batches, epochOf, leftBehind, markedEpoch, stepIn, time } from './reading.ts';

export const trafficToOpenDatabases: Invariant = {
  number: 3,
  name: 'no DNS write moves traffic to a region whose databases were not seen open after this epoch opened them',
  premise: (history) => history.databases.length > 0 && batches(history).some(({ to }) => to !== undefined),
  violations: (history) =>
    batches(history).flatMap(({ at, to, epoch }) => {
      if (to === undefined) return [];
      return history.databases.flatMap((database) => {
        const acts = history.sql.filter(
          (act) => act.database === database && act.region === to && act.refused === undefined && act.at <= at,
        );
        // Where nothing was fenced there is nothing to open; that it was meant is what the probe must come after.
        const intended = history.runs
          .filter((log) => epochOf(log) === epoch)
          .flatMap((log) => log.versions)
          .find((version) => stepIn(version, `open/${database}`)?.intent !== undefined)?.at;
        const opened = acts.find((act) => act.statement === 'open' && markedEpoch(act) === epoch)?.at ?? intended;
        const probed =
          opened !== undefined && acts.some((act) => act.statement === 'probe' && !act.recovering && act.at >= opened);
        // Unless a person, on record, moves the platform without it.
        const logs = history.runs.filter((log) => epochOf(log) === epoch);
        if (probed || logs.some((log) => leftBehind(log.versions, database, at))) return [];
        const why = opened === undefined ? 'had not been opened' : 'had not taken its application’s insert';
        return [`DNS moved to ${to} at ${time(at)}, epoch ${String(epoch)}, when ${database} there ${why}`];
      });
    }),
};
