import { measured } from './measured.ts';
import { runNotices } from './notify/loop.ts';
import { createPlanReconciler } from './plan-reconciler.ts';
import { createRegionReconciler } from './region-reconciler.ts';
import { createRunReconciler } from './run-reconciler.ts';
import type { Runtime } from './runtime.ts';
import { subscribe } from './wake.ts';

/** Runs until the runtime's signal aborts, and what was on the wire has ended. */
export async function runControllers(runtime: Runtime): Promise<void> {
  const { plans, runs, regions, halts, planQueue, runQueue, regionQueue, runbookQueue, config, signal } = runtime;
  const reflectors = [plans, runs, regions, halts];
  subscribe(runtime);
  const lists = reflectors.map((reflector) => reflector.run(signal));
  await Promise.all(reflectors.map((reflector) => reflector.whenSynced(signal))).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const work = Promise.all([
    ...lists,
    ...[
      { queue: planQueue, name: 'plan', handler: createPlanReconciler(runtime) } as const,
      { queue: runQueue, name: 'run', handler: createRunReconciler(runtime) } as const,
      { queue: regionQueue, name: 'region', handler: createRegionReconciler(runtime) } as const,
    ].map(({ queue, name, handler }) =>
      queue.run({ workers: config.workers, onError: failed(runtime, name) }, measured(runtime, name, handler), signal),
    ),
    runbookQueue.run(
      { workers: config.workers, onError: failed(runtime, 'region') },
      (region) => runtime.runbooks.work(region),
      signal,
    ),
    runtime.sampleKeeper.run(signal),
    runNotices(runtime, signal),
  ]);
  // The lease outlives the work and the effects that it has sent: one that is cut in the middle is nobody's to finish
  // until its time is over.
  const leaseEnd = new AbortController();
  const leased = runtime.lease.run(leaseEnd.signal);
  await work;
  await runtime.performer.idle();
  leaseEnd.abort(new Error('the work has ended'));
  await leased;
}

function failed(runtime: Runtime, what: string): (key: string, error: unknown) => void {
  return (key, error) => {
    const text = error instanceof Error ? error.message : String(error);
    runtime.ports.log.log('warn', 'reconcile failed; it is tried again', { [what]: key, error: text });
  };
}
