import { alreadyExists, badRequest, notFound } from './api-error.ts';
import type { Identities } from './identities.ts';
import { arrayAt, equal, isObject, numberAt, objectAt, stringAt, without, withAt, type JsonObject } from './json.ts';
import { manageFields } from './managed-fields.ts';
import { checkName } from './object-names.ts';
import { checkDeletePreconditions, checkFinalizers, checkIdentity, checkPreconditions } from './preconditions.ts';
import { apiVersionOf, type Preparation, type ResourceType } from './resource-type.ts';
import type { Store } from './store.ts';
import { timestamp } from './timestamp.ts';

export interface WriteOptions {
  readonly dryRun: boolean;
  /** Absent for the cluster's own controllers: they keep no managedFields. */
  readonly manager?: string;
  readonly subresource?: 'status' | 'scale';
  readonly unknownField?: (path: string) => void;
  /** Called when every unknown field was told, before the object is checked; may throw to refuse it. */
  readonly shaped?: () => void;
}

/** `changed`: a new version was (or, dry, would have been) made. */
export interface Written {
  readonly object: JsonObject;
  readonly changed: boolean;
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan';
  /** Seconds; 0 removes a pod without waiting for its containers. */
  readonly gracePeriod?: number;
}

/** `removed`: nothing of it is left; else it waits for its finalizers, or its containers. */
export interface Deleted extends Written {
  readonly removed: boolean;
}

/** Every write goes through here, the controllers' too. Objects are in the stored form. All throw ApiError. */
export interface Writer {
  create(type: ResourceType, namespace: string, body: JsonObject, options: WriteOptions): Written;
  update(
    type: ResourceType,
    namespace: string,
    name: string,
    change: (old: JsonObject) => JsonObject,
    options: WriteOptions,
  ): Written;
  remove(type: ResourceType, namespace: string, name: string, how: DeleteOptions, options: WriteOptions): Deleted;
}

export interface WriterParts {
  readonly store: Store;
  readonly identities: Identities;
  readonly now: () => number;
  /** Admission of new objects: terminating namespaces, quotas. */
  readonly admit: (type: ResourceType, namespace: string, object: JsonObject) => void;
  /** Deletions that wait for somebody: a pod for its containers, a namespace for its contents. */
  readonly lingers: (type: ResourceType, object: JsonObject, how: DeleteOptions) => boolean;
}

const INTERNAL: WriteOptions = Object.freeze({ dryRun: false });

export function internalWrite(subresource?: 'status'): WriteOptions {
  return subresource === undefined ? INTERNAL : { ...INTERNAL, subresource };
}

export function createWriter(parts: WriterParts): Writer {
  return {
    create: (type, namespace, body, options) => create(parts, type, namespace, body, options),
    update: (type, namespace, name, change, options) => update(parts, type, namespace, name, change, options),
    remove: (type, namespace, name, how, options) => remove(parts, type, namespace, name, how, options),
  };
}

function preparation(parts: WriterParts, options: WriteOptions): Preparation {
  return {
    now: parts.now(),
    subresource: options.subresource,
    unknownField: options.unknownField ?? ignore,
    shaped: options.shaped ?? ignore,
    lookup: (storage, namespace, name) => parts.store.get(storage, namespace, name)?.object,
    next: () => parts.identities.next(),
  };
}

function managed(
  parts: WriterParts,
  type: ResourceType,
  next: JsonObject,
  old: JsonObject | undefined,
  options: WriteOptions,
): JsonObject {
  if (options.manager === undefined) return next;
  return manageFields(next, old, {
    manager: options.manager,
    now: parts.now(),
    subresource: options.subresource,
    apiVersion: apiVersionOf(type),
  });
}

const SERVERS_OWN = Object.freeze([
  ...['name', 'namespace', 'resourceVersion', 'selfLink', 'managedFields', 'deletionTimestamp', 'generation'],
]);

