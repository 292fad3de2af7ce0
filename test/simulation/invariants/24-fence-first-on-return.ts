import type { Invariant } from './invariant.ts';
import type { History, SqlAct } from '../history.ts';
import type { ObjectLog } from '../object-log.ts';
import { clusterChanges, epochOf, sourceOf, time } from './reading.ts';

interface Owed {
  readonly run: ObjectLog;
  readonly database: string;
  readonly since: number;
}

/** Fences that a Run went on without. */
function owed(history: History): readonly Owed[] {
  return history.runs.flatMap((run) =>
    history.databases.flatMap((database) => {
      const since = run.versions.find(({ steps }) =>
        steps.some(({ id, outcome }) => id === `fence/${database}` && outcome?.state === 'Overridden'),
      )?.at;
      return since === undefined ? [] : [{ run, database, since }];
    }),
  );
}

/** What the operator did there from then on; scaling down and looking are no effects in this sense. */
function effects(
  history: History,
  { run, database, since }: Owed,
): readonly { readonly at: number; readonly what: string }[] {
  const region = sourceOf(run);
  // A rebuild is of one database, and waits for that one's fence.
  const jobs = clusterChanges(history)
    .filter(({ at, cluster, resource }) => at >= since && cluster === region && resource === 'jobs')
    .filter(({ name }) => name === undefined || new RegExp(`-rebuild-${database}(-\\d+)?$`).test(name))
    .map(({ at, name }) => ({ at, what: `job ${name ?? ''}` }));
  const sql = history.sql
    .filter(
      (act) => act.at >= since && act.region === region && act.database === database && act.statement !== 'rebuild',
    )
    .map((act) => ({ at: act.at, what: isFence(act, run) ? 'fence' : act.statement }));
  return [...jobs, ...sql].sort((a, b) => a.at - b.at);
}

const isFence = (act: SqlAct, run: ObjectLog): boolean =>
  act.statement === 'fence' && act.refused === undefined && Number(act.parameters[1]) === epochOf(run);

export const fenceFirstOnReturn: Invariant = {
  number: 24,
  name: 'a region that was unreachable when its fence was due: the first effect there is the fence',
  premise: (history) => owed(history).some((one) => effects(history, one).length > 0),
  violations: (history) =>
    owed(history).flatMap((one) => {
      const [first] = effects(history, one);
      if (first === undefined || first.what === 'fence') return [];
      return [
        `${one.run.name}: the first effect in ${sourceOf(one.run)} after it went on without the fence of ${one.database} was ${first.what} at ${time(first.at)}`,
      ];
    }),
};
