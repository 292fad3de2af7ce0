import { host, type RegionName } from '../../scenarios/names.ts';
import type { History, SqlAct } from '../history.ts';
import type { Invariant } from './invariant.ts';
import { batches, handMoves, otherRegion, targetOf, time } from './reading.ts';

/** A writer that people moved, until they say themselves that it shall go back; Infinity: they never did. */
interface Moved {
  readonly move: SqlAct;
  readonly from: RegionName;
  readonly until: number;
}

function moved(history: History): readonly Moved[] {
  return handMoves(history).map((move) => {
    const from = otherRegion(move.region);
    return { move, from, until: Math.min(...wordsFor(history, from).filter((at) => at > move.at), Infinity) };
  });
}

/**
 * When people asked for that region: by a change of the field, or by a Run of their own. That a plan is made, or made
 * again, with the region in it is no word, and neither is a field that goes on saying what it said before the move.
 */
function wordsFor(history: History, region: RegionName): readonly number[] {
  const field = history.plans.flatMap(({ versions }) =>
    versions
      .slice(1)
      .filter(({ spec }, index) => spec.activeRegion === region && versions[index]?.spec.activeRegion !== region)
      .map(({ at }) => at),
  );
  const runs = history.runs
    .filter((log) => log.versions[0]?.spec.origin === 'Person' && targetOf(log) === region)
    .map((log) => log.versions[0]?.at ?? Infinity);
  return [...field, ...runs];
}

/** Acts of the operator that take the writer back, or make room for that: by the server that witnessed each. */
function against(history: History, { move, from }: Moved): readonly SqlAct[] {
  const closing = ['fence', 'seal', 'end-sessions', 'rebuild'];
  const reviving = ['promote', 'open'];
  return history.sql.filter(
    ({ database, region, statement, refused }) =>
      database === move.database && refused === undefined && (region === from ? reviving : closing).includes(statement),
  );
}

export const movedByHand: Invariant = {
  number: 26,
  name: 'a writer moved by hand is never moved back',
  // A hand that nobody has seen at work tempted nobody.
  premise: (history) =>
    handMoves(history).some(({ server, at }) =>
      history.looks.some((look) => look.host === host(server) && look.at > at),
    ),
  violations: (history) =>
    moved(history).flatMap((one) => {
      const { move, from, until } = one;
      const within = ({ at }: { readonly at: number }): boolean => at > move.at && at < until;
      const since = `after people had promoted ${move.server} at ${time(move.at)}, on nobody's word`;
      const sql = against(history, one)
        .filter(within)
        .map(({ at, statement, server }) => `${statement} of ${server} at ${time(at)}, ${since}`);
      const dns = batches(history)
        .filter(({ to }) => to === from)
        .filter(within)
        .map(({ at }) => `DNS moved to ${from} at ${time(at)}, ${since}`);
      return [...sql, ...dns];
    }),
};
