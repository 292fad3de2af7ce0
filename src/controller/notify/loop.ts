import { isRecord, recordAt, stringAt } from '../../kube/json.ts';
import { keyOf, type KubeObject } from '../../kube/object.ts';
import type { Runtime } from '../runtime.ts';
import { laneKey } from './notices.ts';
import { createTeller } from './tell.ts';

/** A receiver that hangs gives its place to another contact after so long. */
const stuckAfterMs = 2_000;
const workers = 8;

/**
 * Tells people, beside everything else: what they are to be told follows from the statuses that the reconcilers have
 * written, so nothing that happens here can hold up a run (docs/adr/0010-people-are-told-beside-the-graph.md).
 */
export async function runNotices(runtime: Runtime, signal: AbortSignal): Promise<void> {
  const { notices, plans, runs, ports } = runtime;
  plans.subscribe(({ object }) => {
    wakePlan(runtime, object);
  });
  runs.subscribe(({ object }) => {
    const plan = isRecord(object.spec) ? stringAt(recordAt(object.spec, 'planRef'), 'name') : undefined;
    const owner = runtime.plans.cache.get(`${object.metadata.namespace ?? ''}/${plan ?? ''}`);
    if (owner !== undefined) wakePlan(runtime, owner);
  });
  const onError = (lane: string, error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error);
    ports.log.log('warn', 'telling a contact failed; it is tried again', { lane, error: text });
  };
  await notices.queue.run({ workers, stuckAfterMs, onError }, createTeller(runtime), signal);
}

/** The lease was won: what another has told meanwhile is read anew. */
export function recallNotices(runtime: Runtime): void {
  runtime.notices.recalls.clear();
  for (const lane of runtime.notices.lanes.values()) {
    lane.memory = undefined;
    lane.recall = undefined;
    lane.unsaved = false;
  }
  for (const object of runtime.plans.cache.all()) wakePlan(runtime, object);
}

function wakePlan({ notices, parsed }: Runtime, object: KubeObject): void {
  const plan = parsed.plan(object);
  if (!plan.ok) return;
  for (const { role, channel } of plan.value.spec.contacts) {
    if (channel !== undefined) notices.queue.add(laneKey(keyOf(object), role));
  }
}
