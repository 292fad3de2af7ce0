import type { PlanStatus } from '../api/plan-status.ts';
import type { Plan } from '../api/plan.ts';
import { trackRun } from '../decide/plan/current-run.ts';
import type { PlanFacts } from '../decide/plan/facts.ts';
import type { KubeObject } from '../kube/object.ts';
import { readLive } from '../record/write-status.ts';
import { runResource } from './resources.ts';
import type { Runtime } from './runtime.ts';
import { unreadRunsOf } from './unread-runs.ts';

/** The Runs that name this plan, those that can be read and those that cannot. */
export function runsOf(runtime: Runtime, plan: Plan, status: PlanStatus): Pick<PlanFacts, 'runs' | 'unread'> {
  const objects = runObjects(runtime, plan, status);
  const runs = objects.flatMap((object) => {
    const parsed = runtime.parsed.run(object);
    return parsed.ok && parsed.value.spec.planRef.name === plan.name ? [parsed.value] : [];
  });
  return { runs, unread: unreadRunsOf(runtime, plan, objects) };
}

/** Of its namespace, and the bound one also where the cache does not show it yet. */
function runObjects(runtime: Runtime, { namespace }: Plan, { currentRun }: PlanStatus): readonly KubeObject[] {
  const { ownWrites, runs } = runtime;
  const cached = runs.cache.all().filter(({ metadata }) => metadata.namespace === namespace);
  const newest = cached.flatMap((object) => ownWrites.newest(`run/${namespace}/${object.metadata.name}`, object) ?? []);
  if (currentRun === undefined || cached.some(({ metadata }) => metadata.name === currentRun.name)) return newest;
  const unseen = ownWrites.newest(`run/${namespace}/${currentRun.name}`, undefined);
  return unseen === undefined ? newest : [...newest, unseen];
}

/**
 * A cache that lags shows the bound Run as it shows one that was deleted: an operator that has just begun to lead may
 * hear nothing of Runs for as long as it believes a silent watch. That a Run is lost is final, so the API server itself
 * is asked before. @throws KubeError when it does not say.
 */
export async function withBoundRun(runtime: Runtime, facts: PlanFacts): Promise<PlanFacts> {
  const { plan, status } = facts;
  const tracked = trackRun(facts);
  if (tracked.kind !== 'Lost') return facts;
  await readRun(runtime, plan.namespace, tracked.name);
  return { ...facts, ...runsOf(runtime, plan, status) };
}

/** Past the cache, and remembered until that has caught up. Undefined: there is none. @throws KubeError when the API server does not say. */
export async function readRun(runtime: Runtime, namespace: string, name: string): Promise<KubeObject | undefined> {
  const key = `run/${namespace}/${name}`;
  const before = runtime.ownWrites.newest(key, runtime.runs.cache.get(`${namespace}/${name}`));
  const live = await readLive(runtime.client, { ...runResource, namespace, name }, runtime.config.kubeMs);
  if (live === undefined) runtime.ownWrites.gone(key, before);
  else runtime.ownWrites.read(key, before, live);
  return live;
}
