import type { ModelTime } from '../time.ts';
import { authenticate, checkAccess, type Authorize, type Identity, type Tokens } from './access.ts';
import { ApiError, badRequest, invalid, notFound, statusOf } from './api-error.ts';
import { auditBody } from './audit.ts';
import { createCluster, type Cluster } from './cluster.ts';
import { startControllers, type ControllerOptions, type Controllers } from './controllers/controllers.ts';
import { createCrdCompiler, type CompiledCrd, type CrdCompiler } from './crd/compile-crd.ts';
import { isObject, objectAt, parseJson, type Json, type JsonObject } from './json.ts';
import { createLists, type Lists } from './list.ts';
import {
  JSON_HEADERS,
  type ApiRequest,
  type ApiResponse,
  type Attributes,
  type AuditEntry,
  type Verb,
} from './messages.ts';
import { answerOther } from './other-paths.ts';
import type { PodRuntime } from './pod-runtime.ts';
import { readTarget, type ResourceTarget } from './request-target.ts';
import type { ResourceType } from './resource-type.ts';
import { fieldSelector, labelSelector, type Predicate } from './selectors.ts';
import { tableOf, type IncludeObject } from './table/table.ts';
import { createWatches, served, timeoutFrom, type Watches } from './watch.ts';
import {
  deleteOptions,
  handleCreate,
  handleDelete,
  handlePatch,
  handleUpdate,
  scaleOf,
  type WriteRequest,
  type WriteResult,
} from './write-requests.ts';

export interface KubeApiOptions {
  /** The cluster's name, in audit entries and for the pod runtime. */
  readonly name: string;
  readonly time: ModelTime;
  /** The UID of the namespace kube-system. */
  readonly clusterUid: string;
  readonly pods: PodRuntime;
  readonly audit?: (entry: AuditEntry) => void;
  readonly tokens?: Tokens;
  readonly authorize?: Authorize;
  /** What `snapshot` returned: the cluster as it was, its history gone. `crds` is then ignored. */
  readonly restore?: string;
  /** Definitions to begin with, compiled; share them among clusters, compiling is what costs. */
  readonly crds?: readonly CompiledCrd[];
  /** Compiles definitions that clients create; share one among clusters. */
  readonly compile?: CrdCompiler;
  /** Versions of history kept for watches; at most twice as many are. Default 2000. */
  readonly historyLimit?: number;
  /** Default 60,000, as the real server's. */
  readonly bookmarkMs?: number;
  readonly controllers?: ControllerOptions;
}

export interface KubeApi {
  readonly name: string;
  /** Never throws for what a client sends. Watches of the result must be started before the next call. */
  handle(request: ApiRequest): ApiResponse;
  /** All objects and the resourceVersion, as JSON. */
  snapshot(): string;
  /** Stops the pods without `done` being awaited, ends the watches, takes no more time: the region is gone. */
  destroy(): void;
  readonly hooks: KubeApiHooks;
}

/** For tests and faults: what a real server does by itself at times of its own. */
export interface KubeApiHooks {
  /** Compacts the history: resourceVersions up to now are Gone. */
  expireHistory(): void;
  endWatches(): void;
  sendBookmarks(): void;
  watches(): number;
  resourceVersion(): string;
  /** An object as stored, or undefined. `storage` is `group/plural`: `apps/deployments`, `/pods`. */
  read(storage: string, namespace: string, name: string): JsonObject | undefined;
  list(storage: string, namespace?: string): readonly JsonObject[];
}

interface Parts {
  readonly options: KubeApiOptions;
  readonly cluster: Cluster;
  readonly lists: Lists;
  readonly watches: Watches;
  readonly controllers: Controllers;
}

interface Call {
  readonly request: ApiRequest;
  readonly target: ResourceTarget;
  readonly type: ResourceType;
  readonly query: URLSearchParams;
}

const WATCH_TIMEOUT_MS = 1_800_000;

