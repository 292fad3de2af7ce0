import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import type { ObjectLog } from '../object-log.ts';
import { serverName } from '../../scenarios/names.ts';
import { epochOf, markedEpoch, phaseOf, promotions, sourceOf, time } from './reading.ts';

const everAborted = (log: ObjectLog): boolean => log.versions.some((version) => phaseOf(version) === 'Aborted');
const acted = (log: ObjectLog): boolean =>
  log.versions.some(({ steps }) => steps.some(({ intent }) => intent !== undefined));

function last(history: History): ObjectLog | undefined {
  return history.runs.at(-1);
}

export const abortLeavesNothing: Invariant = {
  number: 10,
  name: 'an abort before a promote intent leaves no change behind; after one there is only forward or failback',
  premise: (history) =>
    history.runs.some(
      (log) => acted(log) && (everAborted(log) || log.versions.some(({ spec }) => spec.desiredState === 'Aborted')),
    ),
  violations(history) {
    const promotedThenAborted = promotions(history).flatMap(({ act, run }) =>
      run !== undefined && everAborted(run)
        ? [`${run.name} is Aborted, but ${act.server} was promoted at ${time(act.at)}`]
        : [],
    );
    const run = last(history);
    if (run === undefined || !everAborted(run) || promotedThenAborted.length > 0) return promotedThenAborted;
    return [...promotedThenAborted, ...stillFenced(history, run), ...stillScaled(history)];
  },
};

/** A source that is down now cannot be asked, and nobody could have opened it. */
function stillFenced(history: History, run: ObjectLog): readonly string[] {
  return history.databases.flatMap((database) => {
    const server = serverName(database, sourceOf(run));
    const fenced = history.sql.some(
      (act) =>
        act.server === server &&
        act.statement === 'fence' &&
        act.refused === undefined &&
        markedEpoch(act) === epochOf(run),
    );
    const end = history.end.databases[server];
    return fenced && end?.role === 'Primary' && !end.shopMayLogIn
      ? [`${server} is still fenced after ${run.name} was aborted`]
      : [];
  });
}

function stillScaled(history: History): readonly string[] {
  const { initialReplicas } = history.told;
  if (initialReplicas === undefined || history.runs.some((log) => phaseOf(log.versions.at(-1)) !== 'Aborted')) {
    return [];
  }
  return Object.entries(history.end.replicas).flatMap(([name, replicas]) =>
    replicas === initialReplicas[name]
      ? []
      : [`${name} has ${String(replicas)} replicas, and had ${String(initialReplicas[name])} before the aborted runs`],
  );
}
