import type { Invariant } from './invariant.ts';
import { isAttested, pinnedOf, promotions, time } from './reading.ts';

export const noSecondWriter: Invariant = {
  number: 1,
  name: 'no promotion while another writer is not proven fenced, unless the Run records why',
  premise: (history) => promotions(history).some(({ act }) => act.statement === 'promote'),
  violations: (history) =>
    promotions(history).flatMap(({ act, run, version }) => {
      const others = act.writers.filter((server) => server !== act.server);
      const weaker = run !== undefined && pinnedOf(run)?.failover.fencing !== 'Verified';
      if (others.length === 0 || weaker || isAttested(version, act.database)) return [];
      return [`${act.server} was promoted at ${time(act.at)} while ${others.join(', ')} took applications' writes`];
    }),
};
