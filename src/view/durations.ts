import type { Mode, PlanSpec } from '../api/plan.ts';
import type { Run, Step, StepStatus } from '../api/run.ts';

/** How long a step is thought to take, and why. */
export type Expected =
  /** The median of what it took in former Runs of the same mode; waiting for people is not in it. */
  | { readonly basis: 'Runs'; readonly ms: number; readonly runs: number }
  /** Past it the step is Blocked: it may take that long, and a person may make it longer. */
  | { readonly basis: 'Deadline'; readonly ms: number }
  /** A time that the plan itself sets: soak and drain. */
  | { readonly basis: 'Plan'; readonly ms: number }
  /** As long as a person takes. */
  | { readonly basis: 'Person' }
  /** Nothing bounds it, and it never ran. */
  | { readonly basis: 'Unknown' };

/** @field runs only those that went the same way, in the same mode, of this plan. */
export function expectedOf(step: Step, spec: PlanSpec, mode: Mode, runs: readonly Run[]): Expected {
  if (step.kind === 'Approve') return { basis: 'Person' };
  const took = runs
    .filter((run) => run.status.mode === mode)
    .flatMap((run) => run.status.steps.filter(({ id }) => id === step.id))
    .flatMap((done) => tookMs(done) ?? []);
  if (took.length > 0) return { basis: 'Runs', ms: median(took), runs: took.length };
  const set = setByPlan(step, spec);
  if (set !== undefined) return { basis: 'Plan', ms: set };
  return step.deadlineMs === undefined ? { basis: 'Unknown' } : { basis: 'Deadline', ms: step.deadlineMs };
}

/** ms from its first effect (a gate held it before that), else from when it was ready. Overridden and pretended ones tell nothing. */
export function tookMs({ outcome, intent, readyAt }: StepStatus): number | undefined {
  if (outcome?.state !== 'Succeeded' && outcome?.state !== 'Vacuous') return undefined;
  if (intent !== undefined) return outcome.at < intent.firstAt ? undefined : outcome.at - intent.firstAt;
  // Where a look that began before its turn showed it done, it had nothing left to take.
  return readyAt === undefined ? undefined : Math.max(0, outcome.at - readyAt);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[middle - 1] ?? upper) + upper) / 2);
}

function setByPlan({ kind }: Step, { failover, traffic }: PlanSpec): number | undefined {
  if (kind === 'Soak') return failover.soakMs;
  if (kind === 'StandDown') return Math.max(0, ...traffic.map(({ ttl }) => ttl * 1000)) + failover.drainMs;
  return undefined;
}

/** The longest chain of steps up to `last`: what the whole of it takes, for steps run beside each other. */
export function longestChain(
  steps: readonly Step[],
  last: string,
  msOf: (step: Step) => number,
): { readonly ms: number; readonly steps: readonly string[] } {
  const ends = new Map<string, { readonly ms: number; readonly steps: readonly string[] }>();
  // Every edge points backwards, so one pass in the order of the graph is enough.
  for (const step of steps) {
    const before = step.after.flatMap((id) => ends.get(id) ?? []);
    const latest = before.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, steps: [] as readonly string[] });
    ends.set(step.id, { ms: latest.ms + msOf(step), steps: [...latest.steps, step.id] });
  }
  return ends.get(last) ?? { ms: 0, steps: [] };
}
