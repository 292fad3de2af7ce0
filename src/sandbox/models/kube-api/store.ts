import { arrayAt, compact, objectAt, stringAt, without, withAt, type Json, type JsonObject } from './json.ts';

/** A version of an object. Its JSON text is made once, when first asked for. */
export interface Stored {
  readonly object: JsonObject;
  readonly revision: number;
  text(): string;
}

export type ChangeKind = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Change {
  readonly kind: ChangeKind;
  readonly storage: string;
  readonly namespace: string;
  readonly name: string;
  /** The new version; for DELETED the last one, with the revision of the deletion. */
  readonly stored: Stored;
  readonly previous: Stored | undefined;
}

/** etcd, as far as the API server shows it: one revision counter, versions, and a bounded history. */
export interface Store {
  revision(): number;
  get(storage: string, namespace: string, name: string): Stored | undefined;
  /** In the order of namespace and name. `namespace` undefined: all of them. */
  list(storage: string, namespace?: string): readonly Stored[];
  /** Stores a new version; the object gets its resourceVersion. */
  put(storage: string, object: JsonObject): Stored;
  remove(storage: string, object: JsonObject): void;
  /** The changes after `revision`, or undefined where history no longer reaches. */
  since(revision: number): readonly Change[] | undefined;
  /** Forgets the history up to now: older resourceVersions are Gone. */
  compact(): void;
  /** `listener` must not write to the store; it is called after the change is in it. */
  subscribe(listener: (change: Change) => void): () => void;
  dump(): JsonObject;
}

interface Collection {
  readonly byNamespace: Map<string, Map<string, Stored>>;
  /** Lists that were asked for since the last change. */
  readonly sorted: Map<string, readonly Stored[]>;
}

interface State {
  readonly collections: Map<string, Collection>;
  readonly listeners: Set<(change: Change) => void>;
  readonly historyLimit: number;
  history: Change[];
  revision: number;
  compacted: number;
}

export function createStore(options: { readonly historyLimit: number; readonly restore?: Json }): Store {
  const state: State = {
    collections: new Map(),
    listeners: new Set(),
    historyLimit: options.historyLimit,
    history: [],
    revision: 1,
    compacted: 0,
  };
  if (options.restore !== undefined) restore(state, options.restore);
  return {
    revision: () => state.revision,
    get: (storage, namespace, name) => state.collections.get(storage)?.byNamespace.get(namespace)?.get(name),
    list: (storage, namespace) => list(collection(state, storage), namespace),
    put: (storage, object) => put(state, storage, object),
    remove: (storage, object) => {
      remove(state, storage, object);
    },
    since: (revision) => since(state, revision),
    compact: () => {
      state.history = [];
      state.compacted = state.revision;
    },
    subscribe: (listener) => {
      state.listeners.add(listener);
      return () => {
        state.listeners.delete(listener);
      };
    },
    dump: () => dump(state),
  };
}

function collection(state: State, storage: string): Collection {
  const found = state.collections.get(storage);
  if (found !== undefined) return found;
  const made: Collection = { byNamespace: new Map(), sorted: new Map() };
  state.collections.set(storage, made);
  return made;
}

function keyOf(object: JsonObject): { readonly namespace: string; readonly name: string } {
  return {
    namespace: stringAt(object, 'metadata', 'namespace') ?? '',
    name: stringAt(object, 'metadata', 'name') ?? '',
  };
}

function keep(state: State, storage: string, stored: Stored): void {
  const { byNamespace, sorted } = collection(state, storage);
  const { namespace, name } = keyOf(stored.object);
  const names = byNamespace.get(namespace) ?? new Map<string, Stored>();
  byNamespace.set(namespace, names.set(name, stored));
  sorted.clear();
}

function list({ byNamespace, sorted }: Collection, namespace: string | undefined): readonly Stored[] {
  const key = namespace ?? '*';
  const known = sorted.get(key);
  if (known !== undefined) return known;
  const namespaces = namespace === undefined ? [...byNamespace.keys()].sort() : [namespace];
  const items = namespaces.flatMap((one) =>
    [...(byNamespace.get(one) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored),
  );
  sorted.set(key, items);
  return items;
}

function put(state: State, storage: string, object: JsonObject): Stored {
  const { namespace, name } = keyOf(object);
  const previous = state.collections.get(storage)?.byNamespace.get(namespace)?.get(name);
  state.revision += 1;
  const stored = version(ordered(withAt(object, ['metadata', 'resourceVersion'], String(state.revision))));
  keep(state, storage, stored);
  const kind = previous === undefined ? 'ADDED' : 'MODIFIED';
  publish(state, { kind, storage, namespace, name, stored, previous });
  return stored;
}

function remove(state: State, storage: string, object: JsonObject): void {
  const { namespace, name } = keyOf(object);
  const { byNamespace, sorted } = collection(state, storage);
  const previous = byNamespace.get(namespace)?.get(name);
  byNamespace.get(namespace)?.delete(name);
  sorted.clear();
  state.revision += 1;
  const stored = version(withAt(object, ['metadata', 'resourceVersion'], String(state.revision)));
  publish(state, { kind: 'DELETED', storage, namespace, name, stored, previous });
}

function publish(state: State, change: Change): void {
  state.history.push(change);
  // Cut in halves, so that the cost of cutting is spread over many writes.
  if (state.history.length > state.historyLimit * 2) {
    const cut = state.history.length - state.historyLimit;
    state.compacted = state.history[cut - 1]?.stored.revision ?? state.compacted;
    state.history = state.history.slice(cut);
  }
  for (const listener of [...state.listeners]) listener(change);
}

function since(state: State, revision: number): readonly Change[] | undefined {
  if (revision < state.compacted) return undefined;
  const { history } = state;
  let start = history.length;
  while (start > 0 && (history[start - 1]?.stored.revision ?? 0) > revision) start -= 1;
  return history.slice(start);
}

function dump(state: State): JsonObject {
  const objects = [...state.collections.entries()].map(([storage, { byNamespace }]): [string, Json] => [
    storage,
    [...byNamespace.values()].flatMap((names) => [...names.values()].map(({ object }) => object)),
  ]);
  return { resourceVersion: String(state.revision), objects: Object.fromEntries(objects) };
}

function restore(state: State, dumped: Json): void {
  state.revision = Number(stringAt(dumped, 'resourceVersion') ?? '1');
  state.compacted = state.revision;
  for (const [storage, objects] of Object.entries(objectAt(dumped, 'objects'))) {
    for (const object of arrayAt(objects)) keep(state, storage, version(objectAt(object)));
  }
}

function version(object: JsonObject): Stored {
  let text: string | undefined;
  return {
    object,
    revision: Number(stringAt(object, 'metadata', 'resourceVersion') ?? '0'),
    text: () => (text ??= JSON.stringify(object)),
  };
}

/** apiVersion and kind first: lists of built-in kinds cut them off the text. */
function ordered(object: JsonObject): JsonObject {
  const head = compact({ apiVersion: object['apiVersion'], kind: object['kind'], metadata: object['metadata'] });
  return { ...head, ...without(object, 'apiVersion', 'kind', 'metadata') };
}
