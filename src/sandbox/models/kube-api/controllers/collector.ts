import { arrayAt, objectAt, objectsAt, stringAt, withAt, type JsonObject } from '../json.ts';
import type { Change } from '../store.ts';
import { internalWrite } from '../writer.ts';
import { isDeleted, nameOf, namespaceOf, removeQuietly, uidOf, type Machine } from './machine.ts';

/** The garbage collector: objects go when all their owners are gone. */
export interface Collector {
  changed(change: Change): void;
}

interface Reference {
  readonly storage: string;
  readonly namespace: string;
  readonly name: string;
}

interface Found extends Reference {
  readonly object: JsonObject;
}

interface Graph {
  readonly machine: Machine;
  /** By the owner's UID, then by the dependent's place. */
  readonly dependents: Map<string, Map<string, Reference>>;
  readonly alive: Set<string>;
  /** Owners that wait for their dependents before they go, by UID. */
  readonly waiting: Map<string, Reference>;
}

export function createCollector(machine: Machine): Collector {
  const graph: Graph = { machine, dependents: new Map(), alive: new Set(), waiting: new Map() };
  for (const [storage, objects] of Object.entries(objectAt(machine.cluster.store.dump(), 'objects'))) {
    for (const object of objectsAt(objects)) learn(graph, storage, object);
  }
  return {
    changed: (change) => {
      if (change.kind === 'DELETED') forget(graph, change.stored.object);
      else learn(graph, change.storage, change.stored.object, change.kind === 'ADDED');
    },
  };
}

function ownersOf(object: JsonObject): readonly string[] {
  return objectsAt(object, 'metadata', 'ownerReferences').map((reference) => stringAt(reference, 'uid') ?? '');
}

function learn(graph: Graph, storage: string, object: JsonObject, fresh = false): void {
  const uid = uidOf(object);
  graph.alive.add(uid);
  const reference = { storage, namespace: namespaceOf(object), name: nameOf(object) };
  const owners = ownersOf(object);
  for (const owner of owners) {
    const known = graph.dependents.get(owner) ?? new Map<string, Reference>();
    graph.dependents.set(owner, known.set(`${storage}/${reference.namespace}/${reference.name}`, reference));
  }
  if (fresh && owners.length > 0) enqueue(graph, reference);
  const finalizers = arrayAt(object, 'metadata', 'finalizers');
  if (!isDeleted(object) || !(finalizers.includes('foregroundDeletion') || finalizers.includes('orphan'))) return;
  graph.waiting.set(uid, reference);
  enqueueOwner(graph, uid);
}

function forget(graph: Graph, object: JsonObject): void {
  const uid = uidOf(object);
  graph.alive.delete(uid);
  graph.waiting.delete(uid);
  for (const dependent of graph.dependents.get(uid)?.values() ?? []) enqueue(graph, dependent);
  graph.dependents.delete(uid);
  for (const owner of ownersOf(object)) enqueueOwner(graph, owner);
}

function enqueue(graph: Graph, reference: Reference): void {
  const { storage, namespace, name } = reference;
  graph.machine.queue.add(`collect/${storage}/${namespace}/${name}`, () => {
    const object = read(graph, reference);
    if (object === undefined || isDeleted(object)) return;
    const owners = ownersOf(object);
    if (owners.length > 0 && !owners.some((uid) => graph.alive.has(uid))) remove(graph, { ...reference, object });
  });
}

function enqueueOwner(graph: Graph, uid: string): void {
  const owner = graph.waiting.get(uid);
  if (owner === undefined) return;
  graph.machine.queue.add(`finish/${uid}`, () => {
    finish(graph, owner);
  });
}

function read(graph: Graph, { storage, namespace, name }: Reference): JsonObject | undefined {
  return graph.machine.cluster.store.get(storage, namespace, name)?.object;
}

function dependentsOf(graph: Graph, uid: string): readonly Found[] {
  return [...(graph.dependents.get(uid)?.values() ?? [])].flatMap((reference) => {
    const object = read(graph, reference);
    return object !== undefined && ownersOf(object).includes(uid) ? [{ ...reference, object }] : [];
  });
}

function remove(graph: Graph, { storage, object }: Found): void {
  const type = graph.machine.cluster.types.stored(storage);
  if (type !== undefined && !isDeleted(object)) removeQuietly(graph.machine, type, object);
}

/** An owner that waits for its dependents: they go first, or are let go. */
function finish(graph: Graph, reference: Reference): void {
  const owner = read(graph, reference);
  if (owner === undefined || !isDeleted(owner)) return;
  const uid = uidOf(owner);
  const finalizers = arrayAt(owner, 'metadata', 'finalizers');
  const orphan = finalizers.includes('orphan');
  for (const dependent of dependentsOf(graph, uid)) {
    if (orphan) release(graph, dependent, uid);
    else remove(graph, dependent);
  }
  if (dependentsOf(graph, uid).length > 0) return;
  const left = finalizers.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  update(graph, reference, (old) => withAt(old, ['metadata', 'finalizers'], left));
}

function release(graph: Graph, dependent: Reference, uid: string): void {
  update(graph, dependent, (old) => {
    const kept = objectsAt(old, 'metadata', 'ownerReferences').filter((one) => one['uid'] !== uid);
    return withAt(old, ['metadata', 'ownerReferences'], kept.length === 0 ? undefined : kept);
  });
}

function update(graph: Graph, reference: Reference, change: (old: JsonObject) => JsonObject): void {
  const { storage, namespace, name } = reference;
  const type = graph.machine.cluster.types.stored(storage);
  if (type !== undefined) graph.machine.cluster.writer.update(type, namespace, name, change, internalWrite());
}
