import { forbidden, notFound } from './api-error.ts';
import { builtinType, BUILTIN_TYPES, crdType } from './builtin/types.ts';
import type { CompiledCrd, CrdCompiler } from './crd/compile-crd.ts';
import { establishedStatus } from './crd/compile-crd.ts';
import { createIdentities, type Identities } from './identities.ts';
import { arrayAt, equal, numberAt, objectAt, stringAt, withAt, type Json, type JsonObject } from './json.ts';
import { checkQuota } from './quota.ts';
import type { ResourceType } from './resource-type.ts';
import { createStore, type Store } from './store.ts';
import { timestamp } from './timestamp.ts';
import { createTypeRegistry, type TypeRegistry } from './type-registry.ts';
import { createWriter, internalWrite, type DeleteOptions, type Writer } from './writer.ts';

/** The state of one cluster and the rules of writing to it; no requests, no controllers. */
export interface Cluster {
  readonly store: Store;
  readonly types: TypeRegistry;
  readonly writer: Writer;
  readonly identities: Identities;
  readonly now: () => number;
}

export interface ClusterOptions {
  readonly clusterUid: string;
  readonly now: () => number;
  readonly historyLimit: number;
  readonly compile: CrdCompiler;
  readonly crds: readonly CompiledCrd[];
  readonly restore: Json | undefined;
}

const NAMESPACE = builtinType('/namespaces');

export function createCluster(options: ClusterOptions): Cluster {
  const { now, restore } = options;
  const compile = knownFirst(options.crds, options.compile);
  const store = createStore({ historyLimit: options.historyLimit, ...(restore === undefined ? {} : { restore }) });
  const identities = createIdentities(options.clusterUid, numberAt(restore, 'identities') ?? 0);
  const crds = crdType((next, old) => prepareCrd(compile, next, old, now()));
  const types = createTypeRegistry([...BUILTIN_TYPES, crds]);
  const writer = createWriter({
    store,
    identities,
    now,
    admit: (type, namespace, object) => {
      checkNamespace(store, type, namespace, stringAt(object, 'metadata', 'name') ?? '');
      if (type.storage === '/pods') checkQuota(store, namespace, stringAt(object, 'metadata', 'name') ?? '');
    },
    lingers: (type, object, how) => lingers(store, type, object, how),
  });
  store.subscribe((change) => {
    if (change.storage !== crds.storage) return;
    if (change.kind === 'DELETED') types.uninstall(change.name);
    else types.install(compile(change.stored.object));
  });
  if (restore === undefined) {
    firstObjects(store, writer, options);
    for (const crd of options.crds) writer.create(crds, '', crd.object, internalWrite());
  } else {
    for (const stored of store.list(crds.storage)) types.install(compile(stored.object));
  }
  return { store, types, writer, identities, now };
}

/** What was compiled beforehand is not compiled again: in a simulation that would be most of a world's cost. */
function knownFirst(crds: readonly CompiledCrd[], compile: CrdCompiler): CrdCompiler {
  return (crd) => {
    const name = stringAt(crd, 'metadata', 'name');
    const known = crds.find((one) => one.name === name && equal(one.object['spec'], crd['spec']));
    return known ?? compile(crd);
  };
}

function firstObjects(store: Store, writer: Writer, options: ClusterOptions): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    const { object } = writer.create(NAMESPACE, '', { metadata: { name } }, { dryRun: true });
    // The UID of kube-system is a cluster's identity.
    store.put(
      NAMESPACE.storage,
      name === 'kube-system' ? withAt(object, ['metadata', 'uid'], options.clusterUid) : object,
    );
  }
}

function prepareCrd(compile: CrdCompiler, next: JsonObject, old: JsonObject | undefined, now: number): JsonObject {
  if (old !== undefined && equal(old['spec'], next['spec'])) return next;
  const { object } = compile(next);
  const spec = objectAt(object, 'spec');
  const status = establishedStatus(object, timestamp(now));
  const before = arrayAt(old, 'status', 'storedVersions');
  const stored = [...before, ...arrayAt(status, 'storedVersions').filter((one) => !before.includes(one))];
  const conditions = old === undefined ? status['conditions'] : objectAt(old, 'status')['conditions'];
  return { ...next, spec, status: { ...status, conditions: conditions ?? [], storedVersions: stored } };
}

/** Where objects may be made: in namespaces that are there and stay there. */
function checkNamespace(store: Store, type: ResourceType, namespace: string, name: string): void {
  if (!type.namespaced) return;
  const found = store.get(NAMESPACE.storage, '', namespace);
  if (found === undefined) throw notFound(NAMESPACE, namespace);
  if (stringAt(found.object, 'metadata', 'deletionTimestamp') === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(type, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

/** Namespaces wait for what is in them; pods with containers wait for these; definitions for their objects. */
function lingers(store: Store, type: ResourceType, object: JsonObject, how: DeleteOptions): boolean {
  if (type.storage === NAMESPACE.storage) return arrayAt(object, 'spec', 'finalizers').length > 0;
  if (type.storage === '/pods') return how.gracePeriod !== 0 && isRunning(object);
  if (type.storage !== 'apiextensions.k8s.io/customresourcedefinitions') return false;
  const group = stringAt(object, 'spec', 'group') ?? '';
  return store.list(`${group}/${stringAt(object, 'spec', 'names', 'plural') ?? ''}`).length > 0;
}

/** A pod whose containers somebody has to stop: it was given a node, and has not ended. */
export function isRunning(pod: JsonObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  const placed = stringAt(pod, 'spec', 'nodeName') !== undefined;
  return placed && phase !== 'Succeeded' && phase !== 'Failed';
}
