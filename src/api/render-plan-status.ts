import { renderConditions } from './conditions.ts';
import type { LastRun, PlanStatus } from './plan-status.ts';
import { formatTime } from './time.ts';

type Wire = Readonly<Record<string, unknown>>;

/** The wire form; parsePlanStatus reads it back. */
export function renderPlanStatus(status: PlanStatus): Wire {
  const { adoptedAt, lastFailoverAt, lastRun, reversalPending, workloads, conditions, ...plain } = status;
  return {
    ...plain,
    ...(adoptedAt === undefined ? {} : { adoptedAt: formatTime(adoptedAt) }),
    ...(lastFailoverAt === undefined ? {} : { lastFailoverAt: formatTime(lastFailoverAt) }),
    ...(lastRun === undefined ? {} : { lastRun: renderLastRun(lastRun) }),
    ...(reversalPending === undefined
      ? {}
      : { reversalPending: { ...reversalPending, at: formatTime(reversalPending.at) } }),
    workloads: workloads.map((workload) => ({ ...workload, at: formatTime(workload.at) })),
    conditions: renderConditions(conditions),
  };
}

function renderLastRun({ finishedAt, rtoMs, rpo, ...plain }: LastRun): Wire {
  return {
    ...plain,
    finishedAt: formatTime(finishedAt),
    ...(rtoMs === undefined ? {} : { rtoMilliseconds: rtoMs }),
    ...(rpo === undefined
      ? {}
      : { rpo: { grade: rpo.grade, ...(rpo.lossMs === undefined ? {} : { lossMilliseconds: rpo.lossMs }) } }),
  };
}
