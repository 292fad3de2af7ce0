import { ApiError } from '../api-error.ts';
import { canonical, numberAt, objectAt, objectsAt, stringAt, withAt, type JsonObject } from '../json.ts';
import { internalWrite } from '../writer.ts';
import {
  counts,
  find,
  isDeleted,
  nameOf,
  namespaceOf,
  ownedBy,
  PODS,
  recordEvent,
  removeQuietly,
  STATEFUL_SETS,
  templateHash,
  writeStatus,
  type Machine,
} from './machine.ts';
import { isReady, podFromTemplate } from './replica-set.ts';
import { claimNames, createClaims } from './volume-claims.ts';

const REVISION = 'controller-revision-hash';
const COMPONENT = 'statefulset-controller';

/** Pods by ordinal: made from the lowest, removed from the highest, one at a time unless `Parallel`. */
export function reconcileStatefulSet(machine: Machine, namespace: string, name: string): void {
  const set = find(machine, STATEFUL_SETS, namespace, name);
  if (set === undefined) return;
  if (!isDeleted(set)) step(machine, set);
  const after = find(machine, STATEFUL_SETS, namespace, name);
  if (after !== undefined) writeStatus(machine, STATEFUL_SETS, after, statusOf(machine, after));
}

function revisionOf(set: JsonObject): string {
  return `${nameOf(set)}-${templateHash(canonical(objectAt(set, 'spec', 'template')))}`;
}

function ordinalOf(pod: JsonObject): number {
  return Number(nameOf(pod).split('-').at(-1));
}

function step(machine: Machine, set: JsonObject): void {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const parallel = stringAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  const pods = [...ownedBy(machine, PODS, set)].sort((a, b) => ordinalOf(a) - ordinalOf(b));
  if (!fill(machine, set, pods, wanted, parallel)) return;
  const surplus = pods.filter((pod) => ordinalOf(pod) >= wanted).reverse();
  const going = surplus.filter((pod) => !isDeleted(pod));
  if (parallel || going.length === surplus.length) {
    for (const pod of parallel ? going : going.slice(0, 1)) remove(machine, set, pod);
  }
  if (surplus.length === 0) replaceOutdated(machine, set, pods);
}

/** Makes what is missing below `wanted`; false: somebody has to become ready, or be made, first. */
function fill(
  machine: Machine,
  set: JsonObject,
  pods: readonly JsonObject[],
  wanted: number,
  parallel: boolean,
): boolean {
  for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
    const pod = pods.find((one) => ordinalOf(one) === ordinal);
    if (pod === undefined && !create(machine, set, ordinal)) return false;
    if (pod !== undefined && hasFailed(pod)) removeQuietly(machine, PODS, pod);
    const settled = pod !== undefined && isReady(pod) && !isDeleted(pod);
    if (!settled && !parallel) return false;
  }
  return true;
}

function hasFailed(pod: JsonObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return !isDeleted(pod) && (phase === 'Failed' || phase === 'Succeeded');
}

/** A rolling update: from the highest ordinal, and only while all are ready. */
function replaceOutdated(machine: Machine, set: JsonObject, pods: readonly JsonObject[]): void {
  if (stringAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return;
  const revision = revisionOf(set);
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  if (pods.some((pod) => isDeleted(pod) || !isReady(pod))) return;
  const outdated = pods.filter(
    (pod) => stringAt(pod, 'metadata', 'labels', REVISION) !== revision && ordinalOf(pod) >= partition,
  );
  const last = outdated.at(-1);
  if (last !== undefined) remove(machine, set, last);
}

function remove(machine: Machine, set: JsonObject, pod: JsonObject): void {
  removeQuietly(machine, PODS, pod);
  const message = `Delete Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`;
  recordEvent(machine, STATEFUL_SETS, set, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message,
    component: COMPONENT,
  });
}

function create(machine: Machine, set: JsonObject, ordinal: number): boolean {
  const name = `${nameOf(set)}-${String(ordinal)}`;
  const labels = {
    [REVISION]: revisionOf(set),
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
  };
  const body = withClaims(podFromTemplate(set, STATEFUL_SETS, { name, labels }), claimNames(set, name));
  try {
    createClaims(machine, set, name);
    machine.cluster.writer.create(PODS, namespaceOf(set), body, internalWrite());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = `Create Pod ${name} in StatefulSet ${nameOf(set)} failed error: ${error.message}`;
    recordEvent(machine, STATEFUL_SETS, set, {
      type: 'Warning',
      reason: 'FailedCreate',
      message,
      component: COMPONENT,
    });
    return false;
  }
  const message = `Create Pod ${name} in StatefulSet ${nameOf(set)} successful`;
  recordEvent(machine, STATEFUL_SETS, set, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message,
    component: COMPONENT,
  });
  return true;
}

/** A volume of a claim template takes the place of one that the pod template has by that name. */
function withClaims(pod: JsonObject, claims: Readonly<Record<string, string>>): JsonObject {
  const names = Object.keys(claims);
  if (names.length === 0) return pod;
  const others = objectsAt(pod, 'spec', 'volumes').filter((volume) => !names.includes(stringAt(volume, 'name') ?? ''));
  const own = names.map((name) => ({ name, persistentVolumeClaim: { claimName: claims[name] ?? '' } }));
  return withAt(pod, ['spec', 'volumes'], [...others, ...own]);
}

function statusOf(machine: Machine, set: JsonObject): JsonObject {
  const pods = ownedBy(machine, PODS, set);
  const revision = revisionOf(set);
  const updated = pods.filter((pod) => stringAt(pod, 'metadata', 'labels', REVISION) === revision);
  const ready = pods.filter(isReady).length;
  const before = stringAt(set, 'status', 'currentRevision') ?? revision;
  const complete = updated.length === pods.length && ready === pods.length;
  return {
    observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
    replicas: pods.length,
    availableReplicas: ready,
    currentRevision: complete ? revision : before,
    updateRevision: revision,
    collisionCount: 0,
    ...counts({
      readyReplicas: ready,
      updatedReplicas: updated.length,
      currentReplicas: complete ? pods.length : pods.length - updated.length,
    }),
  };
}
