import { invalid, notFound } from './api-error.ts';
import { objectAt } from './json.ts';
import { JSON_HEADERS, type ApiResponse } from './messages.ts';
import type { ResourceType } from './resource-type.ts';
import { fieldSelector, labelSelector, type Predicate } from './selectors.ts';
import { unknownResource, whole, type Call, type Parts } from './server-parts.ts';
import { tableOf, type IncludeObject } from './table/table.ts';
import { served, timeoutFrom } from './watch.ts';
import { scaleOf } from './write-requests.ts';

const WATCH_TIMEOUT_MS = 1_800_000;

export function read(parts: Parts, call: Call, verb: 'get' | 'list' | 'watch'): ApiResponse {
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

export function selectorsOf(
  type: ResourceType,
  query: URLSearchParams,
  name: string | undefined,
): Predicate | undefined {
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
      throw unknownResource();
    case 'log':
      if (type.storage !== '/pods') throw unknownResource();
      return {
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: parts.controllers.logOf(object, call.query),
      };
    default:
      throw unknownResource();
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
