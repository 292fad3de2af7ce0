import { isTerminalPhase } from '../decide/phases.ts';
import { isRecord, recordAt, stringAt } from '../kube/json.ts';
import { keyOf, type KubeObject } from '../kube/object.ts';
import type { WorkQueue } from '../kube/queue.ts';
import { isHeld } from '../record/finalizer.ts';
import type { Runtime } from './runtime.ts';

/** Events wake the work; clocks only back them up. */
export function subscribe(runtime: Runtime): void {
  const { plans, runs, regions, halts, planQueue, runQueue, regionQueue } = runtime;
  // A run sees at once what a person changed in its plan: a reversal must not wait for a poll.
  const wakeRun = (plan: KubeObject): void => {
    const current = nameAt(plan, 'status', 'currentRun');
    if (current !== undefined) runQueue.add(`${plan.metadata.namespace ?? ''}/${current}`);
  };
  plans.subscribe((change) => {
    planQueue.add(change.key);
    wakeRun(change.object);
    for (const other of runtime.identities.note(change)) {
      planQueue.add(other);
      const plan = plans.cache.get(other);
      if (plan !== undefined) wakeRun(plan);
    }
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
    wakeUnderWay(runtime);
  });
}

/** Over this much time those are spread that are over: a fleet keeps thousands, each of which asks for its report. */
const overMs = 600_000;
/** A few are not spread further than this. */
const apartMs = 1_000;

/** The lease was won: whatever the former holder left off goes on now, and what is over does not stand in its way. */
export function wakeAll(runtime: Runtime): void {
  for (const object of runtime.regions.cache.all()) runtime.regionQueue.add(object.metadata.name);
  wakeUnderWay(runtime);
  const over = runtime.runs.cache.all().filter((object) => isOver(runtime, object));
  const stepMs = Math.min(apartMs, overMs / over.length);
  for (const [index, object] of over.entries()) runtime.runQueue.addAfter(keyOf(object), (index + 1) * stepMs);
}

function wakeUnderWay(runtime: Runtime): void {
  const { plans, runs, planQueue, runQueue } = runtime;
  for (const object of plans.cache.all()) planQueue.add(keyOf(object));
  for (const object of runs.cache.all()) if (!isOver(runtime, object)) runQueue.add(keyOf(object));
}

/** It has ended, and holds nothing. */
function isOver({ parsed }: Runtime, object: KubeObject): boolean {
  const run = parsed.run(object);
  return run.ok && isTerminalPhase(run.value.status.phase) && !isHeld(object);
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
export function heldOrLater(
  { lease, config }: Runtime,
  queue: WorkQueue,
  key: string,
  laterMs = config.leaseMs / 3,
): boolean {
  if (lease.held()) return true;
  queue.addAfter(key, laterMs);
  return false;
}

/** Those that are over ask again so late, and so far apart, that no lease that is won meets all of them at once. */
export function runHeldOrLater(runtime: Runtime, key: string, object: KubeObject): boolean {
  const { runQueue, ports } = runtime;
  if (!isOver(runtime, object)) return heldOrLater(runtime, runQueue, key);
  return heldOrLater(runtime, runQueue, key, overMs * (1 + ports.random.next('run.over')));
}
