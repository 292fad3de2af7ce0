import type { Known } from '../../api/fact.ts';
import type { JobState } from '../../drivers/workloads/driver.ts';
import { jobAt, type Context } from '../context.ts';

/** A Job of this step that is there. */
export interface RebuildJob {
  readonly name: string;
  readonly fact: Known<Extract<JobState, { exists: true }>>;
}

/** Each word of a person is a Job of its own: a failed one stays, for its logs. Oldest first; the last one is asked for. */
export function rebuildJobNames(ctx: Context, database: string): readonly string[] {
  const base = `${ctx.run.name}-rebuild-${database}`;
  return [base, ...wordsFor(ctx, database).map((_, index) => `${base}-${String(index + 1)}`)];
}

/** When each retry was asked for, wall ms. */
function wordsFor(ctx: Context, database: string): readonly number[] {
  return ctx.run.spec.retries.filter(({ step }) => step === `rebuild/${database}`).map(({ at }) => at);
}

/** Those that are there, oldest first; undefined while one cannot be seen: it may be at work. */
export function rebuildJobs(ctx: Context, database: string): readonly RebuildJob[] | undefined {
  const looks = rebuildJobNames(ctx, database).map((name) => ({ name, ...jobAt(ctx, name, ctx.source) }));
  if (looks.some(({ fact }) => !fact.known)) return undefined;
  return looks.flatMap(({ name, fact }): readonly RebuildJob[] => {
    if (!fact.known || !fact.value.exists) return [];
    return [{ name, fact: { ...fact, value: fact.value } }];
  });
}

/** API servers write the end of a Job in whole seconds, rounded down. */
const roundedMs = 999;

/**
 * Whether a Job is to be begun where no old server streams yet. A word that was given while the former Job was at work
 * is not one against it: once that has done its work, another would throw away a standby that is about to stream, and
 * move aside, as if it had diverged, what was rebuilt. Only a word from after its end says that it did not help.
 */
export function beginsAnother(ctx: Context, database: string, jobs: readonly RebuildJob[]): boolean {
  const latest = jobs.at(-1);
  if (latest === undefined) return true;
  const { state, endedAt } = latest.fact.value;
  if (state === 'Running' || isAsked(ctx, database, latest)) return false;
  if (state === 'Failed') return true;
  const word = Math.max(...wordsFor(ctx, database));
  return endedAt !== undefined && word > endedAt + roundedMs;
}

/** No word was given that would have another one after it. */
export function isAsked(ctx: Context, database: string, job: RebuildJob): boolean {
  return rebuildJobNames(ctx, database).at(-1) === job.name;
}

/**
 * Where the copy of what diverged lies: as the first Job names it that did its work and names one, whichever word it
 * was made for, for what a later one keeps was rebuilt already. One that failed may have kept half of it, and what goes
 * on from there names the same copy (docs/failing-over.md).
 */
export function copyNamed(jobs: readonly RebuildJob[]): string | undefined {
  const named = jobs
    .filter(({ fact }) => fact.value.state === 'Succeeded')
    .map(({ fact }) => fact.value.preservedAt?.trim() ?? '');
  return named.find((place) => place !== '');
}
