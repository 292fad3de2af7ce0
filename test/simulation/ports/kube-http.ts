import type { HttpRequest } from '../../../src/ports/http.ts';
import type { ApiRequest, ApiResponse } from '../../../src/sandbox/models/kube-api/index.ts';
import type { HttpEndpoint } from './world.ts';

/** What of the Kubernetes API's model is needed here. */
export interface KubeApiHandler {
  handle(request: ApiRequest): ApiResponse;
}

/** Questions that are asked by POST. */
const REVIEWS =
  /\/(?:tokenreviews|(?:selfsubject|subject|localsubject)accessreviews|selfsubjectreviews|selfsubjectrulesreviews)$/;

/** The Kubernetes API's model at an address of the simulated network. `api` may be a function, for one that is replaced. */
export function kubeEndpoint(
  api: KubeApiHandler | (() => KubeApiHandler),
  where: Omit<HttpEndpoint, 'handle' | 'mutates'> = {},
): HttpEndpoint {
  return {
    ...where,
    mutates,
    handle: (request) => (typeof api === 'function' ? api() : api).handle(apiRequest(request)),
  };
}

function apiRequest({ method, url, headers, body }: HttpRequest): ApiRequest {
  const { pathname, search } = new URL(url);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const head = { method, path: `${pathname}${search}`, headers: lower };
  return body === undefined ? head : { ...head, body };
}

function mutates({ method, url }: HttpRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const { pathname, searchParams } = new URL(url);
  return !searchParams.has('dryRun') && !REVIEWS.test(pathname);
}
