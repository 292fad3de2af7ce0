import { acknowledged, longestOutage, lostOrders, type Acknowledged, type Outage } from '../shop/attempts.ts';
import { EAST, WEST } from '../world/names.ts';
import type { Evidence, ForcedEvidence } from './evidence.ts';
import { stepOf } from './run-view.ts';

/** What the witnesses say in numbers; the judge compares them, the ending prints them. Durations in ms. */
export interface ForcedFigures {
  /** Acknowledged by the east before it came back, and not in the west's table. */
  readonly lost: readonly Acknowledged[];
  /** From the acknowledgement of the first lost order to the kill. */
  readonly exposureMs: number;
  readonly boundMs: number | undefined;
  readonly grade: string;
  readonly outage: Outage | undefined;
  /** From the kill to when the operator saw the new answer at the zone's servers. */
  readonly switchedMs: number | undefined;
}

export function forcedFigures(evidence: Evidence, forced: ForcedEvidence): ForcedFigures {
  const { clients, pinned, back, askedBackAt } = evidence;
  const returned = back?.returnedAt ?? Number.POSITIVE_INFINITY;
  // An answer may have been on its way when the east died: what counts is that it came before the east was back.
  const before = [...clients, ...pinned].filter(({ t }) => t < returned);
  const lost = lostOrders(before, forced.rows).filter(({ region }) => region === EAST);
  const [first] = lost;
  const [recovery] = forced.reported.recovery;
  const { trafficObserved } = forced.reported.milestones;
  return {
    lost,
    exposureMs: first === undefined ? 0 : forced.killedAt - first.t,
    boundMs: recovery?.lossMs,
    grade: recovery?.grade ?? 'Unknown',
    outage: longestOutage(clients.filter(({ t }) => t < (askedBackAt ?? Number.POSITIVE_INFINITY))),
    switchedMs: trafficObserved === undefined ? undefined : trafficObserved - forced.killedAt,
  };
}

/** When the person attested that the east writes no more. */
export function vouchedAt({ words }: ForcedEvidence): number | undefined {
  return words.find(({ reason }) => reason === 'FenceNotProven')?.at;
}

export interface ReturnFigures {
  /** Acknowledged by the east between its return and the move back. */
  readonly taken: readonly Acknowledged[];
  /** Of these, sent when the fence stood already; all of them where none was ever seen. */
  readonly afterFence: readonly Acknowledged[];
  readonly writableAt: number | undefined;
  readonly fencedAt: number | undefined;
}

export function returnFigures({ pinned, askedBackAt, logs, back }: Evidence): ReturnFigures {
  const from = back?.returnedAt ?? Number.POSITIVE_INFINITY;
  const until = askedBackAt ?? Number.POSITIVE_INFINITY;
  const taken = acknowledged(pinned.filter(({ sent, t }) => sent >= from && t < until));
  const rebuilt = stepOf(back?.reported, 'rebuild/orders')?.outcome?.at ?? Number.POSITIVE_INFINITY;
  const within = (at: number): boolean => at >= from && at < rebuilt;
  // By the server's own log: the first login that was turned away, or the last session that was ended, if later.
  const refused = logs.east.refused.find(within);
  const fencedAt = refused === undefined ? undefined : Math.max(refused, ...logs.east.terminated.filter(within));
  return {
    taken,
    afterFence: fencedAt === undefined ? taken : taken.filter(({ sent }) => sent > fencedAt),
    writableAt: logs.east.ready.find((at) => at >= from),
    fencedAt,
  };
}

export interface PlannedFigures {
  readonly acknowledged: number;
  /** Acknowledged since the forced outage was over, and not in the east's table at the end; the leaked are not counted. */
  readonly lost: readonly Acknowledged[];
  /** Sent to the west when the operator had called it fenced, and acknowledged. */
  readonly leaked: readonly Acknowledged[];
  readonly outage: Outage | undefined;
}

export function plannedFigures({ clients, forced, planned, end }: Evidence): PlannedFigures | undefined {
  if (forced === undefined || planned === undefined || end === undefined) return undefined;
  const claimed = stepOf(planned.reported, 'fence/orders')?.outcome?.at ?? Number.POSITIVE_INFINITY;
  const since = clients.filter(({ t }) => t >= planned.askedAt);
  const leaked = acknowledged(since).filter(({ region, sent }) => region === WEST && sent > claimed);
  const ids = new Set(leaked.map(({ order }) => order));
  const after = clients.filter(({ t }) => t >= forced.recoveredAt);
  return {
    acknowledged: acknowledged(since).length,
    lost: lostOrders(after, end.rows).filter(({ order }) => !ids.has(order)),
    leaked,
    outage: longestOutage(since),
  };
}