export function createKubeApi(options: KubeApiOptions): KubeApi {
  const { time } = options;
  const cluster = createCluster({
    clusterUid: options.clusterUid,
    now: () => time.now(),
    historyLimit: options.historyLimit ?? 2000,
    compile: options.compile ?? createCrdCompiler(),
    crds: options.crds ?? [],
    restore: options.restore === undefined ? undefined : parseJson(options.restore),
  });
  const { store, identities } = cluster;
  const watches = createWatches(store, time, options.bookmarkMs ?? 60_000);
  const controllers = startControllers(cluster, time, options.pods, options.name, options.controllers ?? {});
  const parts: Parts = { options, cluster, lists: createLists(store), watches, controllers };
  return {
    name: options.name,
    handle: (request) => handle(parts, request),
    snapshot: () => JSON.stringify({ ...store.dump(), identities: identities.count() }),
    destroy: () => {
      watches.endAll();
      controllers.stop();
    },
    hooks: {
      expireHistory: () => {
        store.compact();
      },
      endWatches: () => {
        watches.endAll();
      },
      sendBookmarks: () => {
        watches.bookmark();
      },
      watches: () => watches.count(),
      resourceVersion: () => String(store.revision()),
      read: (storage, namespace, name) => store.get(storage, namespace, name)?.object,
      list: (storage, namespace) => store.list(storage, namespace).map(({ object }) => object),
    },
  };
}

function handle(parts: Parts, request: ApiRequest): ApiResponse {
  const mark = request.path.indexOf('?');
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1));
  try {
    const target = readTarget(path);
    if (target.kind !== 'resource') {
      if (!isPublic(path)) authenticate(parts.options.tokens, request);
      return answerOther(parts.cluster.types, target, request);
    }
    const identity = authenticate(parts.options.tokens, request);
    return answerResource(parts, identity, target.resource, query, request);
  } catch (error) {
    if (error instanceof ApiError) return failure(error);
    throw error;
  }
}

function isPublic(path: string): boolean {
  return ['/healthz', '/livez', '/readyz', '/version'].some((one) => path === one || path.startsWith(`${one}/`));
}

function failure(error: ApiError): ApiResponse {
  const retry = error.details['retryAfterSeconds'];
  const headers = typeof retry === 'number' ? { ...JSON_HEADERS, 'retry-after': String(retry) } : JSON_HEADERS;
  return { status: error.code, headers, body: JSON.stringify(statusOf(error)) };
}

function answerResource(
  parts: Parts,
  identity: Identity,
  target: ResourceTarget,
  query: URLSearchParams,
  request: ApiRequest,
): ApiResponse {
  const review = accessReview(parts.options.authorize, identity, target, request);
  if (review !== undefined) return review;
  const type = parts.cluster.types.find(target.group, target.version, target.plural);
  if (type === undefined)
    {return failure(new ApiError(404, 'NotFound', 'the server could not find the requested resource'));}
  const call: Call = { request, target, type, query };
  const verb = verbOf(request.method, target, query);
  if (verb === undefined)
    {return failure(
      new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'),
    );}
  const attributes = attributesOf(identity.effective, verb, target);
  const dryRun = query.has('dryRun');
  const record = (code: number, changed: boolean, name?: string): void => {
    const mutation = !['get', 'list', 'watch'].includes(verb);
    const body = mutation ? auditBody(type.storage, request.body) : undefined;
    parts.options.audit?.({
      ...attributes,
      ...(name === undefined ? {} : { name }),
      at: parts.cluster.now(),
      cluster: parts.options.name,
      user: identity.user,
      ...(identity.impersonated === undefined ? {} : { impersonated: identity.impersonated }),
      code,
      dryRun,
      changed: changed && !dryRun,
      ...(body === undefined ? {} : { body }),
    });
  };
  try {
    checkAccess(parts.options.authorize, attributes);
    if (verb === 'get' || verb === 'list' || verb === 'watch') {
      const response = read(parts, call, verb);
      record(response.status, false);
      return response;
    }
    const { result, response } = change(parts, call, verb);
    const made = verb === 'create' ? objectAt(result.object, 'metadata')['name'] : undefined;
    record(result.status, result.changed, typeof made === 'string' ? made : undefined);
    return response;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    record(error.code, false);
    return failure(error);
  }
}

