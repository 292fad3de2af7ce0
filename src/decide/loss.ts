import type { RpoGrade, StepStatus } from '../api/run.ts';
import { compareLsn } from '../drivers/databases/lsn.ts';
import { databaseAt, stepOf, type Context } from './context.ts';
import { heardAttestation } from './kinds/fence.ts';

/** Asynchronous commits may wait this long for the WAL writer: 3 x wal_writer_delay's default. */
export const asynchronousCommitMs = 600;

export interface LossBound {
  readonly grade: RpoGrade;
  /** ms; for `Estimated` "at least this, and open". */
  readonly lossMs?: number;
  /** What the end of the writing is taken from. */
  readonly basis: 'Position' | 'Fence' | 'Attested' | 'Open' | 'NoSample' | 'Compared';
}

/**
 * `loss <= T_end - t*` with t* = max { t_i : S_i <= R } (design/POSTGRESQL.md, "RPO, on one clock"). `reached` is what
 * the standby has replayed: before the promotion an upper bound of the loss, after it the switchpoint. A sample whose
 * clock jumped was never recorded.
 */
export function lossBound(ctx: Context, database: string, reached: string | undefined): LossBound {
  const position = stepOf(ctx.status, `position/${database}`);
  if (position?.outcome?.state === 'Succeeded') return { grade: 'Bounded', lossMs: 0, basis: 'Position' };
  const from = coveredAt(ctx, database, reached);
  if (from === undefined) return { grade: 'Unknown', basis: 'NoSample' };
  const end = writingEnded(ctx, database);
  if (end === undefined) return { grade: 'Estimated', lossMs: Math.max(0, ctx.facts.now.wall - from), basis: 'Open' };
  return { grade: 'Bounded', lossMs: Math.max(0, end.at - from) + asynchronousCommitMs, basis: end.basis };
}

/** ms, as a sentence says it: rounded up, and where it is open to the minute, so that a status stands still for so long. */
export function shownLossMs({ grade, lossMs = 0 }: LossBound): number {
  const unitMs = grade === 'Estimated' ? 60_000 : 1_000;
  return Math.ceil(lossMs / unitMs) * unitMs;
}

/** ms to offer for acceptance: an open one grows while a person reads and types; of an unknown one the RPO is all there is. */
export function offeredLossMs(bound: LossBound, rpoMs: number): number {
  if (bound.grade === 'Unknown') return rpoMs;
  return shownLossMs(bound) * (bound.grade === 'Estimated' ? 2 : 1);
}

/** Wall ms, t*: when the newest position was asked for that `reached` covers; undefined where there is none. */
export function coveredAt(ctx: Context, database: string, reached: string | undefined): number | undefined {
  if (reached === undefined) return undefined;
  const covered = ctx.status.samples
    .filter((s) => s.database === database && s.region === ctx.source && compareLsn(s.lsn, reached) <= 0)
    // Of a clock that has since been set back: it says nothing on today's.
    .filter((s) => s.at <= ctx.facts.now.wall)
    .map((s) => s.at);
  return covered.length === 0 ? undefined : Math.max(...covered);
}

/** Wall ms. */
export interface WritingEnd {
  /** When the source took its last write at the latest. */
  readonly at: number;
  /** Since when it may have been shut: before it was proven fenced, the fence was on its way. */
  readonly began?: number;
  readonly basis: 'Fence' | 'Attested';
}

/** By the source's proven fence, else by the instant that a person attested. */
export function writingEnded(ctx: Context, database: string): WritingEnd | undefined {
  const fence = stepOf(ctx.status, `fence/${database}`);
  if (fence?.outcome?.state === 'Succeeded') return fencedBetween(fence, fence.outcome.at);
  // It came back before the promotion, open: what it took until it was fenced would be lost, too.
  const finished = fencedOnReturn(ctx, database);
  if (finished !== undefined) return fencedBetween(stepOf(ctx.status, `finish-fence/${database}`), finished);
  const attested = heardAttestation(ctx, database);
  return attested === undefined ? undefined : { at: attested.at, basis: 'Attested' };
}

function fencedBetween(step: StepStatus | undefined, at: number): WritingEnd {
  const began = step?.intent?.firstAt;
  return { at, basis: 'Fence', ...(began === undefined ? {} : { began }) };
}

/** Wall ms: when a source that came back before the promotion was fenced. */
export function fencedOnReturn(ctx: Context, database: string): number | undefined {
  const finished = stepOf(ctx.status, `finish-fence/${database}`)?.outcome;
  const promotedAt = stepOf(ctx.status, `promote/${database}`)?.outcome?.at ?? Infinity;
  return finished?.state === 'Succeeded' && finished.at < promotedAt ? finished.at : undefined;
}

/**
 * What the standby has replayed as far as it is seen now. The position of a primary lies on a timeline of its own, and
 * would cover what it never had: of that only the switchpoint tells.
 */
export function replayedNow(ctx: Context, database: string): string | undefined {
  const { fact } = databaseAt(ctx, database, ctx.target);
  if (!fact.known) return undefined;
  return fact.value.role === 'Replica' ? fact.value.position : fact.value.switchpoint;
}
