import { conditionOf, parseConditions, renderConditions } from '../api/conditions.ts';
import type { Condition, PlanStatus } from '../api/plan-status.ts';
import type { Problem } from '../api/reader.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { planNotices } from '../decide/plan/notices.ts';
import { recordAt, stringAt, type JsonRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { writeStatus } from '../record/write-status.ts';
import { holdInFlight } from './in-flight.ts';
import { decideOnWhatIsThere } from './overtaken-plan.ts';
import { readRun } from './plan-runs.ts';
import { apiVersion, planResource } from './resources.ts';
import type { Runtime } from './runtime.ts';

/**
 * A plan that cannot be read says so itself, and delays no other. A Run of it that is under way goes on as it was pinned.
 * Of its status only what is said of this is written, and all else left as it stands: a newer operator's words in it
 * may be what cannot be read, and without the Run that it names that Run would be superseded.
 */
export async function refusePlan(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  problems: readonly Problem[],
): Promise<void> {
  const had = recordAt(object, 'status');
  const before = parseConditions(had.conditions);
  const { namespace, name, uid, generation: observedGeneration = 0, deletionTimestamp } = object.metadata;
  const after = refused(before, problems, { wall: runtime.ports.clock.wall(), generation: observedGeneration });
  const status = { ...had, observedGeneration, conditions: renderConditions(after) };
  const ref = { ...planResource, namespace, name };
  const written = await writeStatus(runtime.client, ref, object, status, runtime.config.kubeMs);
  if (written.kind === 'Conflict') {
    decideOnWhatIsThere(runtime, key, object, written.there);
    return;
  }
  if (written.kind === 'Written') {
    runtime.ownWrites.wrote(`plan/${key}`, object.metadata.resourceVersion, written.object);
    const subject = { apiVersion, kind: 'DisasterRecoveryPlan', namespace, name, uid };
    const notices = planNotices(saying(before), saying(after));
    for (const notice of notices) runtime.events.record(subject, notice);
  }
  if (deletionTimestamp === undefined) return;
  if (await goesOn(runtime, namespace, had)) {
    // The end of the Run wakes it, unless that is not heard of.
    runtime.planQueue.addAfter(key, runtime.config.restMs);
    return;
  }
  const newest = runtime.ownWrites.newest(`plan/${key}`, object) ?? object;
  // Whatever was written instead may not be heard of for as long as a silent watch is believed.
  if (!(await holdInFlight(runtime, `plan/${key}`, ref, newest, false))) runtime.planQueue.retry(key);
}

/**
 * Whether the Run that the status names goes on. What the cache shows as absent, or as another Run, may be no more than
 * what it has not heard of, and a plan that was let go is lost: the API server itself is asked. @throws KubeError when
 * it does not say.
 */
async function goesOn(runtime: Runtime, namespace = '', status: JsonRecord): Promise<boolean> {
  const current = recordAt(status, 'currentRun');
  const [name, uid] = [stringAt(current, 'name'), stringAt(current, 'uid')];
  if (name === undefined) return false;
  const isIt = (one: KubeObject | undefined): one is KubeObject =>
    one !== undefined && (uid === undefined || one.metadata.uid === uid);
  const key = `${namespace}/${name}`;
  const shown = runtime.ownWrites.newest(`run/${key}`, runtime.runs.cache.get(key));
  const object = isIt(shown) ? shown : await readRun(runtime, namespace, name);
  if (!isIt(object)) return false;
  // Nothing else wakes what the cache has not heard of.
  if (object !== shown) runtime.runQueue.add(key);
  const run = runtime.parsed.run(object);
  return !run.ok || !isTerminalPhase(run.value.status.phase);
}

/** The conditions alone are news: nothing else changes. */
function saying(conditions: readonly Condition[]): PlanStatus {
  return { observedGeneration: 0, epoch: 0, workloads: [], conditions };
}

function refused(
  before: readonly Condition[],
  problems: readonly Problem[],
  at: { readonly wall: number; readonly generation: number },
): readonly Condition[] {
  const message = problems
    .map((p) => `${p.path}: ${p.problem}; ${p.remedy}`)
    .join(' ')
    .slice(0, 1024);
  const stamp = (type: string, status: 'True' | 'False', reason: string): Condition => {
    const had = conditionOf(before, type);
    const lastTransitionAt = had?.status === status ? had.lastTransitionAt : at.wall;
    return { type, status, reason, message, lastTransitionAt, observedGeneration: at.generation };
  };
  const kept = before.filter((c) => !['Accepted', 'Ready', 'Reconciling', 'Stalled'].includes(c.type));
  return [
    ...kept,
    stamp('Accepted', 'False', 'Malformed'),
    stamp('Ready', 'False', 'NotAccepted'),
    stamp('Stalled', 'True', 'NotAccepted'),
  ];
}
