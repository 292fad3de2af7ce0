import {
  canonical,
  equal,
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  withAt,
  type Json,
  type JsonObject,
} from '../json.ts';
import { parseTimestamp } from '../timestamp.ts';
import { internalWrite } from '../writer.ts';
import {
  condition,
  counts,
  DEPLOYMENTS,
  find,
  isDeleted,
  nameOf,
  namespaceOf,
  ownedBy,
  ownerReference,
  recordEvent,
  removeQuietly,
  REPLICA_SETS,
  templateHash,
  writeStatus,
  type Machine,
} from './machine.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';

export function reconcileDeployment(machine: Machine, namespace: string, name: string): void {
  const deployment = find(machine, DEPLOYMENTS, namespace, name);
  if (deployment === undefined) return;
  if (!isDeleted(deployment)) roll(machine, deployment);
  const after = find(machine, DEPLOYMENTS, namespace, name);
  if (after !== undefined) writeStatus(machine, DEPLOYMENTS, after, statusOf(machine, after));
}

function hashOf(deployment: JsonObject): string {
  return templateHash(canonical(objectAt(deployment, 'spec', 'template')));
}

interface Sets {
  readonly current: JsonObject | undefined;
  readonly old: readonly JsonObject[];
}

function setsOf(machine: Machine, deployment: JsonObject): Sets {
  const all = ownedBy(machine, REPLICA_SETS, deployment);
  const name = `${nameOf(deployment)}-${hashOf(deployment)}`;
  return { current: all.find((set) => nameOf(set) === name), old: all.filter((set) => nameOf(set) !== name) };
}

function replicasOf(set: JsonObject | undefined): number {
  return numberAt(set, 'spec', 'replicas') ?? 0;
}

function availableOf(set: JsonObject | undefined): number {
  return numberAt(set, 'status', 'availableReplicas') ?? 0;
}

function sum(sets: readonly JsonObject[], count: (set: JsonObject) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}

