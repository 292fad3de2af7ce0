import { ask, runsPath } from './objects.ts';
import type { Stage } from './stage.ts';

/** `count` Runs that ended long ago, by default of a plan that is gone: what the newest Run shows now, but that it is over. */
export function addEndedRuns(stage: Stage, count: number, planRef = { name: 'archive', uid: 'archived' }): void {
  const { world, person } = stage;
  const like = person.run();
  if (like === undefined) throw new Error('there is no Run to be like');
  for (let epoch = 1; epoch <= count; epoch += 1) {
    const name = `${planRef.name}-${String(epoch)}`;
    ask(world.management, 'POST', runsPath, {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRun',
      metadata: { name },
      spec: { ...like.spec, epoch, planRef },
    });
    const status = { ...like.status, phase: 'Aborted', finishedAt: new Date(stage.now()).toISOString() };
    ask(world.management, 'PATCH', `${runsPath}/${name}/status`, { status });
  }
}
