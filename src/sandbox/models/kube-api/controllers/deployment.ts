import { numberAt, objectAt, stringAt, withAt, type JsonObject } from '../json.ts';
import { internalWrite } from '../writer.ts';
import { availableOf, deadlineKey, hashOf, limits, replicasOf, setsOf, sum } from './deployment-sets.ts';
import { deploymentStatus } from './deployment-status.ts';
import {
  DEPLOYMENTS,
  find,
  isDeleted,
  nameOf,
  namespaceOf,
  ownerReference,
  recordEvent,
  removeQuietly,
  REPLICA_SETS,
  type Machine,
  writeStatus,
} from './machine.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';

export function reconcileDeployment(machine: Machine, namespace: string, name: string): void {
  const deployment = find(machine, DEPLOYMENTS, namespace, name);
  if (deployment === undefined) {
    machine.queue.cancel(deadlineKey(namespace, name));
    return;
  }
  if (!isDeleted(deployment)) roll(machine, deployment);
  const after = find(machine, DEPLOYMENTS, namespace, name);
  if (after !== undefined) {
    writeStatus(machine, DEPLOYMENTS, after, deploymentStatus(machine, after, reconcileDeployment));
  }
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
  shrink(machine, deployment, old, wanted - unavailable);
  prune(machine, deployment, old);
}

/** Takes from the old sets what may go without falling below `minimum`, pods that do not work before those that do. */
function shrink(machine: Machine, deployment: JsonObject, old: readonly JsonObject[], minimum: number): void {
  const { current } = setsOf(machine, deployment);
  const newMissing = Math.max(0, replicasOf(current) - availableOf(current));
  let spare = sum(old, replicasOf) + replicasOf(current) - minimum - newMissing;
  for (const healthy of [false, true]) {
    for (const set of setsOf(machine, deployment).old) {
      const candidates = healthy ? replicasOf(set) : replicasOf(set) - availableOf(set);
      const cut = Math.min(Math.max(0, spare), Math.max(0, candidates));
      resize(machine, deployment, set, replicasOf(set) - cut);
      spare -= cut;
    }
  }
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
