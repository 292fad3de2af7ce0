import type { Intent, Milestones, RunStatus, StepStatus } from '../api/run.ts';

/** What is read from the clock now, and what may be wrong about it. */
export interface ClockNow {
  readonly wall: number;
  /** Difference allowed between two operators' clocks, ms: that much ahead is nobody's fault. */
  readonly skewMs: number;
  /** How long one effect may take, ms. */
  readonly effectMs: number;
}

/**
 * A clock that ran ahead and was set back leaves instants that have not come yet: a soak, a drain or another holder's
 * intent would be waited for until then, an hour for an hour. What is dated after now happened by now, and is dated so.
 */
export function withoutFuture(status: RunStatus, now: ClockNow): RunStatus {
  const latest = now.wall + now.skewMs;
  const steps = status.steps.map((step) => (isAhead(step, latest) ? dated(step, now, latest) : step));
  const milestones = datedMilestones(status.milestones, now.wall, latest);
  const abort = datedAbort(status.abort, now.wall, latest);
  const same =
    milestones === status.milestones &&
    abort === status.abort &&
    steps.every((step, index) => step === status.steps[index]);
  return same ? status : { ...status, steps, milestones, ...(abort === undefined ? {} : { abort }) };
}

function datedAbort(abort: RunStatus['abort'], wall: number, latest: number): RunStatus['abort'] {
  return abort === undefined || abort.at <= latest ? abort : { ...abort, at: wall };
}

function isAhead({ since, readyAt = 0, intent, outcome }: StepStatus, latest: number): boolean {
  return [since, readyAt, intent?.at ?? 0, outcome?.at ?? 0].some((at) => at > latest);
}

function dated(step: StepStatus, now: ClockNow, latest: number): StepStatus {
  const past = (at: number): number => (at > latest ? now.wall : at);
  const { readyAt, deadlineMs, intent, outcome } = step;
  const began = readyAt === undefined ? {} : { readyAt: past(readyAt) };
  const moved = readyAt !== undefined && readyAt > latest && deadlineMs !== undefined;
  return {
    ...step,
    ...began,
    since: past(step.since),
    ...(moved ? { deadline: now.wall + deadlineMs } : {}),
    ...(intent === undefined ? {} : { intent: datedIntent(intent, now, latest) }),
    ...(outcome === undefined ? {} : { outcome: { ...outcome, at: past(outcome.at) } }),
  };
}

/** It was recorded by now, so its holder sends nothing later than an effect's time from now. */
function datedIntent(intent: Intent, now: ClockNow, latest: number): Intent {
  if (intent.at <= latest) return intent;
  const notAfter = Math.min(intent.notAfter, now.wall + now.effectMs);
  return { ...intent, at: now.wall, firstAt: Math.min(intent.firstAt, now.wall), notAfter };
}

/** Caches expire in the future by nature: that moves with the answer that they hold. */
function datedMilestones(milestones: Milestones, wall: number, latest: number): Milestones {
  const { cachesExpireBy, ...passed } = milestones;
  if (!Object.values(passed).some((at: number) => at > latest)) return milestones;
  const past = Object.fromEntries(Object.entries(passed).map(([name, at]) => [name, at > latest ? wall : at]));
  const observed = passed.trafficObserved ?? wall;
  const ahead = observed > latest ? observed - wall : 0;
  return { ...past, ...(cachesExpireBy === undefined ? {} : { cachesExpireBy: cachesExpireBy - ahead }) };
}
