import type { Clock } from '../ports/clock.ts';
import { withDeadline } from '../ports/deadline.ts';
import type { Files } from '../ports/files.ts';
import type { Http } from '../ports/http.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';
import { createCredentials } from './credentials.ts';
import { jsonLines } from './json-lines.ts';
import type { JsonRecord } from './json.ts';
import { isRecord, numberAt } from './json.ts';
import { errorFromPort, errorFromStatus, KubeError } from './kube-error.ts';
import type { Limiter } from './limiter.ts';
import type { Collection, KubeList, KubeObject, ObjectRef } from './object.ts';
import { collectionPath, objectPath, parseList, parseObject } from './object.ts';
import type { Call, CallOutcome, KubeRequest, Transport } from './transport.ts';
import { createTransport } from './transport.ts';

export interface Selectors {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListQuery extends Selectors {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface WatchQuery extends Selectors {
  readonly resourceVersion: string;
  /** After which the server ends the watch. */
  readonly timeoutSeconds: number;
}

/** `openMs` bounds the answer to the request, `silenceMs` the time without an event or bookmark. */
export interface WatchBounds {
  readonly openMs: number;
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WriteOptions extends Call {
  readonly dryRun?: boolean | undefined;
}

export interface PatchOptions extends WriteOptions {
  /** RFC 7386 on raw JSON: unknown fields survive. With `metadata.resourceVersion` it is a compare-and-swap. */
  readonly type: 'merge';
  readonly subresource?: string | undefined;
}

export interface RemoveOptions extends WriteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

/**
 * One cluster's API, on raw JSON. Every method throws KubeError and ends within its deadline. Reads wait out a 429 within
 * it; a mutation is sent once (again only after a 401 with a renewed token, where nothing happened).
 */
export interface KubeClient {
  readonly cluster: string;
  get(ref: ObjectRef, options: Call & { readonly subresource?: string | undefined }): Promise<KubeObject>;
  list(collection: Collection, query: ListQuery, call: Call): Promise<KubeList>;
  create(collection: Collection, body: JsonRecord, options: WriteOptions): Promise<KubeObject>;
  patch(ref: ObjectRef, body: JsonRecord, options: PatchOptions): Promise<KubeObject>;
  /** Resolves once the deletion is accepted, which finalizers may still hold up. */
  remove(ref: ObjectRef, options: RemoveOptions): Promise<void>;
  /** Ends when the server ends it; throws when it broke, fell silent (`Timeout`) or is too old (`Gone`). */
  watch(collection: Collection, query: WatchQuery, bounds: WatchBounds): AsyncGenerator<WatchEvent, void>;
  /** The same connection, acting as `user`: the cluster's RBAC for that user decides. */
  withImpersonation(user: string): KubeClient;
}

export interface KubeClientOptions {
  readonly ports: { readonly clock: Clock; readonly http: Http; readonly files: Files };
  /** Asked again for each request, so that rotated credentials take effect. */
  readonly access: () => ClusterAccess;
  /** The cluster's name in errors, logs and metrics. */
  readonly cluster: string;
  /** Shared by all clients of the cluster. */
  readonly limiter: Limiter;
  readonly impersonate?: string | undefined;
  readonly onCall?: ((outcome: CallOutcome) => void) | undefined;
}

const maxEventBytes = 32 * 1024 * 1024;
const json = 'application/json';
const mergePatch = 'application/merge-patch+json';

export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { ports, access, cluster, limiter, impersonate, onCall } = options;
  const { clock, http } = ports;
  const credentials = createCredentials(clock, ports.files);
  const transport = createTransport({ clock, http, access, credentials, limiter, cluster, impersonate, onCall });

