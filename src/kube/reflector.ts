import type { Clock, Instant } from '../ports/clock.ts';
import { instant } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { Backoff } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import type { Cache, Change, ReadCache } from './cache.ts';
import { createCache } from './cache.ts';
import type { KubeClient, Selectors, WatchEvent } from './client.ts';
import { isKubeError, KubeError } from './kube-error.ts';
import type { Collection, KubeList, KubeObject } from './object.ts';
import { keyOf } from './object.ts';
import { createLatch } from './latch.ts';
import type { Latch } from './latch.ts';

export interface ReflectorOptions extends Selectors {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly collection: Collection;
  /** Objects a page, at most; default 500. */
  readonly pageSize?: number | undefined;
  /** For each page, and for the answer to a watch; default 30 s. */
  readonly listDeadlineMs?: number | undefined;
  /** A watch without event or bookmark for this long is given up; default 90 s. Servers send a bookmark about every minute. */
  readonly silenceMs?: number | undefined;
  /** Default: from 500 ms to 10 s. */
  readonly backoff?: Backoff | undefined;
  /** Between these the server is asked to end each watch; default 300 to 600 s. */
  readonly watchSeconds?: { readonly least: number; readonly most: number } | undefined;
  /** What is kept of an object, its metadata among it; default all of it. */
  readonly keep?: ((object: KubeObject) => KubeObject) | undefined;
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

interface State extends ReflectorOptions {
  readonly cache: Cache;
  readonly handlers: Set<(change: Change) => void>;
  readonly sync: Latch;
  readonly label: string;
  /** Where a watch may go on; undefined: list first. */
  version: string | undefined;
  /** Objects a page: halved for good where a page was too long to be held. */
  limit: number;
  /** A continuation that has expired goes on with a list in one piece, as client-go does. */
  paged: boolean;
  failures: number;
  heard: Instant | undefined;
  trouble: KubeError | undefined;
}

const defaultPageSize = 500;
const defaultListDeadlineMs = 30_000;
const defaultSilenceMs = 90_000;
const defaultWatchSeconds = Object.freeze({ least: 300, most: 600 });
const defaultBackoff: Backoff = { baseMs: 500, capMs: 10_000 };
/** A watch that lasted this long shows that the server is well, even if nothing happened in it. */
const healthyWatchMs = 30_000;

export function createReflector(options: ReflectorOptions): Reflector {
  const state: State = {
    ...options,
    cache: createCache(),
    handlers: new Set(),
    sync: createLatch(),
    label: `kube.reflector.${options.client.cluster}.${options.collection.resource}`,
    version: undefined,
    limit: options.pageSize ?? defaultPageSize,
    paged: true,
    failures: 0,
    heard: undefined,
    trouble: undefined,
  };
  return {
    cache: state.cache,
    run: (signal) => run(state, signal),
    synced: () => state.sync.opened(),
    whenSynced: (signal) => state.sync.wait(signal),
    lastHeard: () => state.heard,
    trouble: () => state.trouble,
    subscribe: (handler) => {
      for (const object of state.cache.all()) tell(state, handler, { type: 'add', key: keyOf(object), object });
      state.handlers.add(handler);
      return () => {
        state.handlers.delete(handler);
      };
    },
  };
}

async function run(state: State, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      state.version ??= await list(state, signal);
      await watch(state, state.version, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      await pause(state.clock, recover(state, error), signal);
    }
  }
}

/** Returns the version to watch from. */
async function list(state: State, signal: AbortSignal): Promise<string> {
  const begun = instant(state.clock);
  let page = await readPage(state, undefined, signal);
  // Page by page, for what is dropped may be most of it.
  const items: KubeObject[] = [...kept(state, page.items)];
  while (page.continue !== undefined) {
    page = await readPage(state, page.continue, signal);
    items.push(...kept(state, page.items));
  }
  state.paged = true;
  hear(state, begun);
  announce(state, state.cache.replace(items));
  state.sync.open();
  return page.resourceVersion;
}

