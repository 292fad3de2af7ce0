import type { KubeObject } from '../kube/object.ts';

/** Objects as this process last wrote them, until its caches have caught up: else a pass would decide on what it itself has changed. */
export interface OwnWrites {
  /** `before`: the version that was replaced. */
  wrote(key: string, before: string, object: KubeObject): void;
  /** The newer of the cache's object and our own last write of it. */
  newest(key: string, cached: KubeObject | undefined): KubeObject | undefined;
}

interface Write {
  readonly object: KubeObject;
  readonly replaced: Set<string>;
}

/** Versions are opaque: which is newer is known only from having replaced the other. */
export function createOwnWrites(): OwnWrites {
  const latest = new Map<string, Write>();
  return {
    wrote(key, before, object) {
      const replaced = latest.get(key)?.replaced ?? new Set<string>();
      replaced.add(before);
      latest.set(key, { object, replaced });
    },
    newest(key, cached) {
      const own = latest.get(key);
      if (own === undefined) return cached;
      if (isBehind(own, cached)) return own.object;
      latest.delete(key);
      return cached;
    },
  };
}

function isBehind({ object, replaced }: Write, cached: KubeObject | undefined): boolean {
  return replaced.has(cached?.metadata.resourceVersion ?? '') && object.metadata.uid === cached?.metadata.uid;
}
