import { numberAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import { parseTimestamp } from '../timestamp.ts';
import { deadlineKey, limits, replicasOf, setsOf, sum } from './deployment-sets.ts';
import { condition, counts, nameOf, namespaceOf, now, type Machine } from './machine.ts';

/** Looks at the deployment again, when its deadline is over. */
type Again = (machine: Machine, namespace: string, name: string) => void;

export function deploymentStatus(machine: Machine, deployment: JsonObject, again: Again): JsonObject {
  const { current, old } = setsOf(machine, deployment);
  const all = current === undefined ? old : [current, ...old];
  const wanted = replicasOf(deployment);
  const count = (key: string): number => sum(all, (set) => numberAt(set, 'status', key) ?? 0);
  const available = count('availableReplicas');
  const numbers = {
    replicas: count('replicas'),
    updatedReplicas: numberAt(current, 'status', 'replicas') ?? 0,
    readyReplicas: count('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, replicasOf) - available),
  };
  const status = {
    observedGeneration: numberAt(deployment, 'metadata', 'generation') ?? 0,
    ...counts(numbers),
  };
  const conditions = [
    availableCondition(machine, deployment, available, wanted),
    progressing(machine, deployment, numbers, current, again),
    ...replicaFailure(machine, deployment, all),
  ];
  return { ...status, conditions };
}

function availableCondition(machine: Machine, deployment: JsonObject, available: number, wanted: number): JsonObject {
  const enough = available >= wanted - limits(deployment, wanted).unavailable;
  const before = objectsAt(deployment, 'status', 'conditions');
  return condition(
    machine,
    before,
    {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    },
    true,
  );
}

type Numbers = Readonly<Record<'replicas' | 'updatedReplicas' | 'availableReplicas', number>>;

/** Whether the rollout moves. */
function progressing(
  machine: Machine,
  deployment: JsonObject,
  numbers: Numbers,
  current: JsonObject | undefined,
  again: Again,
): JsonObject {
  const wanted = replicasOf(deployment);
  const before = objectsAt(deployment, 'status', 'conditions');
  const old = before.find((one) => one['type'] === 'Progressing');
  const [namespace, name] = [namespaceOf(deployment), nameOf(deployment)];
  const set = `ReplicaSet "${nameOf(current ?? {})}"`;
  const say = (status: 'True' | 'False', reason: string, message: string): JsonObject =>
    condition(machine, before, { type: 'Progressing', status, reason, message }, true);
  if ([numbers.updatedReplicas, numbers.replicas, numbers.availableReplicas].every((one) => one === wanted)) {
    machine.queue.cancel(deadlineKey(namespace, name));
    return say('True', 'NewReplicaSetAvailable', `${set} has successfully progressed.`);
  }
  const moved = progressed(deployment, numbers);
  if (old !== undefined && stringAt(old, 'message')?.startsWith(set) === true && isSettled(old, moved)) return old;
  const limit = (numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600) * 1000;
  const time = machine.time.now();
  const since = moved ? time : (parseTimestamp(stringAt(old, 'lastUpdateTime') ?? '') ?? time);
  if (since + limit <= time) return say('False', 'ProgressDeadlineExceeded', `${set} has timed out progressing.`);
  machine.queue.addAfter(deadlineKey(namespace, name), since + limit - time, () => {
    again(machine, namespace, name);
  });
  const next = say('True', 'ReplicaSetUpdated', `${set} is progressing.`);
  return moved ? { ...next, lastUpdateTime: now(machine) } : next;
}

/** A deployment that was complete is not rolling out when it is scaled; one that timed out stays so until it moves. */
function isSettled(condition: JsonObject, moved: boolean): boolean {
  const reason = condition['reason'];
  return reason === 'NewReplicaSetAvailable' || (reason === 'ProgressDeadlineExceeded' && !moved);
}

function progressed(deployment: JsonObject, numbers: Numbers): boolean {
  const before = (key: string): number => numberAt(deployment, 'status', key) ?? 0;
  return numbers.updatedReplicas > before('updatedReplicas') || numbers.availableReplicas > before('availableReplicas');
}

function replicaFailure(machine: Machine, deployment: JsonObject, sets: readonly JsonObject[]): readonly JsonObject[] {
  const failed = sets
    .flatMap((set) => objectsAt(set, 'status', 'conditions'))
    .find((one) => one['type'] === 'ReplicaFailure');
  if (failed === undefined) return [];
  const before = objectsAt(deployment, 'status', 'conditions');
  const message = stringAt(failed, 'message') ?? '';
  return [
    condition(machine, before, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }, true),
  ];
}
