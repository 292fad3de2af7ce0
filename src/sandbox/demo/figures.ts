import { acknowledged, longestOutage, lostOrders, type Acknowledged, type Outage } from '../shop/attempts.ts';
import type { Evidence } from './evidence.ts';
import { EAST } from '../world/names.ts';
import { stepOf } from './run-view.ts';

/** What the witnesses say in numbers; the judge compares them, the ending prints them. Durations in ms. */
export interface Figures {
  readonly acknowledged: number;
  /** Acknowledged by the east before it came back, and not in the west's table. */
  readonly lost: readonly Acknowledged[];
  /** From the acknowledgement of the first lost order to the kill. */
  readonly exposureMs: number;
  readonly reportedBoundMs: number | undefined;
  readonly reportedGrade: string;
  readonly outage: Outage | undefined;
  /** From the kill to when the operator saw the new answer at the zone's servers. */
  readonly switchedMs: number | undefined;
  /** Acknowledged to the pinned client between the return and the move back; and those that it sent when the fence stood already. */
  readonly postReturn: readonly Acknowledged[];
  readonly afterFence: readonly Acknowledged[];
  readonly writableAt: number | undefined;
  readonly fencedAt: number | undefined;
  readonly plannedLost: readonly Acknowledged[];
  readonly plannedOutage: Outage | undefined;
}

export function figuresOf(evidence: Evidence): Figures {
  const { forced, back, planned, clients, pinned, logs } = evidence;
  const everybody = [...clients, ...pinned];
  // An answer may have been on its way when the east died: what counts is that it came before the east was back.
  const beforeReturn = everybody.filter(({ t }) => t < back.returnedAt);
  const lost = lostOrders(beforeReturn, forced.rows).filter(({ region }) => region === EAST);
  const [first] = lost;
  const bound = forced.reported.recovery[0];
  const fence = fenceOf(evidence);
  const postReturn = acknowledged(pinned.filter(({ sent, t }) => sent >= back.returnedAt && t < planned.askedAt));
  const { trafficObserved } = forced.reported.milestones;
  return {
    acknowledged: acknowledged(everybody).length,
    lost,
    exposureMs: first === undefined ? 0 : forced.killedAt - first.t,
    reportedBoundMs: bound?.lossMs,
    reportedGrade: bound?.grade ?? 'Unknown',
    outage: longestOutage(clients.filter(({ t }) => t < planned.askedAt)),
    switchedMs: trafficObserved === undefined ? undefined : trafficObserved - forced.killedAt,
    postReturn,
    afterFence: fence === undefined ? postReturn : postReturn.filter(({ sent }) => sent > fence),
    writableAt: logs.east.ready.find((at) => at >= back.returnedAt),
    fencedAt: fence,
    plannedLost: lostOrders(
      clients.filter(({ t }) => t >= forced.recoveredAt),
      evidence.finalRows,
    ),
    plannedOutage: longestOutage(clients.filter(({ t }) => t >= planned.askedAt)),
  };
}

/**
 * When the east's own log shows that the shop is shut out after the return: the first login that was turned away, or
 * the last session that was ended, whichever is later. Before the rebuild, that is: a standby turns nobody's login
 * away for good, it has the new primary's roles.
 */
function fenceOf({ logs, back }: Evidence): number | undefined {
  const rebuilt = stepOf(back.reported, 'rebuild/orders')?.outcome?.at ?? Number.POSITIVE_INFINITY;
  const within = (at: number): boolean => at >= back.returnedAt && at < rebuilt;
  const refused = logs.east.refused.find(within);
  if (refused === undefined) return undefined;
  const ended = logs.east.terminated.filter(within);
  return Math.max(refused, ...ended);
}
