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

export function createCollector(machine: Machine): Collector {
  const { store } = machine.cluster;
  const dependents = new Map<string, Map<string, Reference>>();
  const alive = new Set<string>();
  const waiting = new Map<string, Reference>();

  const index = (storage: string, object: JsonObject): void => {
    alive.add(uidOf(object));
    const reference = { storage, namespace: namespaceOf(object), name: nameOf(object) };
    for (const uid of ownersOf(object)) {
      const known = dependents.get(uid) ?? new Map<string, Reference>();
      dependents.set(uid, known.set(`${storage}/${reference.namespace}/${reference.name}`, reference));
    }
  };

  const read = ({ storage, namespace, name }: Reference): JsonObject | undefined =>
    store.get(storage, namespace, name)?.object;

  const dependentsOf = (uid: string): readonly (Reference & { readonly object: JsonObject })[] =>
    [...(dependents.get(uid)?.values() ?? [])].flatMap((reference) => {
      const object = read(reference);
      return object !== undefined && ownersOf(object).includes(uid) ? [{ ...reference, object }] : [];
    });

  const collect = (reference: Reference): void => {
    const object = read(reference);
    const type = machine.cluster.types.stored(reference.storage);
    if (object === undefined || type === undefined || isDeleted(object)) return;
    const owners = ownersOf(object);
    if (owners.length > 0 && !owners.some((uid) => alive.has(uid))) removeQuietly(machine, type, object);
  };

  const queue = (reference: Reference): void => {
    machine.queue.add(`collect/${reference.storage}/${reference.namespace}/${reference.name}`, () => {
      collect(reference);
    });
  };

  /** An owner that waits for its dependents: they go first, or are let go. */
  const finish = (reference: Reference): void => {
    const owner = read(reference);
    const type = machine.cluster.types.stored(reference.storage);
    if (owner === undefined || type === undefined || !isDeleted(owner)) return;
    const finalizers = arrayAt(owner, 'metadata', 'finalizers');
    const below = dependentsOf(uidOf(owner));
    if (finalizers.includes('orphan')) {
      for (const one of below) release(one, uidOf(owner));
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const one of below) {
        const kind = machine.cluster.types.stored(one.storage);
        if (kind !== undefined && !isDeleted(one.object)) removeQuietly(machine, kind, one.object);
      }
      if (dependentsOf(uidOf(owner)).length > 0) return;
    } else return;
    const done = finalizers.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
    const change = (old: JsonObject): JsonObject => withAt(old, ['metadata', 'finalizers'], done);
    machine.cluster.writer.update(type, reference.namespace, reference.name, change, internalWrite());
  };

  const release = (reference: Reference & { readonly object: JsonObject }, uid: string): void => {
    const type = machine.cluster.types.stored(reference.storage);
    if (type === undefined) return;
    const change = (old: JsonObject): JsonObject => {
      const kept = objectsAt(old, 'metadata', 'ownerReferences').filter((one) => one['uid'] !== uid);
      return withAt(old, ['metadata', 'ownerReferences'], kept.length === 0 ? undefined : kept);
    };
    machine.cluster.writer.update(type, reference.namespace, reference.name, change, internalWrite());
  };

  for (const [storage, objects] of Object.entries(objectAt(store.dump(), 'objects'))) {
    for (const object of objectsAt(objects)) index(storage, object);
  }

  return {
    changed: ({ kind, storage, namespace, name, stored }) => {
      const { object } = stored;
      const reference = { storage, namespace, name };
      if (kind === 'DELETED') {
        alive.delete(uidOf(object));
        for (const one of dependents.get(uidOf(object))?.values() ?? []) queue(one);
        dependents.delete(uidOf(object));
        for (const uid of ownersOf(object)) waitingOwner(uid);
        return;
      }
      index(storage, object);
      if (ownersOf(object).length > 0 && kind === 'ADDED') queue(reference);
      const finalizers = arrayAt(object, 'metadata', 'finalizers');
      if (!isDeleted(object) || (!finalizers.includes('foregroundDeletion') && !finalizers.includes('orphan'))) return;
      waiting.set(uidOf(object), reference);
      waitingOwner(uidOf(object));
    },
  };

  function waitingOwner(uid: string): void {
    const owner = waiting.get(uid);
    if (owner === undefined) return;
    machine.queue.add(`finish/${uid}`, () => {
      finish(owner);
    });
  }
}

function ownersOf(object: JsonObject): readonly string[] {
  return objectsAt(object, 'metadata', 'ownerReferences').map((reference) => stringAt(reference, 'uid') ?? '');
}