function attributesOf(user: string, verb: Verb, target: ResourceTarget): Attributes {
  const { group, plural, namespace, name, subresource } = target;
  return {
    user,
    verb,
    group,
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === '' ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

function verbOf(method: string, target: ResourceTarget, query: URLSearchParams): Verb | undefined {
  const watching = query.get('watch') === 'true' || query.get('watch') === '1';
  switch (method) {
    case 'GET':
      if (watching && target.subresource === undefined) return 'watch';
      return target.name === undefined ? 'list' : 'get';
    case 'POST':
      return target.name === undefined ? 'create' : undefined;
    case 'PUT':
      return target.name === undefined ? undefined : 'update';
    case 'PATCH':
      return target.name === undefined ? undefined : 'patch';
    case 'DELETE':
      return target.name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

function read(parts: Parts, call: Call, verb: 'get' | 'list' | 'watch'): ApiResponse {
  const { type, target, query, request } = call;
  const table = tableWanted(request.headers['accept'], query);
  if (verb === 'get') return get(parts, call, table);
  const namespace = type.namespaced && target.namespace !== '' ? target.namespace : undefined;
  const matches = selectorsOf(type, query, target.name);
  refuseInitialEvents(query);
  const resourceVersion = query.get('resourceVersion') ?? undefined;
  if (verb === 'watch') {
    const timeoutMs = timeoutFrom(query.get('timeoutSeconds'), WATCH_TIMEOUT_MS);
    const bookmarks = query.get('allowWatchBookmarks') === 'true';
    return parts.watches.open({ type, namespace, matches, resourceVersion, bookmarks, timeoutMs, table });
  }
  const body = parts.lists.list(
    {
      type,
      namespace,
      matches,
      resourceVersion,
      resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
      limit: Number(query.get('limit') ?? '0'),
      continueToken: query.get('continue') ?? undefined,
      table,
    },
    parts.cluster.now(),
  );
  return { status: 200, headers: JSON_HEADERS, body };
}

/** Clients that want a streaming list fall back to list and watch on this answer; ignoring the wish would hang them. */
function refuseInitialEvents(query: URLSearchParams): void {
  if (query.get('sendInitialEvents') !== 'true') return;
  throw invalid({ group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' }, '', [
    {
      reason: 'FieldValueForbidden',
      field: 'sendInitialEvents',
      message: 'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    },
  ]);
}

function selectorsOf(type: ResourceType, query: URLSearchParams, name: string | undefined): Predicate | undefined {
  const labels = labelSelector(query.get('labelSelector'));
  const fields = fieldSelector(query.get('fieldSelector'), type.selectable);
  const named: Predicate | undefined =
    name === undefined ? undefined : (object) => objectAt(object, 'metadata')['name'] === name;
  const all = [labels, fields, named].filter((one) => one !== undefined);
  return all.length === 0 ? undefined : (object) => all.every((one) => one(object));
}

function tableWanted(accept: string | undefined, query: URLSearchParams): IncludeObject | undefined {
  if (accept?.includes('as=Table') !== true) return undefined;
  const include = query.get('includeObject');
  return include === 'Object' || include === 'None' ? include : 'Metadata';
}

function get(parts: Parts, call: Call, table: IncludeObject | undefined): ApiResponse {
  const { type, target } = call;
  const stored = parts.cluster.store.get(type.storage, type.namespaced ? target.namespace : '', target.name ?? '');
  if (stored === undefined) throw notFound(type, target.name ?? '');
  const object = served(type, stored.object);
  switch (target.subresource) {
    case undefined:
    case 'status':
      break;
    case 'scale':
      if (type.scale !== undefined) return whole(200, scaleOf(type, object));
      throw noSubresource();
    case 'log':
      if (type.storage !== '/pods') throw noSubresource();
      return {
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: parts.controllers.logOf(object, call.query),
      };
    default:
      throw noSubresource();
  }
  if (table !== undefined) {
    const metadata = { resourceVersion: String(stored.revision) };
    return whole(
      200,
      tableOf(type, [object], metadata, { include: table, now: parts.cluster.now(), definitions: true }),
    );
  }
  return {
    status: 200,
    headers: JSON_HEADERS,
    body: type.project === undefined ? stored.text() : JSON.stringify(object),
  };
}

function noSubresource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}

function whole(status: number, object: Json): ApiResponse {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(object) };
}

type WriteVerb = 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

function change(parts: Parts, call: Call, verb: WriteVerb): { result: WriteResult; response: ApiResponse } {
  const { type, target, query, request } = call;
  const { writer, types } = parts.cluster;
  checkSubresource(type, target.subresource);
  const write: WriteRequest = {
    type,
    stored: types.stored(type.storage) ?? type,
    namespace: type.namespaced ? target.namespace : '',
    name: target.name ?? '',
    subresource: target.subresource,
    query,
    request,
  };
  if (type.namespaced && write.namespace === '') throw badRequest('an empty namespace may not be set during creation');
  const result = perform(parts, write, verb);
  const warnings = result.warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
  const headers = warnings === '' ? JSON_HEADERS : { ...JSON_HEADERS, warning: warnings };
  const stored = parts.cluster.store.get(type.storage, write.namespace, write.name);
  const text = stored?.object === result.object ? stored.text() : JSON.stringify(result.object);
  return { result, response: { status: result.status, headers, body: text } };

  function perform(all: Parts, one: WriteRequest, asked: WriteVerb): WriteResult {
    switch (asked) {
      case 'create':
        return handleCreate(writer, one);
      case 'update':
        return handleUpdate(writer, one);
      case 'patch':
        return handlePatch(writer, one);
      case 'delete':
        return handleDelete(writer, one);
      case 'deletecollection':
        return deleteCollection(all, one);
    }
  }
}

function checkSubresource(type: ResourceType, subresource: string | undefined): void {
  if (subresource === undefined) return;
  if (subresource === 'status' && type.status) return;
  if (subresource === 'scale' && type.scale !== undefined) return;
  throw noSubresource();
}

function deleteCollection(parts: Parts, write: WriteRequest): WriteResult {
  const { type, stored, namespace, query, request } = write;
  const matches = selectorsOf(type, query, undefined);
  const given = request.body === undefined || request.body === '' ? {} : parseJson(request.body);
  const how = deleteOptions(query, isObject(given) ? given : {});
  const dryRun = query.has('dryRun');
  const chosen = parts.cluster.store
    .list(type.storage, type.namespaced ? namespace : undefined)
    .map(({ object }) => object)
    .filter((object) => matches?.(served(type, object)) ?? true);
  const results = chosen.map((object) => {
    const { name } = objectAt(object, 'metadata');
    return parts.cluster.writer.remove(stored, namespace, typeof name === 'string' ? name : '', how, { dryRun });
  });
  return {
    status: 200,
    object: {
      kind: type.listKind,
      apiVersion: 'v1',
      metadata: {},
      items: results.map((one) => served(type, one.object)),
    },
    changed: results.some((one) => one.changed),
    dryRun,
    warnings: [],
  };
}

/** SelfSubjectAccessReview, by which clients learn their rights beforehand. */
function accessReview(
  authorize: Authorize | undefined,
  identity: Identity,
  target: ResourceTarget,
  request: ApiRequest,
): ApiResponse | undefined {
  const asked = target.group === 'authorization.k8s.io' && target.plural === 'selfsubjectaccessreviews';
  if (!asked || request.method !== 'POST' || request.body === undefined) return undefined;
  const body = parseJson(request.body);
  const wish = objectAt(body, 'spec', 'resourceAttributes');
  const text = (key: string): string => {
    const value = wish[key];
    return typeof value === 'string' ? value : '';
  };
  const why = authorize?.({
    user: identity.effective,
    verb: text('verb') as Verb,
    group: text('group'),
    resource: text('resource'),
    ...(text('subresource') === '' ? {} : { subresource: text('subresource') }),
    ...(text('namespace') === '' ? {} : { namespace: text('namespace') }),
    ...(text('name') === '' ? {} : { name: text('name') }),
  });
  const status = why === undefined ? { allowed: true } : { allowed: false, reason: why };
  return whole(201, { ...(isObject(body) ? body : {}), status });
}