function create(
  parts: WriterParts,
  type: ResourceType,
  namespace: string,
  body: JsonObject,
  options: WriteOptions,
): Written {
  const { store, identities } = parts;
  checkIdentity(type, body);
  const given = objectAt(body, 'metadata');
  const generateName = stringAt(given, 'generateName');
  const wanted = stringAt(given, 'name') ?? '';
  const name = wanted === '' && generateName !== undefined ? `${generateName}${identities.suffix()}` : wanted;
  checkName(type, name);
  const bodyNamespace = stringAt(given, 'namespace') ?? '';
  if (type.namespaced && bodyNamespace !== '' && bodyNamespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (store.get(type.storage, namespace, name) !== undefined) throw alreadyExists(type, name);
  const metadata: JsonObject = {
    name,
    ...(type.namespaced ? { namespace } : {}),
    ...without(given, ...SERVERS_OWN),
    uid: identities.uid(),
    creationTimestamp: timestamp(parts.now()),
    ...(type.generation ? { generation: 1 } : {}),
  };
  const blank = type.status ? without(body, 'status') : body;
  const identified = { ...blank, apiVersion: apiVersionOf(type), kind: type.kind, metadata };
  const prepared = type.prepare(identified, undefined, preparation(parts, options));
  parts.admit(type, namespace, prepared);
  const next = managed(parts, type, prepared, undefined, options);
  return { object: options.dryRun ? next : store.put(type.storage, next).object, changed: true };
}

function update(
  parts: WriterParts,
  type: ResourceType,
  namespace: string,
  name: string,
  change: (old: JsonObject) => JsonObject,
  options: WriteOptions,
): Written {
  const { store } = parts;
  const { subresource } = options;
  const old = store.get(type.storage, namespace, name)?.object;
  if (old === undefined) throw notFound(type, name);
  const asked = change(old);
  checkIdentity(type, asked);
  checkPreconditions(type, name, old, asked);
  const kept = keepMetadata(type, old, isolate(type, old, asked, subresource));
  const prepared = type.prepare(kept, old, preparation(parts, options));
  checkFinalizers(type, name, old, prepared);
  if (equal(prepared, old)) return { object: old, changed: false };
  const counted = withAt(prepared, ['metadata', 'generation'], generationAfter(type, old, prepared));
  const next = managed(parts, type, counted, old, options);
  if (options.dryRun) return { object: next, changed: true };
  if (isDone(next) && !parts.lingers(type, next, { propagation: 'Background' })) {
    store.remove(type.storage, next);
    return { object: next, changed: true };
  }
  return { object: store.put(type.storage, next).object, changed: true };
}

const WAITING: Readonly<Record<DeleteOptions['propagation'], string | undefined>> = Object.freeze({
  Background: undefined,
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
});

function remove(
  parts: WriterParts,
  type: ResourceType,
  namespace: string,
  name: string,
  how: DeleteOptions,
  options: WriteOptions,
): Deleted {
  const { store } = parts;
  const old = store.get(type.storage, namespace, name)?.object;
  if (old === undefined) throw notFound(type, name);
  checkDeletePreconditions(type, name, old, how);
  const added = WAITING[how.propagation];
  const before = arrayAt(old, 'metadata', 'finalizers');
  const finalizers = added === undefined || before.includes(added) ? before : [...before, added];
  if (finalizers.length === 0 && !parts.lingers(type, old, how)) {
    if (!options.dryRun) store.remove(type.storage, old);
    return { object: old, changed: true, removed: true };
  }
  const held = finalizers === before ? old : withAt(old, ['metadata', 'finalizers'], finalizers);
  const dying = markDeleted(type, held, how, parts.now());
  if (equal(dying, old)) return { object: old, changed: false, removed: false };
  return { object: options.dryRun ? dying : store.put(type.storage, dying).object, changed: true, removed: false };
}

function ignore(): void {
  // Controllers write what the model itself made: no field of theirs is unknown.
}

/** A write to the object leaves its status alone, and a write to its status leaves everything else alone. */
function isolate(
  type: ResourceType,
  old: JsonObject,
  asked: JsonObject,
  subresource: 'status' | 'scale' | undefined,
): JsonObject {
  if (subresource === 'status') return withAt(old, ['status'], asked['status']);
  return type.status ? withAt(asked, ['status'], old['status']) : asked;
}

const KEPT = Object.freeze([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
]);

/** The server's own part of metadata is not the client's to change. */
function keepMetadata(type: ResourceType, old: JsonObject, asked: JsonObject): JsonObject {
  if (asked['metadata'] === old['metadata']) return asked;
  const before = objectAt(old, 'metadata');
  const kept = Object.fromEntries(Object.entries(before).filter(([key]) => KEPT.includes(key)));
  const free = Object.entries(without(objectAt(asked, 'metadata'), ...KEPT, 'selfLink')).filter(
    ([, value]) => !isObject(value) || Object.keys(value).length > 0,
  );
  const metadata: JsonObject = { ...kept, ...Object.fromEntries(free) };
  return {
    ...asked,
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: equal(metadata, before) ? before : metadata,
  };
}

function generationAfter(type: ResourceType, old: JsonObject, next: JsonObject): number | undefined {
  const before = numberAt(old, 'metadata', 'generation');
  if (!type.generation) return before;
  const ignored = type.status ? ['metadata', 'status'] : ['metadata'];
  const desired = (object: JsonObject): JsonObject => without(object, ...ignored);
  return equal(desired(old), desired(next)) ? before : (before ?? 0) + 1;
}

function isDone(object: JsonObject): boolean {
  if (stringAt(object, 'metadata', 'deletionTimestamp') === undefined) return false;
  return arrayAt(object, 'metadata', 'finalizers').length === 0;
}

function markDeleted(type: ResourceType, object: JsonObject, how: DeleteOptions, now: number): JsonObject {
  if (stringAt(object, 'metadata', 'deletionTimestamp') !== undefined) return object;
  const pod = type.storage === '/pods';
  const own = numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  const grace = pod ? (how.gracePeriod ?? own) : 0;
  const generation = numberAt(object, 'metadata', 'generation');
  return {
    ...object,
    metadata: {
      ...objectAt(object, 'metadata'),
      ...(type.generation && generation !== undefined ? { generation: generation + 1 } : {}),
      deletionTimestamp: timestamp(now + grace * 1000),
      deletionGracePeriodSeconds: grace,
    },
  };
}
