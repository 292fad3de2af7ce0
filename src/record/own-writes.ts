import type { KubeObject } from '../kube/object.ts';

/** Objects as this process last wrote them, until its caches have caught up: else a pass would decide on what it itself has changed. */
export interface OwnWrites {
  /** `before`: the version that was replaced. */
  wrote(key: string, before: string, object: KubeObject): void;
  /** The newer of the cache's object and our own last write of it. */
  newest(key: string, cached: KubeObject | undefined): KubeObject | undefined;
  forget(key: string): void;
}

/** Versions are opaque: which is newer is known only from having replaced the other. */
export function createOwnWrites(): OwnWrites {
  const latest = new Map<string, { readonly object: KubeObject; readonly replaced: Set<string> }>();
  return {
    wrote(key, before, object) {
      const replaced = latest.get(key)?.replaced ?? new Set<string>();
      replaced.add(before);
      latest.set(key, { object, replaced });
    },
    newest(key, cached) {
      const own = latest.get(key);
      if (own === undefined || cached === undefined) return cached;
      if (own.replaced.has(cached.metadata.resourceVersion) && own.object.metadata.uid === cached.metadata.uid) {
        return own.object;
      }
      latest.delete(key);
      return cached;
    },
    forget: (key) => {
      latest.delete(key);
    },
  };
}