  return {
    cluster,
    get: (ref, call) =>
      transport.json({ verb: 'get', method: 'GET', path: objectPath(ref, call.subresource) }, call, (value) =>
        parseObject(value),
      ),
    list: (collection, query, call) => {
      const path = withQuery(collectionPath(collection), listQuery(query));
      return transport.json({ verb: 'list', method: 'GET', path }, call, (value, { date }) => ({
        ...parseList(value),
        ...(date === undefined ? {} : { servedAt: date }),
      }));
    },
    create: (collection, body, call) => {
      const path = withQuery(collectionPath(collection), dryRun(call));
      return transport.json({ verb: 'create', method: 'POST', path, contentType: json, body }, call, (value) =>
        parseObject(value),
      );
    },
    patch: (ref, body, call) => {
      const path = withQuery(objectPath(ref, call.subresource), dryRun(call));
      return transport.json({ verb: 'patch', method: 'PATCH', path, contentType: mergePatch, body }, call, (value) =>
        parseObject(value),
      );
    },
    remove: (ref, call) => {
      const path = withQuery(objectPath(ref), dryRun(call));
      const request: KubeRequest = {
        verb: 'delete',
        method: 'DELETE',
        path,
        contentType: json,
        body: deleteOptions(call),
      };
      // The answer is a Status or the object itself; that there is one is all that matters.
      return transport.json(request, call, () => undefined);
    },
    watch: (collection, query, bounds) => watch(options, transport, collection, query, bounds),
    withImpersonation: (user) => createKubeClient({ ...options, impersonate: user }),
  };
}

async function* watch(
  { ports: { clock }, cluster }: KubeClientOptions,
  transport: Transport,
  collection: Collection,
  query: WatchQuery,
  { openMs, silenceMs, signal }: WatchBounds,
): AsyncGenerator<WatchEvent, void> {
  const stream = new AbortController();
  const stop = (): void => stream.abort(signal?.reason);
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const path = withQuery(collectionPath(collection), watchQuery(query));
    const call = { deadlineMs: openMs, signal: stream.signal };
    const response = await transport.open({ verb: 'watch', method: 'GET', path }, call, stream.signal);
    const what = `watch ${collectionPath(collection)} in cluster ${cluster}`;
    const lines = jsonLines(response.body, maxEventBytes);
    const next = (): Promise<IteratorResult<unknown, void>> =>
      withDeadline(clock, silenceMs, stream.signal, () => lines.next());
    yield* watchEvents(next, what);
  } finally {
    signal?.removeEventListener('abort', stop);
    // Also the way to close a connection whose reader stopped early.
    stream.abort();
  }
}

async function* watchEvents(
  next: () => Promise<IteratorResult<unknown, void>>,
  what: string,
): AsyncGenerator<WatchEvent, void> {
  try {
    for (let line = await next(); line.done !== true; line = await next()) yield watchEvent(line.value, what);
  } catch (error) {
    throw errorFromPort(error, { what, outcomeUnknown: false });
  }
}

function watchEvent(value: unknown, what: string): WatchEvent {
  const event = isRecord(value) ? value : {};
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: parseObject(object) };
    case 'BOOKMARK':
      return { type, resourceVersion: bookmarkVersion(object) };
    case 'ERROR':
      throw errorFromStatus((isRecord(object) ? numberAt(object, 'code') : undefined) ?? 500, object, {
        what,
        mutation: false,
      });
    default:
      throw new KubeError({ code: 'Malformed', message: `an event of type ${String(type).slice(0, 40)}` });
  }
}

function bookmarkVersion(object: unknown): string {
  // A bookmark's object has a resourceVersion and nothing else: no name, no UID.
  const metadata = isRecord(object) ? object.metadata : undefined;
  const version = isRecord(metadata) ? metadata.resourceVersion : undefined;
  if (typeof version === 'string' && version !== '') return version;
  throw new KubeError({ code: 'Malformed', message: 'a bookmark without metadata.resourceVersion' });
}

function deleteOptions({ uid, resourceVersion, propagationPolicy }: RemoveOptions): JsonRecord {
  const preconditions = defined({ uid, resourceVersion });
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...defined({ propagationPolicy }),
  };
}

function listQuery({ labelSelector, fieldSelector, limit, continue: next }: ListQuery): Record<string, string> {
  return defined({
    labelSelector,
    fieldSelector,
    limit: limit === undefined ? undefined : String(limit),
    continue: next,
  });
}

function watchQuery({
  labelSelector,
  fieldSelector,
  resourceVersion,
  timeoutSeconds,
}: WatchQuery): Record<string, string> {
  const bounds = { resourceVersion, timeoutSeconds: String(timeoutSeconds), allowWatchBookmarks: 'true' };
  return { watch: 'true', ...bounds, ...defined({ labelSelector, fieldSelector }) };
}

function dryRun({ dryRun: wanted }: WriteOptions): Record<string, string> {
  return wanted === true ? { dryRun: 'All' } : {};
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
