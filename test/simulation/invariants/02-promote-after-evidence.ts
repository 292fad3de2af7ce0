import type { Invariant } from './invariant.ts';
import {
  epochOf,
  isAttested,
  modeOf,
  otherRegion,
  pinnedOf,
  promotions,
  sealedBefore,
  stepIn,
  time,
} from './reading.ts';

export const promoteAfterEvidence: Invariant = {
  number: 2,
  name: 'promote only after the required fencing evidence or a recorded override',
  premise: (history) => promotions(history).length > 0,
  violations: (history) =>
    promotions(history).flatMap(({ act, run, version }) => {
      const when = `${act.server} was promoted at ${time(act.at)}`;
      if (run === undefined) return [`${when} by no Run`];
      const other = otherRegion(act.region);
      if (sealedBefore(history, act.database, other, epochOf(run), act.at)) return [];
      // A peer that was already a standby is no writer that needs a fence.
      const noWriter =
        stepIn(version, `fence/${act.database}`)?.outcome?.state === 'Vacuous' && act.writers.length === 0;
      if (noWriter) return [];
      const weaker = pinnedOf(run)?.failover.fencing !== 'Verified';
      if (modeOf(run) === 'Forced' && (weaker || isAttested(version, act.database))) return [];
      return [`${when} for ${run.name}: ${other} was not sealed under its epoch, and nobody had vouched for it`];
    }),
};
