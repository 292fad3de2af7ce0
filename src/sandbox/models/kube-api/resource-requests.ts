import { accessReview } from './access-review.ts';
import { checkAccess, checkImpersonation, type Identity } from './access.ts';
import { ApiError, badRequest } from './api-error.ts';
import { auditBody } from './audit.ts';
import { objectAt } from './json.ts';
import { JSON_HEADERS, type ApiRequest, type ApiResponse, type Attributes, type Verb } from './messages.ts';
import { read, selectorsOf } from './read-requests.ts';
import type { ResourceTarget } from './request-target.ts';
import type { ResourceType } from './resource-type.ts';
import { failure, unknownResource, type Call, type Parts } from './server-parts.ts';
import { served } from './watch.ts';
import {
  deleteOptions,
  handleCreate,
  handleDelete,
  handlePatch,
  handleUpdate,
  optionsBody,
  type WriteRequest,
  type WriteResult,
} from './write-requests.ts';

export function answerResource(
  parts: Parts,
  identity: Identity,
  target: ResourceTarget,
  query: URLSearchParams,
  request: ApiRequest,
): ApiResponse {
  const review = accessReview(parts.authorize, identity, target, request);
  if (review !== undefined) return review;
  const type = parts.cluster.types.find(target.group, target.version, target.plural);
  if (type === undefined) {
    {
      return failure(unknownResource());
    }
  }
  const call: Call = { request, target, type, query };
  const verb = verbOf(request.method, target, query);
  if (verb === undefined) {
    return failure(
      new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'),
    );
  }
  const attributes = attributesOf(identity.effective, verb, target);
  const dryRun = query.has('dryRun');
  const record = (code: number, changed: boolean, name?: string): void => {
    const mutation = !['get', 'list', 'watch'].includes(verb);
    const body = mutation ? auditBody(type.storage, request.body) : undefined;
    parts.audit?.({
      ...attributes,
      ...(name === undefined ? {} : { name }),
      at: parts.cluster.now(),
      cluster: parts.name,
      user: identity.user,
      ...(identity.impersonated === undefined ? {} : { impersonated: identity.impersonated }),
      code,
      dryRun,
      changed: changed && !dryRun,
      ...(body === undefined ? {} : { body }),
    });
  };
  try {
    checkImpersonation(parts.authorize, identity);
    checkAccess(parts.authorize, named(attributes, query));
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

/** A list or watch of one name counts as a request for it (apiserver `request/requestinfo.go`). */
function named(attributes: Attributes, query: URLSearchParams): Attributes {
  if (attributes.name !== undefined) return attributes;
  const name = /^metadata\.name==?([^,=]+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  return name === undefined ? attributes : { ...attributes, name };
}

function attributesOf(user: string, verb: Verb, target: ResourceTarget): Attributes & { readonly verb: Verb } {
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

type WriteVerb = 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

function change(parts: Parts, call: Call, verb: WriteVerb): { result: WriteResult; response: ApiResponse } {
  const { type, target, query, request } = call;
  const { types } = parts.cluster;
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
}

function perform(parts: Parts, write: WriteRequest, verb: WriteVerb): WriteResult {
  const { writer } = parts.cluster;
  switch (verb) {
    case 'create':
      return handleCreate(writer, write);
    case 'update':
      return handleUpdate(writer, write);
    case 'patch':
      return handlePatch(writer, write);
    case 'delete':
      return handleDelete(writer, write);
    case 'deletecollection':
      return deleteCollection(parts, write);
  }
}

function checkSubresource(type: ResourceType, subresource: string | undefined): void {
  if (subresource === undefined) return;
  if (subresource === 'status' && type.status) return;
  if (subresource === 'scale' && type.scale !== undefined) return;
  throw unknownResource();
}

function deleteCollection(parts: Parts, write: WriteRequest): WriteResult {
  const { type, stored, namespace, query, request } = write;
  const matches = selectorsOf(type, query, undefined);
  const how = deleteOptions(query, optionsBody(request));
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
