import { ApiError, badRequest, gone, statusOf } from './api-error.ts';
import { numberAt, objectAt, stringAt, withAt, type JsonObject } from './json.ts';
import { JSON_HEADERS, type StreamResponse } from './messages.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import type { Predicate } from './selectors.ts';
import type { Change, Store, Stored } from './store.ts';
import { tableOf, type IncludeObject } from './table/table.ts';
import type { ModelTime } from '../time.ts';

export interface WatchQuery {
  readonly type: ResourceType;
  /** undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly matches: Predicate | undefined;
  /** As given; undefined or `0` begin with the objects that are there. */
  readonly resourceVersion: string | undefined;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  readonly table: IncludeObject | undefined;
}

export interface Watches {
  open(query: WatchQuery): StreamResponse;
  /** A bookmark to each watch that takes them, now. */
  bookmark(): void;
  /** Ends every watch, as a restarting server does. */
  endAll(): void;
  count(): number;
}

interface Watch {
  readonly end: () => void;
  readonly bookmark: (() => void) | undefined;
}

interface State {
  readonly store: Store;
  readonly time: ModelTime;
  readonly bookmarkMs: number;
  readonly open: Set<Watch>;
  stopTicking: (() => void) | undefined;
}

export function createWatches(store: Store, time: ModelTime, bookmarkMs: number): Watches {
  const state: State = { store, time, bookmarkMs, open: new Set(), stopTicking: undefined };
  return {
    open: (query) => {
      const from = startRevision(query.resourceVersion, store.revision());
      return { status: 200, headers: JSON_HEADERS, stream: (emit, end) => start(state, query, from, emit, end) };
    },
    bookmark: () => {
      bookmarkAll(state);
    },
    endAll: () => {
      for (const watch of [...state.open]) watch.end();
    },
    count: () => state.open.size,
  };
}

function bookmarkAll(state: State): void {
  for (const watch of [...state.open]) watch.bookmark?.();
}

/** One timer for all watches, and none while nobody wants bookmarks: an idle cluster causes no events. */
function keepTicking(state: State): void {
  const wanted = [...state.open].some((watch) => watch.bookmark !== undefined);
  if (!wanted) {
    state.stopTicking?.();
    state.stopTicking = undefined;
    return;
  }
  state.stopTicking ??= state.time.after(state.bookmarkMs, () => {
    state.stopTicking = undefined;
    bookmarkAll(state);
    keepTicking(state);
  });
}

function start(
  state: State,
  query: WatchQuery,
  from: number | undefined,
  emit: (line: string) => void,
  end: () => void,
): () => void {
  const { store, time } = state;
  const write = eventWriter(query, time, emit);
  const missed = from === undefined ? [] : store.since(from);
  if (missed === undefined) {
    write.error(gone(`too old resource version: ${String(from)} (${String(store.revision())})`));
    end();
    return () => undefined;
  }
  const present = from === undefined ? store.list(query.type.storage, query.namespace) : [];
  for (const stored of present) write.initial(stored);
  for (const change of missed) write.change(change);
  const unsubscribe = store.subscribe(write.change);
  const stop = (): void => {
    state.open.delete(watch);
    unsubscribe();
    cancelTimeout();
    keepTicking(state);
  };
  const cancelTimeout = time.after(query.timeoutMs, () => {
    watch.bookmark?.();
    watch.end();
  });
  const bookmark = (): void => {
    write.bookmark(store.revision());
  };
  const watch: Watch = {
    end: () => {
      stop();
      end();
    },
    bookmark: query.bookmarks ? bookmark : undefined,
  };
  state.open.add(watch);
  keepTicking(state);
  return stop;
}

/** @throws ApiError 400, or 504 where the version lies in the future (a store restored from an older snapshot). */
function startRevision(given: string | undefined, current: number): number | undefined {
  if (given === undefined || given === '' || given === '0') return undefined;
  const revision = parseRevision(given);
  if (revision > current) throw tooLarge(revision, current);
  return revision;
}

/** @throws ApiError 400 */
export function parseRevision(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(`invalid resource version: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}

export function tooLarge(revision: number, current: number): ApiError {
  return new ApiError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${String(revision)}, current: ${String(current)}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

interface EventWriter {
  readonly initial: (stored: Stored) => void;
  readonly change: (change: Change) => void;
  readonly bookmark: (revision: number) => void;
  readonly error: (error: ApiError) => void;
}

function eventWriter(query: WatchQuery, time: ModelTime, emit: (line: string) => void): EventWriter {
  const { type, namespace } = query;
  let definitions = true;
  const matches = (stored: Stored | undefined): boolean =>
    stored !== undefined && (query.matches === undefined || query.matches(served(type, stored.object)));

  const send = (kind: string, stored: Stored): void => {
    emit(`{"type":"${kind}","object":${textOf(stored)}}\n`);
  };
  const textOf = (stored: Stored): string => {
    if (query.table === undefined) {
      return type.project === undefined ? stored.text() : JSON.stringify(type.project(stored.object));
    }
    const object = served(type, stored.object);
    const metadata = { resourceVersion: stringAt(object, 'metadata', 'resourceVersion') ?? '' };
    const table = tableOf(type, [object], metadata, { include: query.table, now: time.now(), definitions });
    definitions = false;
    return JSON.stringify(table);
  };

  return {
    initial: (stored) => {
      if (matches(stored)) send('ADDED', stored);
    },
    change: (change) => {
      if (change.storage !== type.storage || (namespace !== undefined && change.namespace !== namespace)) return;
      const now = change.kind !== 'DELETED' && matches(change.stored);
      const before = matches(change.previous);
      if (now) send(before ? 'MODIFIED' : 'ADDED', change.stored);
      else if (before) send('DELETED', change.kind === 'DELETED' ? change.stored : departed(change));
    },
    bookmark: (revision) => {
      const metadata = { resourceVersion: String(revision), creationTimestamp: null };
      const object = { kind: type.kind, apiVersion: apiVersionOf(type), metadata };
      const table = { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: [] };
      emit(`${JSON.stringify({ type: 'BOOKMARK', object: query.table === undefined ? object : table })}\n`);
    },
    error: (error) => {
      emit(`${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`);
    },
  };
}

/** An object that stopped matching is shown as it was when it last did, at the version that took it away. */
function departed(change: Change): Stored {
  const object = withAt(
    objectAt(change.previous?.object),
    ['metadata', 'resourceVersion'],
    String(change.stored.revision),
  );
  return { object, revision: change.stored.revision, text: () => JSON.stringify(object) };
}

export function served(type: ResourceType, stored: JsonObject): JsonObject {
  return type.project === undefined ? stored : type.project(stored);
}

/** Seconds from a query, or the given default in ms. */
export function timeoutFrom(text: string | null, fallbackMs: number): number {
  const seconds = text === null ? undefined : numberAt(Number(text));
  return seconds !== undefined && seconds > 0 ? seconds * 1000 : fallbackMs;
}