/** A continuation holds for any limit, so that a page that was too long is asked for again, shorter. */
async function readPage(state: State, next: string | undefined, signal: AbortSignal): Promise<KubeList> {
  const { client, collection, labelSelector, fieldSelector } = state;
  const call = { deadlineMs: state.listDeadlineMs ?? defaultListDeadlineMs, signal };
  for (;;) {
    const limit = state.paged ? state.limit : undefined;
    try {
      return await client.list(collection, { labelSelector, fieldSelector, limit, continue: next }, call);
    } catch (error) {
      if (!isKubeError(error, 'TooLong') || limit === undefined || limit <= 1) throw error;
      state.limit = Math.floor(limit / 2);
    }
  }
}

/** Returns after a watch that the server ended in good order and that may be resumed. */
async function watch(state: State, resourceVersion: string, signal: AbortSignal): Promise<void> {
  const { client, clock, collection, labelSelector, fieldSelector } = state;
  // Spread over some minutes, or all watches of a restarted server end together for ever after.
  const { least, most } = state.watchSeconds ?? defaultWatchSeconds;
  const timeoutSeconds = least + Math.floor(state.random.next(`${state.label}.timeout`) * (most - least));
  const query = { labelSelector, fieldSelector, resourceVersion, timeoutSeconds };
  const openMs = state.listDeadlineMs ?? defaultListDeadlineMs;
  const silenceMs = state.silenceMs ?? defaultSilenceMs;
  const begun = clock.monotonic();
  let heard = false;
  try {
    for await (const event of client.watch(collection, query, { openMs, silenceMs, signal })) {
      heard = true;
      follow(state, event);
    }
  } finally {
    if (heard || clock.monotonic() - begun >= healthyWatchMs) state.failures = 0;
  }
  if (!heard && clock.monotonic() - begun < 1000) {
    throw new KubeError({ code: 'Unavailable', message: 'the watch ended at once' });
  }
}

function follow(state: State, event: WatchEvent): void {
  hear(state, instant(state.clock));
  if (event.type === 'BOOKMARK') {
    state.version = event.resourceVersion;
    return;
  }
  state.version = event.object.metadata.resourceVersion;
  const [object = event.object] = kept(state, [event.object]);
  announce(state, event.type === 'DELETED' ? state.cache.drop(object) : state.cache.put(object));
}

function kept({ keep }: State, objects: readonly KubeObject[]): readonly KubeObject[] {
  return keep === undefined ? objects : objects.map(keep);
}

function hear(state: State, at: Instant): void {
  state.heard = at;
  state.trouble = undefined;
}

/** Prepares for listing again, in the ms it returns. */
function recover(state: State, error: unknown): number {
  // Without a version it was a list that failed.
  state.paged = !(isKubeError(error, 'Gone') && state.version === undefined);
  state.version = undefined;
  state.failures += 1;
  if (isKubeError(error)) state.trouble = error;
  const asked = isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
  const drawn = backoffMs(state.random, state.label, state.failures, state.backoff ?? defaultBackoff);
  const retryInMs = Math.max(asked, drawn);
  const level = !isKubeError(error) ? 'error' : state.failures > 1 ? 'warn' : 'info';
  const { resource, namespace } = state.collection;
  state.log.log(level, 'watch interrupted', { cluster: state.client.cluster, resource, namespace, error, retryInMs });
  return retryInMs;
}

/** A function, for a test of the property itself would be taken as settled by the type checker. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (reason) {
    // Only the shutdown interrupts the pause, and the loop sees that itself.
    if (!signal.aborted) throw reason;
  }
}

function announce(state: State, changes: readonly Change[]): void {
  for (const change of changes) for (const handler of state.handlers) tell(state, handler, change);
}

function tell(state: State, handler: (change: Change) => void, change: Change): void {
  try {
    handler(change);
  } catch (error) {
    state.log.log('error', 'a watch handler failed', { cluster: state.client.cluster, key: change.key, error });
  }
}
