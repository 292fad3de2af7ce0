import type { Invariant } from './invariant.ts';
import { batches, markedEpoch, time } from './reading.ts';

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
        const opened = acts.find((act) => act.statement === 'open' && markedEpoch(act) === epoch);
        const probed =
          opened !== undefined &&
          acts.some((act) => act.statement === 'probe' && !act.recovering && act.at >= opened.at);
        if (probed) return [];
        const why = opened === undefined ? 'had not been opened' : 'had not taken its application’s insert';
        return [`DNS moved to ${to} at ${time(at)}, epoch ${String(epoch)}, when ${database} there ${why}`];
      });
    }),
};
