import { host, serverName, type RegionName } from '../../scenarios/names.ts';
import type { History, SqlAct } from '../history.ts';
import type { ObjectLog, Version } from '../object-log.ts';
import type { Invariant } from './invariant.ts';
import { batches, epochOf, leftBehind, markedEpoch, stepIn, time } from './reading.ts';

export const trafficToOpenDatabases: Invariant = {
  number: 3,
  name: 'no DNS write moves traffic to a region whose databases were not seen open after this epoch opened them, nor unless looked at again once all else was ready',
  premise: (history) => history.databases.length > 0 && batches(history).some(({ to }) => to !== undefined),
  violations: (history) =>
    batches(history).flatMap(({ at, to, epoch }) => {
      if (to === undefined) return [];
      return history.databases.flatMap((database) => {
        // Unless a person, on record, moves the platform without it.
        const logs = history.runs.filter((log) => epochOf(log) === epoch);
        if (logs.some((log) => leftBehind(log.versions, database, at))) return [];
        const why =
          notOpened(history, { database, to, at, epoch }) ?? notLookedAt(history, { database, to, at, epoch });
        if (why === undefined) return [];
        return [`DNS moved to ${to} at ${time(at)}, epoch ${String(epoch)}, when ${database} there ${why}`];
      });
    }),
};

interface Move {
  readonly database: string;
  readonly to: RegionName;
  readonly at: number;
  readonly epoch: number | undefined;
}

function notOpened(history: History, { database, to, at, epoch }: Move): string | undefined {
  const acts = history.sql.filter(
    (act) => act.database === database && act.region === to && act.refused === undefined && act.at <= at,
  );
  // Where nothing was fenced there is nothing to open; that it was meant is what the probe must come after.
  const intended = firstVersion(history, epoch, (version) => stepIn(version, `open/${database}`)?.intent !== undefined);
  const opens = (act: SqlAct): boolean => act.statement === 'open' && markedEpoch(act) === epoch;
  const opened = acts.find(opens)?.at ?? intended;
  if (opened === undefined) return 'had not been opened';
  const probed = acts.some((act) => act.statement === 'probe' && !act.recovering && act.at >= opened);
  return probed ? undefined : 'had not taken its application’s insert';
}

/** What stood open while other steps were waited for may have been shut since. */
function notLookedAt(history: History, { database, to, at, epoch }: Move): string | undefined {
  const ready = firstVersion(history, epoch, (version) =>
    version.steps.some((step) => step.kind === 'Shift' && isReady(version, step.after ?? [])),
  );
  const server = host(serverName(database, to));
  const looked = history.looks.some(
    (look) => look.host === server && look.at >= (ready ?? at) && (look.answeredAt ?? Infinity) <= at,
  );
  return looked ? undefined : 'had not been looked at since all else was ready';
}

function isReady(version: Version, after: readonly string[]): boolean {
  return after.every((id) => stepIn(version, id)?.outcome !== undefined);
}

function firstVersion(
  history: History,
  epoch: number | undefined,
  is: (version: Version) => boolean,
): number | undefined {
  const logs: readonly ObjectLog[] = history.runs.filter((log) => epochOf(log) === epoch);
  return logs.flatMap((log) => log.versions).find(is)?.at;
}
