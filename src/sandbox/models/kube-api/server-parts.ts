import type { Authorize } from './access.ts';
import { ApiError, statusOf } from './api-error.ts';
import type { Cluster } from './cluster.ts';
import type { Controllers } from './controllers/controllers.ts';
import type { Json } from './json.ts';
import type { Lists } from './list.ts';
import { JSON_HEADERS, type ApiRequest, type AuditEntry, type WholeResponse } from './messages.ts';
import type { ResourceTarget } from './request-target.ts';
import type { ResourceType } from './resource-type.ts';
import type { Watches } from './watch.ts';

/** What a request is answered from. */
export interface Parts {
  readonly name: string;
  readonly audit: ((entry: AuditEntry) => void) | undefined;
  readonly authorize: Authorize | undefined;
  readonly cluster: Cluster;
  readonly lists: Lists;
  readonly watches: Watches;
  readonly controllers: Controllers;
}

/** A request for a resource that is served. */
export interface Call {
  readonly request: ApiRequest;
  readonly target: ResourceTarget;
  readonly type: ResourceType;
  readonly query: URLSearchParams;
}

export function failure(error: ApiError): WholeResponse {
  const retry = error.details['retryAfterSeconds'];
  const headers = typeof retry === 'number' ? { ...JSON_HEADERS, 'retry-after': String(retry) } : JSON_HEADERS;
  return { status: error.code, headers, body: JSON.stringify(statusOf(error)) };
}

export function whole(status: number, object: Json): WholeResponse {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(object) };
}

/** Also for a subresource that the resource lacks. */
export function unknownResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}
