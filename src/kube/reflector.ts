import type { Clock, Instant } from '../ports/clock.ts';
import { instant } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Backoff } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import type { Change, ReadCache } from './cache.ts';
import { createCache } from './cache.ts';
import type { KubeClient, Selectors, WatchEvent } from './client.ts';
import { isKubeError, KubeError } from './kube-error.ts';
import type { Collection, KubeObject } from './object.ts';
import { keyOf } from './object.ts';

export interface ReflectorOptions extends Selectors {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly collection: Collection;
  readonly pageSize?: number | undefined;
  readonly listDeadlineMs?: number | undefined;
  /** A watch without event or bookmark for this long is given up; servers send a bookmark about every minute. */
  readonly silenceMs?: number | undefined;
  readonly backoff?: Backoff | undefined;
}

/**
 * Keeps a copy of a collection: list, then watch, and list again whenever the watch cannot be trusted (410, a broken
 * or silent connection, a refusal), which also finds what was deleted meanwhile. It never gives up.
 */
export interface Reflector {
  readonly cache: ReadCache;
  /** Resolves when `signal` is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether one list has been taken; stays true, so ask `lastHeard` how far it can be trusted. */
  synced(): boolean;
  /** Rejects with the signal's reason. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** When the copy was last known to be current: the start of a list, or an event's or bookmark's arrival. */
  lastHeard(): Instant | undefined;
  /** Why it currently hears nothing, if so. */
  trouble(): KubeError | undefined;
  /** Present objects are told first, as `add`. Returns the way to unsubscribe. */
  subscribe(handler: (change: Change) => void): () => void;
}

const defaults = { pageSize: 500, listDeadlineMs: 30_000, silenceMs: 90_000 };
const defaultBackoff: Backoff = { baseMs: 500, capMs: 10_000 };
/** A watch that lasted this long shows that the server is well, even if nothing happened in it. */
const healthyWatchMs = 30_000;
/** A continuation that has expired goes on with a list in one piece, as client-go does. */
type Pages = 'paged' | 'whole';

interface State {
  /** Where a watch may go on; undefined: list first. */
  version: string | undefined;
  pages: Pages;
  failures: number;
  heard: Instant | undefined;
  synced: boolean;
  trouble: KubeError | undefined;
}

export function createReflector(options: ReflectorOptions): Reflector {
  const { client, clock, random, log, collection } = options;
  const cache = createCache();
  const handlers = new Set<(change: Change) => void>();
  const waiting = new Set<() => void>();
  const label = `kube.reflector.${client.cluster}.${collection.resource}`;
  const state: State = {
    version: undefined,
    pages: 'paged',
    failures: 0,
    heard: undefined,
    synced: false,
    trouble: undefined,
  };

  const tell = (handler: (change: Change) => void, change: Change): void => {
    try {
      handler(change);
    } catch (error) {
      log.log('error', 'a watch handler failed', { cluster: client.cluster, key: change.key, error });
    }
  };
  const announce = (changes: readonly Change[]): void => {
    for (const change of changes) for (const handler of handlers) tell(handler, change);
  };

  const heardFrom = (at: Instant): void => {
    state.heard = at;
    state.trouble = undefined;
  };

  const list = async (signal: AbortSignal): Promise<void> => {
    const begun = instant(clock);
    const items: KubeObject[] = [];
    const { labelSelector, fieldSelector } = options;
    const limit = state.pages === 'paged' ? (options.pageSize ?? defaults.pageSize) : undefined;
    const call = { deadlineMs: options.listDeadlineMs ?? defaults.listDeadlineMs, signal };
    let page = await client.list(collection, { labelSelector, fieldSelector, limit }, call);
    items.push(...page.items);
    while (page.continue !== undefined) {
      page = await client.list(collection, { labelSelector, fieldSelector, limit, continue: page.continue }, call);
      items.push(...page.items);
    }
    state.version = page.resourceVersion;
    state.pages = 'paged';
    heardFrom(begun);
    state.synced = true;
    announce(cache.replace(items));
    for (const resolve of [...waiting]) resolve();
  };

  const follow = (event: WatchEvent): void => {
    heardFrom(instant(clock));
    state.failures = 0;
    if (event.type === 'BOOKMARK') {
      state.version = event.resourceVersion;
      return;
    }
    state.version = event.object.metadata.resourceVersion;
    announce(event.type === 'DELETED' ? cache.drop(event.object) : cache.put(event.object));
  };

  /** Returns after a watch that the server ended in good order and that may be resumed. */
  const watch = async (resourceVersion: string, signal: AbortSignal): Promise<void> => {
    const { labelSelector, fieldSelector } = options;
    // Spread over five minutes, or all watches of a restarted server end together for ever after.
    const timeoutSeconds = 300 + Math.floor(random.next(`${label}.timeout`) * 300);
    const begun = clock.monotonic();
    const openMs = options.listDeadlineMs ?? defaults.listDeadlineMs;
    const silenceMs = options.silenceMs ?? defaults.silenceMs;
    const query = { labelSelector, fieldSelector, resourceVersion, timeoutSeconds };
    let heard = false;
    for await (const event of client.watch(collection, query, { openMs, silenceMs, signal })) {
      heard = true;
      follow(event);
    }
    if (!heard && clock.monotonic() - begun < 1000) {
      throw new KubeError({ code: 'Unavailable', message: 'the watch ended at once' });
    }
  };

  const attempt = async (signal: AbortSignal): Promise<void> => {
    if (state.version === undefined) await list(signal);
    const begun = clock.monotonic();
    try {
      if (state.version !== undefined) await watch(state.version, signal);
    } finally {
      if (clock.monotonic() - begun >= healthyWatchMs) state.failures = 0;
    }
  };

  const recover = async (error: unknown, signal: AbortSignal): Promise<void> => {
    // Without a version it was a list that failed.
    state.pages = isKubeError(error, 'Gone') && state.version === undefined ? 'whole' : 'paged';
    state.version = undefined;
    state.failures += 1;
    if (isKubeError(error)) state.trouble = error;
    const asked = isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
    const wait = Math.max(asked, backoffMs(random, label, state.failures, options.backoff ?? defaultBackoff));
    const level = isKubeError(error) ? (state.failures > 1 ? 'warn' : 'info') : 'error';
    const { resource, namespace } = collection;
    log.log(level, 'watch interrupted', { cluster: client.cluster, resource, namespace, error, retryInMs: wait });
    await clock.sleep(wait, signal);
  };

  return {
    cache,
    run: async (signal) => {
      while (!signal.aborted) {
        try {
          await attempt(signal);
        } catch (error) {
          if (signal.aborted) return;
          await recover(error, signal).catch((reason: unknown) => {
            // Only the shutdown interrupts the pause.
            if (!signal.aborted) throw reason;
          });
        }
      }
    },
    synced: () => state.synced,
    whenSynced: (signal) => whenSynced(state, waiting, signal),
    lastHeard: () => state.heard,
    trouble: () => state.trouble,
    subscribe: (handler) => {
      for (const object of cache.all()) tell(handler, { type: 'add', key: keyOf(object), object });
      handlers.add(handler);
      return () => {
        handlers.delete(handler);
      };
    },
  };
}

async function whenSynced(state: State, waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  if (state.synced) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (): void => {
      waiting.delete(done);
      signal.removeEventListener('abort', cancelled);
    };
    const done = (): void => {
      settle();
      resolve();
    };
    const cancelled = (): void => {
      settle();
      reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
    };
    if (signal.aborted) {
      cancelled();
      return;
    }
    waiting.add(done);
    signal.addEventListener('abort', cancelled, { once: true });
  });
}