/** maxSurge rounds up and maxUnavailable down, as the real controller does; both zero means one unavailable. */
function limits(deployment: JsonObject, replicas: number): { surge: number; unavailable: number } {
  const strategy = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const resolve = (value: Json | undefined, round: (n: number) => number): number => {
    if (typeof value === 'number') return value;
    const percent = typeof value === 'string' ? Number(value.replace('%', '')) : 25;
    return round((replicas * percent) / 100);
  };
  const surge = resolve(strategy['maxSurge'], Math.ceil);
  const unavailable = resolve(strategy['maxUnavailable'], Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function roll(machine: Machine, deployment: JsonObject): void {
  const { current, old } = setsOf(machine, deployment);
  const wanted = replicasOf(deployment);
  const recreate = stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate';
  const oldAlive = sum(old, (set) => Math.max(replicasOf(set), numberAt(set, 'status', 'replicas') ?? 0));
  if (recreate && oldAlive > 0) {
    for (const set of old) resize(machine, deployment, set, 0);
    return;
  }
  const set = current ?? createSet(machine, deployment, old);
  const { surge, unavailable } = limits(deployment, wanted);
  const room = wanted + surge - sum(old, replicasOf);
  resize(
    machine,
    deployment,
    set,
    replicasOf(set) > wanted ? wanted : Math.max(replicasOf(set), Math.min(wanted, room)),
  );
  if (old.length === 0) return;
  const fresh = find(machine, REPLICA_SETS, namespaceOf(set), nameOf(set));
  const newMissing = Math.max(0, replicasOf(fresh) - availableOf(fresh));
  let spare = sum(old, replicasOf) + replicasOf(fresh) - (wanted - unavailable) - newMissing;
  // Pods of the old sets that do not work count for nobody's availability, so they go first.
  for (const healthy of [false, true]) {
    for (const set of old) {
      if (spare <= 0) break;
      const now = find(machine, REPLICA_SETS, namespaceOf(set), nameOf(set)) ?? set;
      const candidates = healthy ? replicasOf(now) : replicasOf(now) - availableOf(now);
      const cut = Math.min(spare, Math.max(0, candidates));
      resize(machine, deployment, now, replicasOf(now) - cut);
      spare -= cut;
    }
  }
  prune(machine, deployment, old);
}

function createSet(machine: Machine, deployment: JsonObject, old: readonly JsonObject[]): JsonObject {
  const hash = hashOf(deployment);
  const revision = String(
    1 + Math.max(0, ...old.map((set) => Number(stringAt(set, 'metadata', 'annotations', REVISION) ?? 0))),
  );
  const template = withAt(objectAt(deployment, 'spec', 'template'), ['metadata', 'labels', HASH], hash);
  const labels = objectAt(template, 'metadata', 'labels');
  const selector = withAt(objectAt(deployment, 'spec', 'selector'), ['matchLabels', HASH], hash);
  const body: JsonObject = {
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      labels,
      annotations: { [REVISION]: revision },
      ownerReferences: [ownerReference(DEPLOYMENTS, deployment)],
    },
    spec: {
      replicas: 0,
      selector,
      template,
      ...(numberAt(deployment, 'spec', 'minReadySeconds') === undefined
        ? {}
        : { minReadySeconds: numberAt(deployment, 'spec', 'minReadySeconds') ?? 0 }),
    },
  };
  const { writer } = machine.cluster;
  const namespace = namespaceOf(deployment);
  const { object } = writer.create(REPLICA_SETS, namespace, body, internalWrite());
  const noted = (before: JsonObject): JsonObject => withAt(before, ['metadata', 'annotations', REVISION], revision);
  writer.update(DEPLOYMENTS, namespace, nameOf(deployment), noted, internalWrite());
  return object;
}

function resize(machine: Machine, deployment: JsonObject, set: JsonObject, replicas: number): void {
  const before = replicasOf(set);
  if (before === replicas) return;
  const change = (old: JsonObject): JsonObject => withAt(old, ['spec', 'replicas'], replicas);
  machine.cluster.writer.update(REPLICA_SETS, namespaceOf(set), nameOf(set), change, internalWrite());
  recordEvent(machine, DEPLOYMENTS, deployment, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${replicas > before ? 'up' : 'down'} replica set ${nameOf(set)} from ${String(before)} to ${String(replicas)}`,
    component: 'deployment-controller',
  });
}

/** Keeps revisionHistoryLimit empty sets. */
function prune(machine: Machine, deployment: JsonObject, old: readonly JsonObject[]): void {
  const keep = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
  const empty = old.filter((set) => replicasOf(set) === 0 && (numberAt(set, 'status', 'replicas') ?? 0) === 0);
  const revision = (set: JsonObject): number => Number(stringAt(set, 'metadata', 'annotations', REVISION) ?? 0);
  const oldest = [...empty].sort((a, b) => revision(a) - revision(b)).slice(0, Math.max(0, empty.length - keep));
  for (const set of oldest) removeQuietly(machine, REPLICA_SETS, set);
}

function statusOf(machine: Machine, deployment: JsonObject): JsonObject {
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
    progressing(machine, deployment, numbers, current),
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

function progressing(
  machine: Machine,
  deployment: JsonObject,
  numbers: Numbers,
  current: JsonObject | undefined,
): JsonObject {
  const wanted = replicasOf(deployment);
  const before = objectsAt(deployment, 'status', 'conditions');
  const old = before.find((one) => one['type'] === 'Progressing');
  const key = `deadline/${namespaceOf(deployment)}/${nameOf(deployment)}`;
  const complete =
    numbers.updatedReplicas === wanted && numbers.replicas === wanted && numbers.availableReplicas === wanted;
  const set = nameOf(current ?? {});
  const say = (status: 'True' | 'False', reason: string, message: string): JsonObject =>
    condition(machine, before, { type: 'Progressing', status, reason, message }, true);
  if (complete) {
    machine.queue.cancel(key);
    return say('True', 'NewReplicaSetAvailable', `ReplicaSet "${set}" has successfully progressed.`);
  }
  // A scaled deployment that once was complete is not a new rollout: the real controller leaves the condition alone.
  const rolledOut =
    old?.['reason'] === 'NewReplicaSetAvailable' && stringAt(old, 'message')?.includes(`"${set}"`) === true;
  if (rolledOut) return old;
  const limit = (numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600) * 1000;
  const updated = progressed(deployment, numbers) ? undefined : parseTimestamp(stringAt(old, 'lastUpdateTime') ?? '');
  const left = (updated ?? machine.time.now()) + limit - machine.time.now();
  if (left <= 0) return say('False', 'ProgressDeadlineExceeded', `ReplicaSet "${set}" has timed out progressing.`);
  const [namespace, name] = [namespaceOf(deployment), nameOf(deployment)];
  machine.queue.addAfter(key, left, () => {
    reconcileDeployment(machine, namespace, name);
  });
  const next = say('True', 'ReplicaSetUpdated', `ReplicaSet "${set}" is progressing.`);
  if (updated !== undefined || old === undefined || !equal(next, old)) return next;
  return {
    ...next,
    lastUpdateTime:
      stringAt(
        condition(machine, [], { type: 'x', status: 'True', reason: '', message: '' }, true),
        'lastUpdateTime',
      ) ?? '',
  };
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
