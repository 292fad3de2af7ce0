import type { Invariant } from './invariant.ts';
import type { History, SqlAct } from '../history.ts';
import { host, serverName } from '../../scenarios/names.ts';
import { time } from './reading.ts';

/** Rebuilds that threw away rows which nobody else had. */
const discarding = (history: History): readonly SqlAct[] =>
  history.sql.filter(({ statement, only = [] }) => statement === 'rebuild' && only.length > 0);

export const divergedDataKept: Invariant = {
  number: 25,
  name: 'diverged data of an old primary is read and kept, or discarded by a person, before it is rebuilt',
  premise: (history) => discarding(history).length > 0,
  violations: (history) =>
    discarding(history).flatMap(({ server, database, region, at, only = [] }) => {
      const name = host(serverName(database, region));
      const read = history.looks.findLast((look) => look.kind === 'divergence' && look.host === name && look.at <= at);
      const when = `were rebuilt away at ${time(at)}`;
      if (read === undefined) {
        return [`${String(only.length)} rows that only ${server} had ${when} without having been read`];
      }
      const later = history.attempts.filter((one) => one.acknowledged && one.at > read.at && only.includes(one.id));
      return later.map(
        ({ id }) => `order ${id}, acknowledged in ${region} after the last reading of ${server}, ${when}`,
      );
    }),
};
