import type { PositionSample, RunStatus } from '../api/run.ts';
import { compareLsn } from '../drivers/databases/lsn.ts';
import { databaseAt, stepOf, type Context } from './context.ts';

/** How many samples a database keeps. */
export const samplesKept = 32;

/** At most one new sample in this time, so that a status does not change with each look. */
const sampleEveryMs = 1_000;

/**
 * The newest sample at or below what the standby has replayed, and the later ones thinned to `samplesKept`, always
 * keeping the newest: all that a bound can ever rest on.
 */
export function thinSamples(
  samples: readonly PositionSample[],
  replayed: string | undefined,
): readonly PositionSample[] {
  const byTime = [...samples].sort((a, b) => a.at - b.at);
  const floor = replayed === undefined ? -1 : byTime.findLastIndex((s) => compareLsn(s.lsn, replayed) <= 0);
  const kept = floor < 0 ? byTime : byTime.slice(floor);
  if (kept.length <= samplesKept) return kept;
  // Drop every second of the older half: recent positions stay dense, old ones grow sparse.
  const half = Math.floor(kept.length / 2);
  return thinSamples(
    [...kept.slice(0, 1), ...kept.slice(1, half).filter((_s, index) => index % 2 === 1), ...kept.slice(half)],
    replayed,
  );
}

/** While the source still answers and nothing is promoted, each look at it is a sample too. */
export function withNewSamples(ctx: Context): RunStatus {
  const { status } = ctx;
  if (status.mode !== 'Forced' || stepOf(status, 'approve')?.outcome === undefined) return status;
  let samples = status.samples;
  for (const database of ctx.spec.databases) {
    if (stepOf(status, `promote/${database.name}`)?.intent !== undefined) continue;
    const { fact } = databaseAt(ctx, database.name, ctx.source);
    if (!fact.known || fact.value.role !== 'Primary') continue;
    // What is dated after now is of a clock that has since been set back: it bounds nothing any more.
    const own = samples.filter((s) => s.database === database.name && s.at <= fact.at.wall);
    const newest = Math.max(0, ...own.map((s) => s.at));
    if (fact.at.wall - newest < sampleEveryMs) continue;
    const target = databaseAt(ctx, database.name, ctx.target).fact;
    const replayed = target.known ? target.value.position : undefined;
    const sample = { database: database.name, region: ctx.source, at: fact.at.wall, lsn: fact.value.position };
    samples = [...samples.filter((s) => s.database !== database.name), ...thinSamples([...own, sample], replayed)];
  }
  return samples === status.samples ? status : { ...status, samples };
}
