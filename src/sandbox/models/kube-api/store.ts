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
  readonly sorted: Map<string, readonly Stored[]>;
}

export function createStore(options: { readonly historyLimit: number; readonly restore?: Json }): Store {
  const collections = new Map<string, Collection>();
  const listeners = new Set<(change: Change) => void>();
  let history: Change[] = [];
  let revision = 1;
  let compacted = 0;

  const collection = (storage: string): Collection => {
    const found = collections.get(storage);
    if (found !== undefined) return found;
    const made: Collection = { byNamespace: new Map(), sorted: new Map() };
    collections.set(storage, made);
    return made;
  };

  const keep = (storage: string, stored: Stored): void => {
    const { byNamespace, sorted } = collection(storage);
    const namespace = stringAt(stored.object, 'metadata', 'namespace') ?? '';
    const names = byNamespace.get(namespace) ?? new Map<string, Stored>();
    byNamespace.set(namespace, names.set(stringAt(stored.object, 'metadata', 'name') ?? '', stored));
    sorted.clear();
  };

  const publish = (change: Change): void => {
    history.push(change);
    // Cut in halves, so that the cost of cutting is spread over many writes.
    if (history.length > options.historyLimit * 2) {
      const cut = history.length - options.historyLimit;
      compacted = history[cut - 1]?.stored.revision ?? compacted;
      history = history.slice(cut);
    }
    for (const listener of [...listeners]) listener(change);
  };

  const restored = options.restore;
  if (restored !== undefined) {
    revision = Number(stringAt(restored, 'resourceVersion') ?? '1');
    compacted = revision;
    for (const [storage, objects] of Object.entries(objectAt(restored, 'objects'))) {
      for (const object of arrayAt(objects)) keep(storage, version(objectAt(object)));
    }
  }

  return {
    revision: () => revision,
    get: (storage, namespace, name) => collections.get(storage)?.byNamespace.get(namespace)?.get(name),
    list: (storage, namespace) => {
      const { byNamespace, sorted } = collection(storage);
      const key = namespace ?? '*';
      const known = sorted.get(key);
      if (known !== undefined) return known;
      const namespaces = namespace === undefined ? [...byNamespace.keys()].sort() : [namespace];
      const items = namespaces.flatMap((one) => {
        const names = byNamespace.get(one);
        return names === undefined ? [] : [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
      });
      sorted.set(key, items);
      return items;
    },
    put: (storage, object) => {
      const namespace = stringAt(object, 'metadata', 'namespace') ?? '';
      const name = stringAt(object, 'metadata', 'name') ?? '';
      const previous = collections.get(storage)?.byNamespace.get(namespace)?.get(name);
      revision += 1;
      const stored = version(ordered(withAt(object, ['metadata', 'resourceVersion'], String(revision))));
      keep(storage, stored);
      const kind = previous === undefined ? 'ADDED' : 'MODIFIED';
      publish({ kind, storage, namespace, name, stored, previous });
      return stored;
    },
    remove: (storage, object) => {
      const namespace = stringAt(object, 'metadata', 'namespace') ?? '';
      const name = stringAt(object, 'metadata', 'name') ?? '';
      const { byNamespace, sorted } = collection(storage);
      const previous = byNamespace.get(namespace)?.get(name);
      byNamespace.get(namespace)?.delete(name);
      sorted.clear();
      revision += 1;
      const stored = version(withAt(object, ['metadata', 'resourceVersion'], String(revision)));
      publish({ kind: 'DELETED', storage, namespace, name, stored, previous });
    },
    since: (from) => {
      if (from < compacted) return undefined;
      let start = history.length;
      while (start > 0 && (history[start - 1]?.stored.revision ?? 0) > from) start -= 1;
      return history.slice(start);
    },
    compact: () => {
      history = [];
      compacted = revision;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    dump: () => ({
      resourceVersion: String(revision),
      objects: Object.fromEntries(
        [...collections.entries()].map(([storage, { byNamespace }]) => [
          storage,
          [...byNamespace.values()].flatMap((names) => [...names.values()].map(({ object }) => object)),
        ]),
      ),
    }),
  };
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
