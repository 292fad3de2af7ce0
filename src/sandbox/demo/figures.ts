import {
  acknowledged,
  longestOutage,
  lostOrders,
  type Acknowledged,
  type Attempt,
  type Outage,
} from '../shop/attempts.ts';
import { EAST, WEST } from '../world/names.ts';
import type { Evidence, ForcedEvidence } from './evidence.ts';
import { stepOf } from './run-view.ts';
import type { ServerLog } from './witnesses/postgresql-log.ts';

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

/** By the server's own log: the first login of the shop that was turned away, or the last session that was ended, if later. */
function shutAt({ refused, terminated }: ServerLog, from: number, until: number): number | undefined {
  const within = (at: number): boolean => at >= from && at < until;
  const first = refused.find(within);
  return first === undefined ? undefined : Math.max(first, ...terminated.filter(within));
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
  // As a standby it turns the shop away for the west's sake; by its own log too, not by the operator's word.
  const rebuilt = logs.east.standby.find((at) => at >= from) ?? until;
  const fencedAt = shutAt(logs.east, from, rebuilt);
  return {
    taken,
    afterFence: fencedAt === undefined ? taken : taken.filter(({ sent }) => sent > fencedAt),
    writableAt: logs.east.ready.find((at) => at >= from),
    fencedAt,
  };
}

/**
 * The pinned client's, save what the returned east took before its fence, which the way back is judged by. Where no
 * fence was seen, that goes on until the move back was asked for.
 */
export function pinnedApart(evidence: Evidence): readonly Attempt[] {
  const { pinned, back, forced, askedBackAt } = evidence;
  // Where the story stopped before the way back was at its end, the return was some time after the kill.
  const from = back?.returnedAt ?? forced?.killedAt ?? Number.POSITIVE_INFINITY;
  const until = returnFigures(evidence).fencedAt ?? askedBackAt ?? Number.POSITIVE_INFINITY;
  return pinned.filter(({ sent }) => sent < from || sent > until);
}

/** Accepted by a region when the other had been promoted, by PostgreSQL's logs, and it had not been since. */
export function strays(attempts: readonly Attempt[], { logs }: Evidence): readonly Acknowledged[] {
  const promotions = [
    ...logs.west.promotions.map((at) => ({ at, region: WEST })),
    ...logs.east.promotions.map((at) => ({ at, region: EAST })),
  ].toSorted((a, b) => a.at - b.at);
  return acknowledged(attempts).filter(({ region, sent, t }) => {
    const before = promotions.findLast(({ at }) => at < sent);
    // What was answered after its own promotion may have been written after it as well.
    const own = promotions.some(
      (promotion) => promotion.region === region && promotion.at >= sent && promotion.at <= t,
    );
    return before !== undefined && before.region !== region && !own;
  });
}

export interface PlannedFigures {
  readonly acknowledged: number;
  /**
   * Acknowledged since the forced outage was over, to the pinned client since the move back, and not in the east's table
   * at the end; the leaked are not counted.
   */
  readonly lost: readonly Acknowledged[];
  /** Sent to the west when it was fenced by its own log, or when the operator had called it so, and acknowledged. */
  readonly leaked: readonly Acknowledged[];
  readonly outage: Outage | undefined;
}

export function plannedFigures({ clients, pinned, logs, forced, planned, end }: Evidence): PlannedFigures | undefined {
  if (forced === undefined || planned === undefined || end === undefined) return undefined;
  const promoted = logs.east.promotions.find((at) => at >= planned.askedAt) ?? Number.POSITIVE_INFINITY;
  const shut = shutAt(logs.west, planned.askedAt, promoted) ?? Number.POSITIVE_INFINITY;
  // The operator's own word can only be held against it: claiming late, or nothing, excuses nothing.
  const fenced = Math.min(shut, stepOf(planned.reported, 'fence/orders')?.outcome?.at ?? shut);
  const since = clients.filter(({ t }) => t >= planned.askedAt);
  const leaked = acknowledged(since).filter(({ region, sent }) => region === WEST && sent > fenced);
  const ids = new Set(leaked.map(({ order }) => order));
  // What the pinned client was promised before is what the way back preserves.
  const pinnedSince = pinned.filter(({ t }) => t >= planned.askedAt);
  const after = [...clients.filter(({ t }) => t >= forced.recoveredAt), ...pinnedSince];
  return {
    acknowledged: acknowledged([...since, ...pinnedSince]).length,
    lost: lostOrders(after, end.rows).filter(({ order }) => !ids.has(order)),
    leaked,
    outage: longestOutage(since),
  };
}
