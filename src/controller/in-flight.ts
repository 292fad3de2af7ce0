import type { RunStatus } from '../api/run.ts';
import { fenceIntended } from '../decide/abort.ts';
import { isTerminalPhase } from '../decide/phases.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { isRecord, recordAt, stringAt } from '../kube/json.ts';
import type { KubeObject, ObjectRef } from '../kube/object.ts';
import { setHeld } from '../record/finalizer.ts';
import { readLive } from '../record/write-status.ts';
import { planResource, runResource } from './resources.ts';
import type { Runtime } from './runtime.ts';

/**
 * Sets or takes back the finalizer. False: there was something to write, and the object is another one now: the written
 * one, or what the API server itself had in its place. @throws KubeError where it was not written, a webhook's refusal by 5xx
 * among them.
 */
export async function holdInFlight(
  runtime: Runtime,
  key: string,
  ref: ObjectRef,
  object: KubeObject,
  held: boolean,
): Promise<boolean> {
  try {
    const written = await setHeld(runtime.client, ref, object, held, runtime.config.kubeMs);
    if (written.kind === 'Written') runtime.ownWrites.wrote(key, object.metadata.resourceVersion, written.object);
    if (written.kind === 'Conflict') await readInstead(runtime, key, ref, object);
    return written.kind === 'Unchanged';
  } catch (error) {
    if (!isKubeError(error) || !error.outcomeUnknown) throw error;
    const there = await readInstead(runtime, key, ref, object);
    // Not a reply that was lost: nothing was written, and who waits is to read why.
    if (there?.metadata.resourceVersion === object.metadata.resourceVersion) throw error;
    return false;
  }
}

async function readInstead(
  runtime: Runtime,
  key: string,
  ref: ObjectRef,
  object: KubeObject,
): Promise<KubeObject | undefined> {
  const there = await readLive(runtime.client, ref, runtime.config.kubeMs);
  if (there === undefined) runtime.ownWrites.gone(key, object);
  else runtime.ownWrites.read(key, object, there);
  return there;
}

/**
 * Before the first fence is intended, plan and Run are held: deleted past it, nobody would know what is left to finish.
 * False: one of them was not yet, and all is decided again on what it is now.
 */
export async function heldBeforeFence(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  status: RunStatus,
): Promise<boolean> {
  if (!fenceIntended(status) || isTerminalPhase(status.phase)) return true;
  const [namespace = '', name = ''] = [object.metadata.namespace, planRefOf(object, 'name')];
  const plan = runtime.ownWrites.newest(`plan/${namespace}/${name}`, runtime.plans.cache.get(`${namespace}/${name}`));
  // Deleted already (it was held by an older operator, or not at all): the run goes on by its own record. Of one that was
  // made anew under its name it is not the run's to say how long it stays.
  const planHeld =
    plan === undefined ||
    plan.metadata.uid !== planRefOf(object, 'uid') ||
    plan.metadata.deletionTimestamp !== undefined ||
    (await holdInFlight(runtime, `plan/${namespace}/${name}`, { ...planResource, namespace, name }, plan, true));
  const runHeld =
    object.metadata.deletionTimestamp !== undefined ||
    (await holdInFlight(
      runtime,
      `run/${key}`,
      { ...runResource, namespace, name: object.metadata.name },
      object,
      true,
    ));
  return planHeld && runHeld;
}

function planRefOf({ spec }: KubeObject, field: 'name' | 'uid'): string | undefined {
  return isRecord(spec) ? stringAt(recordAt(spec, 'planRef'), field) : undefined;
}
