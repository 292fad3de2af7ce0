import { arrayAt, stringAt, withAt, type JsonObject } from '../json.ts';
import type { ResourceType } from '../resource-type.ts';
import { find, isDeleted, NAMESPACES, removeQuietly, writeStatus, type Machine } from './machine.ts';

/** A namespace that is being deleted is emptied first. */
export function reconcileNamespace(machine: Machine, _: string, name: string): void {
  const namespace = find(machine, NAMESPACES, '', name);
  if (namespace === undefined || !isDeleted(namespace)) return;
  if (stringAt(namespace, 'status', 'phase') !== 'Terminating') {
    writeStatus(machine, NAMESPACES, namespace, { phase: 'Terminating' });
  }
  const types = machine.cluster.types.all().filter((type) => type.namespaced && type.project === undefined);
  const left = types.flatMap((type) => contents(machine, type, name));
  for (const { type, object } of left) if (!isDeleted(object)) removeQuietly(machine, type, object);
  if (types.some((type) => contents(machine, type, name).length > 0)) return;
  const live = find(machine, NAMESPACES, '', name);
  if (live === undefined) return;
  if (arrayAt(live, 'spec', 'finalizers').length > 0) {
    // The namespace's own finalizer, which no client may touch, so it does not pass the kind's rules.
    machine.cluster.store.put(NAMESPACES.storage, withAt(live, ['spec', 'finalizers'], []));
  }
  if (arrayAt(live, 'metadata', 'finalizers').length === 0) removeQuietly(machine, NAMESPACES, live);
}

function contents(
  machine: Machine,
  type: ResourceType,
  namespace: string,
): readonly { type: ResourceType; object: JsonObject }[] {
  return machine.cluster.store.list(type.storage, namespace).map(({ object }) => ({ type, object }));
}

/** A definition that is being deleted takes its objects with it. */
export function reconcileDefinition(machine: Machine, _: string, name: string): void {
  const definitions = machine.cluster.types.stored('apiextensions.k8s.io/customresourcedefinitions');
  const definition = definitions === undefined ? undefined : find(machine, definitions, '', name);
  if (definitions === undefined || definition === undefined || !isDeleted(definition)) return;
  const storage = `${stringAt(definition, 'spec', 'group') ?? ''}/${stringAt(definition, 'spec', 'names', 'plural') ?? ''}`;
  const type = machine.cluster.types.stored(storage);
  if (type !== undefined) {
    for (const { object } of machine.cluster.store.list(storage)) {
      if (!isDeleted(object)) removeQuietly(machine, type, object);
    }
  }
  if (machine.cluster.store.list(storage).length === 0) removeQuietly(machine, definitions, definition);
}
