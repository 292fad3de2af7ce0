import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { regionNames, serverName } from '../../scenarios/names.ts';
import { lastVersion } from '../object-log.ts';
import { phaseOf, sourceOf, targetOf } from './reading.ts';

/** The last run that succeeded led back to where the history began, and nothing came after it. */
function cameBack(history: History): boolean {
  const done = history.runs.filter((log) => phaseOf(lastVersion(log)) === 'Succeeded');
  const [first] = done;
  const last = done.at(-1);
  if (first === undefined || last === undefined || last === first || last !== history.runs.at(-1)) return false;
  return targetOf(last) === sourceOf(first);
}

export const thereAndBack: Invariant = {
  number: 19,
  name: 'failover then failback restores the initial topology',
  premise: cameBack,
  violations(history) {
    const { initialReplicas } = history.told;
    if (!cameBack(history)) return [];
    const [home, away] = regionNames;
    const found = history.databases.flatMap((database) => [
      ...(history.ends[serverName(database, home)]?.role === 'Primary' ? [] : [`${database} is no primary in ${home}`]),
      ...(history.ends[serverName(database, away)]?.role === 'Replica' ? [] : [`${database} is no replica in ${away}`]),
    ]);
    const traffic = history.end.record.includes(home) ? [] : [`the record is ${history.end.record}`];
    const replicas = Object.entries(initialReplicas ?? {})
      .filter(([name, count]) => history.end.replicas[name] !== count)
      .map(([name, count]) => `${name} has ${String(history.end.replicas[name])} replicas instead of ${String(count)}`);
    return [...found, ...traffic, ...replicas];
  },
};
