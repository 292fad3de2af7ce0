import { ApiError } from './api-error.ts';
import { groupList, groupOf, legacyVersions, resourceList } from './discovery.ts';
import type { JsonObject } from './json.ts';
import { JSON_HEADERS, type ApiRequest, type ApiResponse } from './messages.ts';
import { openApiDocument, openApiIndex, versionInfo } from './openapi.ts';
import type { Target } from './request-target.ts';
import type { TypeRegistry } from './type-registry.ts';

/** Discovery, OpenAPI, health and version. @throws ApiError 404 */
export function answerOther(
  types: TypeRegistry,
  target: Exclude<Target, { kind: 'resource' }>,
  request: ApiRequest,
): ApiResponse {
  if (target.kind === 'discovery') return json(discover(types, target.group, target.version, request));
  const { path } = target;
  if (['/healthz', '/livez', '/readyz'].includes(path)) {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' };
  }
  if (path === '/version' || path === '/version/') return json(versionInfo());
  if (path === '/openapi/v3') return json(openApiIndex(types.all()));
  if (path.startsWith('/openapi/v3/')) return json(openApiDocument(types.all(), path.slice('/openapi/v3/'.length)));
  throw unknownPath();
}

function discover(
  types: TypeRegistry,
  group: string | undefined,
  version: string | undefined,
  request: ApiRequest,
): JsonObject | undefined {
  if (group === undefined) return groupList(types.all());
  if (version !== undefined) return resourceList(types.all(), group, version);
  return group === '' ? legacyVersions(request.headers['host'] ?? '') : groupOf(types.all(), group);
}

function json(object: JsonObject | undefined): ApiResponse {
  if (object === undefined) throw unknownPath();
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(object) };
}

function unknownPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}
