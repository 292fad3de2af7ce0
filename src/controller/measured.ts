import { parseConditions } from '../api/conditions.ts';
import type { Run } from '../api/run.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { replicationLag } from '../decide/plan/lag.ts';
import type { PlanDecision, PlanFacts } from '../decide/plan/facts.ts';
import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Handler } from '../kube/queue.ts';
import { instant } from '../ports/clock.ts';
import { conditionSamples } from '../record/metrics/conditions.ts';
import type { Controller } from '../record/metrics/instruments.ts';
import { planSamples } from '../record/metrics/plan.ts';
import { runSamples } from '../record/metrics/run.ts';
import { is, sample, type Sample } from '../record/metrics/sample.ts';
import { stepHistory } from '../record/metrics/step-history.ts';
import { stepSamples } from '../record/metrics/steps.ts';
import { version } from '../version.ts';
import type { Runtime } from './runtime.ts';

/** What this replica shows of itself and, while it leads, of every plan (docs/adr/0008). */
export async function metricsText(runtime: Runtime): Promise<string> {
  const samples = runtime.lease.held() ? [...ofProcess(runtime), ...ofPlans(runtime)] : ofProcess(runtime);
  return await runtime.metrics.text(samples);
}

/** Caches are synced: it sees what there is. */
export function isReady({
  plans,
  runs,
  regions,
  halts,
}: Pick<Runtime, 'plans' | 'runs' | 'regions' | 'halts'>): boolean {
  return [plans, runs, regions, halts].every((reflector) => reflector.synced());
}

function ofProcess(runtime: Runtime): readonly Sample[] {
  const { lease, planQueue, runQueue, regionQueue } = runtime;
  const queues = { plan: planQueue, run: runQueue, region: regionQueue };
  return [
    is('maestro_dr_build_info', { version }),
    sample('maestro_dr_leader', {}, lease.held() ? 1 : 0),
    sample('maestro_dr_caches_synced', {}, isReady(runtime) ? 1 : 0),
    ...Object.entries(queues).map(([name, queue]) => sample('maestro_dr_queue_depth', { queue: name }, queue.depth())),
  ];
}

/** From the caches as they are now: what was deleted is not there any more. */
function ofPlans(runtime: Runtime): readonly Sample[] {
  const objects = runtime.plans.cache.all();
  const runs = runsByPlan(runtime);
  runtime.metrics.lags.retain(new Set(objects.map(({ metadata }) => metadata.uid)));
  return objects.flatMap((object) => ofPlan(runtime, object, runs.get(object.metadata.uid) ?? []));
}

function ofPlan(runtime: Runtime, object: KubeObject, runs: readonly Run[]): readonly Sample[] {
  const plan = runtime.parsed.plan(object);
  const status = runtime.parsed.planStatus(object);
  if (!plan.ok || !status.ok) return ofMalformed(object);
  const now = instant(runtime.ports.clock);
  const { currentRun, lastRun } = status.value;
  const shown = runs.filter(({ uid, name }) => uid === currentRun?.uid || name === lastRun?.name);
  return [
    ...planSamples(plan.value, status.value, runtime.metrics.lags.of(plan.value.uid, now)),
    ...shown.flatMap((run) => runSamples(run, now.wall)),
    ...shown
      .filter(({ uid, status: { phase } }) => uid === currentRun?.uid && !isTerminalPhase(phase))
      .flatMap((run) => stepSamples(run, stepHistory(run, runs), now.wall)),
  ];
}

/** That it cannot be carried out is all that is known of it. */
function ofMalformed({ metadata, status }: KubeObject): readonly Sample[] {
  const conditions = parseConditions(isRecord(status) ? status.conditions : undefined);
  return conditionSamples({ plan_namespace: metadata.namespace ?? '', plan: metadata.name }, conditions);
}

function runsByPlan(runtime: Runtime): ReadonlyMap<string, readonly Run[]> {
  const runs = runtime.runs.cache.all().flatMap((object) => {
    const parsed = runtime.parsed.run(object);
    return parsed.ok ? [parsed.value] : [];
  });
  return Map.groupBy(runs, (run) => run.spec.planRef.uid);
}

/** The lag that a plan's pass has found, for it is in no object. `restMs`: the longest until the plan's next pass. */
export function noteLags(runtime: Runtime, facts: PlanFacts, { status }: PlanDecision, restMs: number): void {
  const { activeRegion } = status;
  const databases = activeRegion === undefined ? [] : facts.plan.spec.databases;
  const lags = databases.map(({ name }) => [name, replicationLag(facts, name, activeRegion ?? '')] as const);
  runtime.metrics.lags.note(facts.plan.uid, facts.now, restMs, Object.fromEntries(lags));
}

/** The same handler, its passes counted and timed. */
export function measured({ ports, metrics }: Runtime, controller: Controller, handler: Handler): Handler {
  return async (key, signal) => {
    const begun = ports.clock.monotonic();
    let failed = true;
    try {
      await handler(key, signal);
      failed = false;
    } finally {
      metrics.instruments.reconciled(controller, ports.clock.monotonic() - begun, failed);
    }
  };
}
