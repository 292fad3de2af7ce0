import { clip, measured } from './bounds.ts';
import { renderConditions } from './conditions.ts';
import type { LastRun, PlanStatus } from './plan-status.ts';
import { formatDuration } from './duration.ts';
import { optional } from './reader.ts';
import type { RtoSegment } from './rto-segments.ts';
import { formatTime } from './time.ts';
import type { WireLastRun, WirePlanStatus } from './wire.ts';

const longestOwner = 256;

/** The wire form; parsePlanStatus reads it back exactly. */
export function renderPlanStatus(status: PlanStatus): WirePlanStatus {
  const { adoptedAt, lastFailoverAt, lastRun, reversalPending, workloads, conditions, ...plain } = status;
  return {
    ...plain,
    ...optional('adoptedAt', timeOr(adoptedAt)),
    ...optional('lastFailoverAt', timeOr(lastFailoverAt)),
    ...optional('lastRun', lastRun === undefined ? undefined : renderLastRun(lastRun)),
    ...optional('reversalPending', reversalPending === undefined ? undefined : renderReversal(reversalPending)),
    workloads: workloads.map((workload) => ({ ...workload, at: formatTime(workload.at) })),
    conditions: renderConditions(conditions),
  };
}

function renderReversal({
  region,
  by,
  at,
}: NonNullable<PlanStatus['reversalPending']>): NonNullable<WirePlanStatus['reversalPending']> {
  return { region, at: formatTime(at), ...optional('by', by === undefined ? undefined : clip(by, longestOwner)) };
}

function renderLastRun({ finishedAt, rtoMs, segments, rpo, ...plain }: LastRun): WireLastRun {
  return {
    ...plain,
    finishedAt: formatTime(finishedAt),
    ...optional('rto', measured(rtoMs)),
    ...optional('segments', segments?.map(renderSegment)),
    ...optional('rpo', rpo === undefined ? undefined : { grade: rpo.grade, ...optional('loss', measured(rpo.lossMs)) }),
  };
}

function renderSegment({ milestone, ms }: RtoSegment): NonNullable<WireLastRun['segments']>[number] {
  return { milestone, took: formatDuration(ms) };
}

function timeOr(wall: number | undefined): string | undefined {
  return wall === undefined ? undefined : formatTime(wall);
}
