import { EAST, WEST, type RegionName } from '../../world/names.ts';
import type { Evidence } from '../evidence.ts';
import { REPLAY_KEY } from '../replay.ts';
import { count, judged, type Rule } from './verdict.ts';

/** Who was led to a region by its new answer is served there: its database had been opened before. */
export const trafficAfterOpen: Rule = (evidence) => {
  const { forced, askedBackAt, names } = evidence;
  if (forced === undefined) return undefined;
  const until = askedBackAt ?? Number.POSITIVE_INFINITY;
  const west = turnedAway(evidence, WEST, names.west, forced.killedAt, until);
  const east =
    askedBackAt === undefined ? 0 : turnedAway(evidence, EAST, names.east, askedBackAt, Number.POSITIVE_INFINITY);
  return judged(
    west + east === 0,
    `after the name led there ${count(west, 'order')} turned away by the west, ${String(east)} by the east`,
  );
};

function turnedAway(
  { clients, dnsChanges }: Evidence,
  region: RegionName,
  to: string,
  from: number,
  until: number,
): number {
  const moved = dnsChanges.find((change) => change.accepted && change.to === to && change.at >= from)?.at;
  if (moved === undefined) return 0;
  return clients.filter((a) => a.region === region && !a.acknowledged && a.sent >= moved && a.sent < until).length;
}

/**
 * Two moves, two batches: each deletes exactly what it replaces, epochs rise, nobody is led to a third place; and the
 * first one, sent once more when it is out of date, is refused by Route 53 itself.
 */
export const dnsByCompareAndSwap: Rule = ({ dnsChanges, dns, names, planned, askedBackAt, end }) => {
  const byOperator = dnsChanges.filter(({ accepted, by }) => accepted && by !== REPLAY_KEY);
  const moves = byOperator.map(({ to }) => to ?? 'nowhere');
  const epochs = byOperator.map(({ epoch }) => epoch ?? 0);
  const rising = epochs.every((epoch, index) => epoch > (epochs[index - 1] ?? 0));
  const blind = byOperator.filter(({ changes }) => !isSwap(changes)).length;
  const strange = dns.filter(({ says }) => says !== undefined && says !== names.east && says !== names.west).length;
  const expected = [names.west, ...(askedBackAt === undefined ? [] : [names.east])];
  const inOrder = moves.every((name, index) => name === expected[index]);
  const complete = planned === undefined || moves.length === expected.length;
  if (moves.length === 0 && complete) return undefined;
  const stale = end === undefined ? '' : `; the first, sent again, was ${end.replay.accepted ? 'ACCEPTED' : 'refused'}`;
  return judged(
    inOrder && complete && rising && blind === 0 && strange === 0 && end?.replay.accepted !== true,
    `batches led to ${moves.join(', then ')}, epochs ${epochs.join(', ')}; ${String(blind)} without comparing, ${String(strange)} answers of neither${stale}`,
  );
};

/** For each record that is made, the one before it is deleted in the same batch; a first TXT has none before it. */
function isSwap(changes: readonly string[]): boolean {
  const record = (change: string): boolean => !change.includes(' TXT ');
  const deleted = changes.filter((change) => change.startsWith('DELETE ') && record(change)).length;
  const created = changes.filter((change) => change.startsWith('CREATE ') && record(change)).length;
  const owned = changes.some((change) => change.startsWith('CREATE ') && !record(change));
  return deleted > 0 && deleted === created && owned && !changes.some((change) => change.startsWith('UPSERT '));
}
