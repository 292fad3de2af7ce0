import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { batches, markedEpoch, time } from './reading.ts';

interface Marked {
  readonly at: number;
  readonly epoch: number;
  readonly what: string;
}

function marked(history: History): readonly Marked[] {
  const sql = history.sql.flatMap((act): readonly Marked[] => {
    const epoch = markedEpoch(act);
    if (epoch === undefined || act.refused !== undefined) return [];
    return [{ at: act.at, epoch, what: `${act.statement} on ${act.server}` }];
  });
  const dns = batches(history).map(({ at, epoch = 0 }): Marked => ({ at, epoch, what: 'DNS write' }));
  return [...sql, ...dns].sort((a, b) => a.at - b.at);
}

export const noStaleEpoch: Invariant = {
  number: 5,
  name: 'no effect carries an epoch below the highest seen',
  premise: (history) => new Set(history.runs.map(({ name }) => name)).size > 1 && marked(history).length > 0,
  violations(history) {
    let highest = 0;
    return marked(history).flatMap(({ at, epoch, what }) => {
      const stale = epoch < highest;
      highest = Math.max(highest, epoch);
      return stale ? [`${what} at ${time(at)} carries epoch ${String(epoch)} after ${String(highest)}`] : [];
    });
  },
};
