import type { KubeObject } from '../kube/object.ts';

/**
 * Objects as this process last wrote them, or read them past its caches, until those have caught up: else a pass would
 * decide on what it itself has changed, or on what it has been told is out of date.
 */
export interface OwnWrites {
  /** `before`: the version that was replaced. */
  wrote(key: string, before: string, object: KubeObject): void;
  /** Read from the API server itself. `before`: what was taken for the newest until then; undefined: nothing was there. */
  read(key: string, before: KubeObject | undefined, object: KubeObject): void;
  /** The API server itself knows of none: what a cache still shows is not believed. `before`: as in `read`. */
  gone(key: string, before: KubeObject | undefined): void;
  /** The newer of the cache's object and the one that was last written or read here; undefined: there is none. */
  newest(key: string, cached: KubeObject | undefined): KubeObject | undefined;
}

interface Known {
  /** undefined: it is gone. */
  readonly object: KubeObject | undefined;
  readonly replaced: Set<string>;
}

/** Versions are opaque: which is newer is known only from having replaced the other. */
export function createOwnWrites(): OwnWrites {
  const latest = new Map<string, Known>();
  const replace = (key: string, before: string, object: KubeObject | undefined): void => {
    const replaced = latest.get(key)?.replaced ?? new Set<string>();
    replaced.add(before);
    latest.set(key, { object, replaced });
  };
  return {
    wrote(key, before, object) {
      replace(key, idOf(object.metadata.uid, before), object);
    },
    read(key, before, object) {
      replace(key, versionOf(before), object);
    },
    gone(key, before) {
      replace(key, versionOf(before), undefined);
    },
    newest(key, cached) {
      const own = latest.get(key);
      if (own === undefined) return cached;
      const agreed = own.object === undefined && cached === undefined;
      if (!agreed && own.replaced.has(versionOf(cached))) return own.object;
      latest.delete(key);
      return cached;
    },
  };
}

/** With the UID, for a version that an object made anew has after a restore may have been another's before. */
function idOf(uid: string, resourceVersion: string): string {
  return `${uid}/${resourceVersion}`;
}

function versionOf(object: KubeObject | undefined): string {
  return object === undefined ? '' : idOf(object.metadata.uid, object.metadata.resourceVersion);
}
