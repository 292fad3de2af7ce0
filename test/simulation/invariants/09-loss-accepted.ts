import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import {
  acceptsLoss,
  epochOf,
  isAttested,
  modeOf,
  otherRegion,
  pinnedOf,
  promotions,
  sealedBefore,
  time,
  type Promotion,
} from './reading.ts';

/** Why this promotion needed a person's acceptance, as the witnesses see it; undefined where it did not. */
function needs(history: History, { act, run, version }: Promotion): string | undefined {
  if (run === undefined || modeOf(run) !== 'Forced') return undefined;
  const source = otherRegion(act.region);
  const ended = sealedBefore(history, act.database, source, epochOf(run), act.at) || isAttested(version, act.database);
  if (!ended) return 'the source was neither sealed nor vouched for, so the loss was open';
  if (act.database !== history.databases[0]) return undefined;
  const rows = history.ends[act.server]?.rows ?? new Set<string>();
  const before = history.attempts.filter((one) => one.acknowledged && one.region === source && one.at < act.at);
  const first = before.find(({ id }) => !rows.has(id));
  const last = before.at(-1);
  const rpoMs = pinnedOf(run)?.objectives.rpoMs ?? 0;
  if (first === undefined || last === undefined || last.at - first.at <= rpoMs) return undefined;
  return `orders of ${String(last.at - first.at)} ms were lost, above the RPO of ${String(rpoMs)} ms`;
}

export const lossAccepted: Invariant = {
  number: 9,
  name: 'loss above the RPO, open or unknown needs recorded acceptance',
  premise: (history) => promotions(history).some((one) => needs(history, one) !== undefined),
  violations: (history) =>
    promotions(history).flatMap((one) => {
      const why = needs(history, one);
      if (why === undefined || acceptsLoss(one.version)) return [];
      return [`${one.act.server} was promoted at ${time(one.act.at)} without acceptance: ${why}`];
    }),
};
