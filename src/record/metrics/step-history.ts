import type { Run, StepStatus } from '../../api/run.ts';

/** Step id -> the longest that it took, ms. */
export type StepHistory = Readonly<Record<string, number>>;

/**
 * What the steps of `run` took at the longest in the plan's former Runs of the same mode that came to their end. One
 * that only pretended has measured nothing.
 */
export function stepHistory(run: Run, runs: readonly Run[]): StepHistory {
  const longest: Record<string, number> = {};
  for (const former of runs) {
    if (former.uid === run.uid || former.spec.planRef.uid !== run.spec.planRef.uid) continue;
    if (former.status.phase !== 'Succeeded' || former.status.mode !== run.status.mode) continue;
    for (const step of former.status.steps) {
      if (step.outcome?.state !== 'Succeeded') continue;
      const took = stepMs(step, step.outcome.at);
      if (took !== undefined) longest[step.id] = Math.max(longest[step.id] ?? 0, took);
    }
  }
  return longest;
}

/**
 * From when it could begin, or since when it is being taken back; absent before. An outcome is dated when it was seen,
 * which may be earlier.
 */
export function stepMs({ state, since, readyAt, outcome }: StepStatus, now: number): number | undefined {
  if (state === 'Undoing') return Math.max(0, now - since);
  if (state === 'Undone' && outcome === undefined) return undefined;
  return readyAt === undefined ? undefined : Math.max(0, (outcome?.at ?? now) - readyAt);
}
