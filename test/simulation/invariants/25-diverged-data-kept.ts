import type { Invariant } from './invariant.ts';
import type { History, SqlAct } from '../history.ts';
import { host, serverName } from '../../scenarios/names.ts';
import { epochOf, runAt, sealedBefore, time } from './reading.ts';

/** Rebuilds that threw away rows which nobody else had. */
const discarding = (history: History): readonly SqlAct[] =>
  history.sql.filter(({ statement, only = [] }) => statement === 'rebuild' && only.length > 0);

export const divergedDataKept: Invariant = {
  number: 25,
  name: 'diverged data of an old primary is read and kept, or discarded by a person, before it is rebuilt',
  premise: (history) => discarding(history).length > 0,
  violations: (history) =>
    discarding(history).flatMap((act) => {
      const run = runAt(history, act.at);
      if (run === undefined) return [];
      const rows = `${String(act.only?.length)} rows that only ${act.server} had`;
      const server = host(serverName(act.database, act.region));
      const read = history.looks.some(
        (look) => look.kind === 'divergence' && look.host === server && look.at <= act.at,
      );
      if (!read) return [`${rows} were rebuilt away at ${time(act.at)} without having been read`];
      if (sealedBefore(history, act.database, act.region, epochOf(run), act.at)) return [];
      return [`${rows} were rebuilt away at ${time(act.at)} while it still took writes`];
    }),
};
