import { parsePlanStatus } from '../api/parse-plan-status.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { Problem } from '../api/reader.ts';
import { renderPlanStatus } from '../api/render-plan-status.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { planNotices } from '../decide/plan/notices.ts';
import type { KubeObject } from '../kube/object.ts';
import { writeStatus } from '../record/write-status.ts';
import { holdInFlight } from './in-flight.ts';
import { apiVersion, planResource } from './resources.ts';
import type { Runtime } from './runtime.ts';

/** A plan that cannot be read says so itself, and delays no other. A Run of it that is under way goes on as it was pinned. */
export async function refusePlan(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  problems: readonly Problem[],
): Promise<void> {
  const had = parsePlanStatus(object);
  const base: PlanStatus = had.ok ? had.value : { observedGeneration: 0, epoch: 0, workloads: [], conditions: [] };
  const status = refused(base, object, problems, runtime.ports.clock.wall());
  const { namespace, name, uid, deletionTimestamp } = object.metadata;
  const ref = { ...planResource, namespace, name };
  const written = await writeStatus(runtime.client, ref, object, renderPlanStatus(status), runtime.config.kubeMs);
  if (written.kind === 'Conflict') {
    runtime.planQueue.retry(key);
    return;
  }
  if (written.kind === 'Written') {
    runtime.ownWrites.wrote(`plan/${key}`, object.metadata.resourceVersion, written.object);
    const subject = { apiVersion, kind: 'DisasterRecoveryPlan', namespace, name, uid };
    for (const notice of planNotices(base, status)) runtime.events.record(subject, notice);
  }
  if (deletionTimestamp === undefined || !had.ok || isUnderWay(runtime, namespace, base)) return;
  const newest = runtime.ownWrites.newest(`plan/${key}`, object) ?? object;
  await holdInFlight(runtime, `plan/${key}`, ref, newest, false);
}

function isUnderWay(runtime: Runtime, namespace: string | undefined, { currentRun }: PlanStatus): boolean {
  if (currentRun === undefined) return false;
  const object = runtime.runs.cache.get(`${namespace ?? ''}/${currentRun.name}`);
  if (object === undefined) return false;
  const run = runtime.parsed.run(object);
  return !run.ok || !isTerminalPhase(run.value.status.phase);
}

function refused(base: PlanStatus, object: KubeObject, problems: readonly Problem[], now: number): PlanStatus {
  const message = problems
    .map((p) => `${p.path}: ${p.problem}; ${p.remedy}`)
    .join(' ')
    .slice(0, 1024);
  const observedGeneration = object.metadata.generation ?? 0;
  const stamp = (type: string, status: 'True' | 'False', reason: string) => {
    const before = base.conditions.find((c) => c.type === type);
    const lastTransitionAt = before?.status === status ? before.lastTransitionAt : now;
    return { type, status, reason, message, lastTransitionAt, observedGeneration } as const;
  };
  const kept = base.conditions.filter((c) => !['Accepted', 'Ready', 'Reconciling', 'Stalled'].includes(c.type));
  return {
    ...base,
    observedGeneration,
    conditions: [
      ...kept,
      stamp('Accepted', 'False', 'Malformed'),
      stamp('Ready', 'False', 'NotAccepted'),
      stamp('Stalled', 'True', 'NotAccepted'),
    ],
  };
}
