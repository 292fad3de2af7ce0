import type { KubeObject } from './object.ts';
import { keyOf } from './object.ts';

export type Change =
  | { readonly type: 'add'; readonly key: string; readonly object: KubeObject }
  | { readonly type: 'update'; readonly key: string; readonly object: KubeObject; readonly previous: KubeObject }
  | { readonly type: 'delete'; readonly key: string; readonly object: KubeObject };

/** What a reflector last saw, by `namespace/name`. Objects are shared: treat them as immutable. */
export interface ReadCache {
  get(key: string): KubeObject | undefined;
  /** In order of first appearance. */
  all(): readonly KubeObject[];
  size(): number;
}

export interface Cache extends ReadCache {
  /** Each returns what thereby changed, deletions first: one key's new life follows the end of its old one. */
  replace(items: readonly KubeObject[]): readonly Change[];
  put(object: KubeObject): readonly Change[];
  drop(object: KubeObject): readonly Change[];
}

export function createCache(): Cache {
  const byKey = new Map<string, KubeObject>();

  const drop = (key: string, last: KubeObject | undefined): readonly Change[] => {
    const known = byKey.get(key);
    if (known === undefined) return [];
    byKey.delete(key);
    return [{ type: 'delete', key, object: last ?? known }];
  };

  const put = (object: KubeObject): readonly Change[] => {
    const key = keyOf(object);
    const previous = byKey.get(key);
    if (previous === undefined) {
      byKey.set(key, object);
      return [{ type: 'add', key, object }];
    }
    if (previous.metadata.uid !== object.metadata.uid) {
      // Deleted and made anew while nobody listened: another object under the same name.
      const gone = drop(key, undefined);
      byKey.set(key, object);
      return [...gone, { type: 'add', key, object }];
    }
    byKey.set(key, object);
    const same = previous.metadata.resourceVersion === object.metadata.resourceVersion;
    return same ? [] : [{ type: 'update', key, object, previous }];
  };

  return {
    get: (key) => byKey.get(key),
    all: () => [...byKey.values()],
    size: () => byKey.size,
    replace: (items) => {
      const present = new Set(items.map(keyOf));
      const absent = [...byKey.keys()].filter((key) => !present.has(key));
      return [...absent.flatMap((key) => drop(key, undefined)), ...items.flatMap(put)];
    },
    put,
    drop: (object) => drop(keyOf(object), object),
  };
}
