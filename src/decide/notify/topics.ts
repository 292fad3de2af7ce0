import type { PlanStatus } from '../../api/plan-status.ts';
import type { Run } from '../../api/run.ts';
import { planTopics } from './plan-topics.ts';
import { runTopics } from './run-topics.ts';
import type { Topic } from './topic.ts';

/** Everything that there is to tell now of a plan and its run: the one under way, else the last one. */
export function topicsOf(status: PlanStatus, runs: readonly Run[]): readonly Topic[] {
  return [...planTopics(status), ...spokenOf(status, runs).flatMap(runTopics)];
}

/** Any other Run is overtaken, restored or foreign: it does nothing that people would have to know. */
export function spokenOf(status: PlanStatus, runs: readonly Run[]): readonly Run[] {
  const { currentRun, lastRun } = status;
  return runs.filter(
    (run) =>
      (run.name === currentRun?.name && run.uid === currentRun.uid) ||
      (run.name === lastRun?.name && run.spec.epoch === lastRun.epoch),
  );
}
