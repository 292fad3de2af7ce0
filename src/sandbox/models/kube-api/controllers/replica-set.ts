import { ApiError } from '../api-error.ts';
import { numberAt, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import { parseTimestamp } from '../timestamp.ts';
import { internalWrite } from '../writer.ts';
import {
  condition,
  counts,
  find,
  isDeleted,
  nameOf,
  namespaceOf,
  ownedBy,
  ownerReference,
  PODS,
  recordEvent,
  removeQuietly,
  REPLICA_SETS,
  uidOf,
  writeStatus,
  type Machine,
} from './machine.ts';
import type { ResourceType } from '../resource-type.ts';

const COMPONENT = 'replicaset-controller';

export function isActive(pod: JsonObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return !isDeleted(pod) && phase !== 'Succeeded' && phase !== 'Failed';
}

export function isReady(pod: JsonObject): boolean {
  return readySince(pod) !== undefined;
}

function readySince(pod: JsonObject): number | undefined {
  const ready = objectsAt(pod, 'status', 'conditions').find(
    (one) => one['type'] === 'Ready' && one['status'] === 'True',
  );
  return ready === undefined ? undefined : parseTimestamp(stringAt(ready, 'lastTransitionTime') ?? '');
}

export function podFromTemplate(owner: JsonObject, type: ResourceType, metadata: JsonObject): JsonObject {
  const template = objectAt(owner, 'spec', 'template');
  const given = objectAt(template, 'metadata');
  return {
    metadata: {
      ...metadata,
      labels: { ...objectAt(given, 'labels'), ...objectAt(metadata, 'labels') },
      ...(given['annotations'] === undefined ? {} : { annotations: given['annotations'] }),
      ownerReferences: [ownerReference(type, owner)],
    },
    spec: objectAt(template, 'spec'),
  };
}

export function reconcileReplicaSet(machine: Machine, namespace: string, name: string): void {
  const set = find(machine, REPLICA_SETS, namespace, name);
  if (set === undefined) {
    machine.queue.cancel(`available/${namespace}/${name}`);
    return;
  }
  const pods = ownedBy(machine, PODS, set);
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const active = pods.filter(isActive);
  const failure = isDeleted(set) ? undefined : scale(machine, set, active, wanted);
  const after = find(machine, REPLICA_SETS, namespace, name);
  if (after !== undefined) writeStatus(machine, REPLICA_SETS, after, statusOf(machine, after, failure));
}

/** Returns why pods could not be made, if they could not. */
function scale(machine: Machine, set: JsonObject, active: readonly JsonObject[], wanted: number): string | undefined {
  for (const pod of victims(active, active.length - wanted)) {
    removeQuietly(machine, PODS, pod);
    recordEvent(machine, REPLICA_SETS, set, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${nameOf(pod)}`,
      component: COMPONENT,
    });
  }
  const generation = numberAt(set, 'metadata', 'generation') ?? 0;
  const blocked = machine.blocked.get(uidOf(set));
  if (active.length < wanted && blocked?.generation === generation) return blocked.why;
  machine.blocked.delete(uidOf(set));
  for (let missing = wanted - active.length; missing > 0; missing -= 1) {
    const why = createPod(machine, set);
    if (why === undefined) continue;
    machine.blocked.set(uidOf(set), { why, generation });
    return why;
  }
  return undefined;
}

/** Pods that are not ready go first, then the youngest. */
function victims(active: readonly JsonObject[], surplus: number): readonly JsonObject[] {
  if (surplus <= 0) return [];
  const since = (pod: JsonObject): number => parseTimestamp(stringAt(pod, 'metadata', 'creationTimestamp') ?? '') ?? 0;
  const ranked = active
    .map((pod, index) => ({ pod, index, ready: isReady(pod) ? 1 : 0, since: since(pod) }))
    .sort((a, b) => a.ready - b.ready || b.since - a.since || b.index - a.index);
  return ranked.slice(0, surplus).map(({ pod }) => pod);
}

function createPod(machine: Machine, set: JsonObject): string | undefined {
  const body = podFromTemplate(set, REPLICA_SETS, { generateName: `${nameOf(set)}-` });
  const event = { component: COMPONENT };
  try {
    const { object } = machine.cluster.writer.create(PODS, namespaceOf(set), body, internalWrite());
    const message = `Created pod: ${nameOf(object)}`;
    recordEvent(machine, REPLICA_SETS, set, { ...event, type: 'Normal', reason: 'SuccessfulCreate', message });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = `Error creating: ${error.message}`;
    recordEvent(machine, REPLICA_SETS, set, { ...event, type: 'Warning', reason: 'FailedCreate', message });
    return error.message;
  }
}

function statusOf(machine: Machine, set: JsonObject, failure: string | undefined): JsonObject {
  const active = ownedBy(machine, PODS, set).filter(isActive);
  const before = objectsAt(set, 'status', 'conditions');
  const failed =
    failure === undefined
      ? []
      : [
          condition(machine, before, {
            type: 'ReplicaFailure',
            status: 'True',
            reason: 'FailedCreate',
            message: failure,
          }),
        ];
  return {
    replicas: active.length,
    ...counts({
      fullyLabeledReplicas: active.length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: availableOf(machine, set, active),
      observedGeneration: numberAt(set, 'metadata', 'generation') ?? 0,
    }),
    ...(failed.length === 0 ? {} : { conditions: failed }),
  };
}

/** Ready for minReadySeconds; asks to be called again when the next pod gets there. */
function availableOf(machine: Machine, set: JsonObject, active: readonly JsonObject[]): number {
  const minimum = (numberAt(set, 'spec', 'minReadySeconds') ?? 0) * 1000;
  const since = active.map(readySince).filter((one) => one !== undefined);
  if (minimum === 0) return since.length;
  const waits = since.map((one) => one + minimum - machine.time.now()).filter((ms) => ms > 0);
  if (waits.length > 0) {
    const [namespace, name] = [namespaceOf(set), nameOf(set)];
    machine.queue.addAfter(`available/${namespace}/${name}`, Math.min(...waits), () => {
      reconcileReplicaSet(machine, namespace, name);
    });
  }
  return since.length - waits.length;
}
