import type { Invariant } from './invariant.ts';
import type { History, SqlAct } from '../history.ts';
import { lastVersion, versionAt, type Version } from '../object-log.ts';
import { host, serverName } from '../../scenarios/names.ts';
import { runAt, stepIn, time } from './reading.ts';

/** Rebuilds that threw away rows which nobody else had. */
const discarding = (history: History): readonly SqlAct[] =>
  history.sql.filter(({ statement, only = [] }) => statement === 'rebuild' && only.length > 0);

export const divergedDataKept: Invariant = {
  number: 25,
  name: 'diverged data of an old primary is read and kept, or discarded by a person, before it is rebuilt',
  premise: (history) => discarding(history).length > 0,
  violations: (history) =>
    discarding(history).flatMap((rebuild) => [...unread(history, rebuild), ...unkept(history, rebuild)]),
};

function unread(history: History, { server, database, region, at, only = [] }: SqlAct): readonly string[] {
  const name = host(serverName(database, region));
  const read = history.looks.findLast((look) => look.kind === 'divergence' && look.host === name && look.at <= at);
  const when = `were rebuilt away at ${time(at)}`;
  if (read === undefined) {
    return [`${String(only.length)} rows that only ${server} had ${when} without having been read`];
  }
  const later = history.attempts.filter((one) => one.acknowledged && one.at > read.at && only.includes(one.id));
  return later.map(({ id }) => `order ${id}, acknowledged in ${region} after the last reading of ${server}, ${when}`);
}

/** By the copy itself; and where the Run calls the rebuild done, people find it there. */
function unkept(history: History, { server, database, at, only = [], keptAt }: SqlAct): readonly string[] {
  const run = runAt(history, at);
  if (run !== undefined && versionAt(run, at)?.spec.discardDiverged !== undefined) return [];
  const copy = new Set(keptAt === undefined ? [] : history.kept[keptAt]);
  const gone = only.filter((row) => !copy.has(row));
  if (gone.length > 0) {
    return [
      `${String(gone.length)} rows that only ${server} had were rebuilt away at ${time(at)}, and no copy has them`,
    ];
  }
  const end = run === undefined ? undefined : lastVersion(run);
  const succeeded = stepIn(end, `rebuild/${database}`)?.outcome?.state === 'Succeeded';
  if (!succeeded || namedIn(end, database) === keptAt) return [];
  return [
    `what only ${server} had is kept at ${keptAt ?? ''}, and its Run, which calls the rebuild done, does not say so`,
  ];
}

function namedIn(version: Version | undefined, database: string): unknown {
  const { recovery = [] } = (version?.status ?? {}) as {
    readonly recovery?: readonly { readonly database: string; readonly preservedAt?: string }[];
  };
  return recovery.find((one) => one.database === database)?.preservedAt;
}
