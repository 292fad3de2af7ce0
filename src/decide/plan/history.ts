import type { Run } from '../../api/run.ts';
import { isTerminalPhase } from '../phases.ts';
import type { PlanFacts } from './facts.ts';

/** Names of the ended Runs beyond the plan's limit, oldest first. The newest of each type stays: it is the last proof of that kind. */
export function surplusRuns({ plan, runs, status }: PlanFacts): readonly string[] {
  const ended = runs
    .filter((run) => run.spec.planRef.uid === plan.uid && run.name !== status.currentRun?.name)
    .filter((run) => isTerminalPhase(run.status.phase) && !run.deleting)
    .toSorted((a, b) => b.spec.epoch - a.spec.epoch);
  const newest = new Set(ended.filter((run, index) => isFirstOfType(ended, run, index)).map(({ name }) => name));
  return ended
    .slice(plan.historyLimit)
    .filter(({ name }) => !newest.has(name))
    .map(({ name }) => name)
    .toReversed();
}

function isFirstOfType(ended: readonly Run[], run: Run, index: number): boolean {
  return ended.findIndex((other) => other.spec.type === run.spec.type) === index;
}
