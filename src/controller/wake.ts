import { isRecord, recordAt, stringAt } from '../kube/json.ts';
import { keyOf, type KubeObject } from '../kube/object.ts';
import type { WorkQueue } from '../kube/queue.ts';
import type { Runtime } from './runtime.ts';

/** Events wake the work; clocks only back them up. */
export function subscribe(runtime: Runtime): void {
  const { plans, runs, regions, halts, planQueue, runQueue, regionQueue } = runtime;
  plans.subscribe(({ key, object }) => {
    planQueue.add(key);
    // A run sees at once what a person changed in its plan: a reversal must not wait for a poll.
    const current = nameAt(object, 'status', 'currentRun');
    if (current !== undefined) runQueue.add(`${object.metadata.namespace ?? ''}/${current}`);
  });
  runs.subscribe(({ key, object }) => {
    runQueue.add(key);
    const plan = nameAt(object, 'spec', 'planRef');
    if (plan !== undefined) planQueue.add(`${object.metadata.namespace ?? ''}/${plan}`);
  });
  regions.subscribe(({ key }) => {
    regionQueue.add(key);
  });
  halts.subscribe(() => {
    wakeAll(runtime);
  });
}

/** The lease was won: whatever the former holder left off goes on now. */
export function wakeAll({ plans, runs, regions, planQueue, runQueue, regionQueue }: Runtime): void {
  for (const object of regions.cache.all()) regionQueue.add(object.metadata.name);
  for (const object of plans.cache.all()) planQueue.add(keyOf(object));
  for (const object of runs.cache.all()) runQueue.add(keyOf(object));
}

function nameAt(object: KubeObject, part: 'spec' | 'status', field: string): string | undefined {
  const found = object[part];
  if (!isRecord(found)) return undefined;
  return stringAt(recordAt(found, field), 'name');
}

/**
 * Without the lease nothing is done, and being given it wakes everything. But a clock that jumps there and back lets the
 * term seem over for a moment in which nothing is lost and nothing won: whoever asked in that moment asks again.
 */
export function heldOrLater({ lease, config }: Runtime, queue: WorkQueue, key: string): boolean {
  if (lease.held()) return true;
  queue.addAfter(key, config.leaseMs / 3);
  return false;
}
