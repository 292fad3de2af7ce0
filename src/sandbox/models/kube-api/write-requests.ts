import { ApiError, badRequest, fieldInvalid, fieldNotSupported, invalid, success } from './api-error.ts';
import {
  at,
  compact,
  isArray,
  isObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
  withAt,
  type Json,
  type JsonObject,
} from './json.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import type { ApiRequest } from './messages.ts';
import type { ResourceType } from './resource-type.ts';
import { selectorText } from './selectors.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';
import type { DeleteOptions, WriteOptions, Writer } from './writer.ts';
import { served } from './watch.ts';

export interface WriteRequest {
  /** As addressed; `stored` is the form it is kept in. */
  readonly type: ResourceType;
  readonly stored: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly request: ApiRequest;
}

export interface WriteResult {
  readonly status: number;
  readonly object: JsonObject;
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly warnings: readonly string[];
}

export function handleCreate(writer: Writer, write: WriteRequest): WriteResult {
  const body = bodyObject(write.request);
  const run = prepareOptions(write);
  const written = writer.create(write.stored, write.namespace, fromServed(write.type, body), run.options);
  return run.result(201, served(write.type, written.object), written.changed);
}

export function handleUpdate(writer: Writer, write: WriteRequest): WriteResult {
  const body = bodyObject(write.request);
  return handleChange(writer, write, () => {
    const revision = stringAt(body, 'metadata', 'resourceVersion') ?? '';
    // Built-in kinds mostly allow a PUT without a version; custom resources and Leases never do.
    if (revision === '' && (write.type.custom || write.type.kind === 'Lease') && write.subresource !== 'scale') {
      const error = fieldInvalid('metadata.resourceVersion', 0, 'must be specified for an update');
      throw invalid(write.type, write.name, [error]);
    }
    return body;
  });
}

export function handlePatch(writer: Writer, write: WriteRequest): WriteResult {
  const media = (write.request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const patch = bodyJson(write.request);
  return handleChange(writer, write, (current) => {
    const next = applyPatch(media, current, patch, write.type);
    if (!isObject(next)) throw badRequest('the patched object is not an object');
    return next;
  });
}

function applyPatch(media: string, current: JsonObject, patch: Json, type: ResourceType): Json {
  switch (media) {
    case 'application/json-patch+json':
      return jsonPatch(current, patch);
    case 'application/merge-patch+json':
      if (!isObject(patch)) throw badRequest('error decoding patch: a merge patch must be an object');
      return mergePatch(current, patch);
    case 'application/strategic-merge-patch+json':
      if (type.custom) throw unsupported(type);
      if (!isObject(patch)) throw badRequest('error decoding patch: a strategic merge patch must be an object');
      return strategicMergePatch(current, patch);
    default:
      throw unsupported(type);
  }
}

function unsupported(type: ResourceType): ApiError {
  const strategic = type.custom ? '' : ', application/strategic-merge-patch+json';
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json${strategic}`,
  );
}

/** Both PUT and PATCH: `next` gets the object, or its scale, as served. */
function handleChange(writer: Writer, write: WriteRequest, next: (current: JsonObject) => JsonObject): WriteResult {
  const { type, stored, namespace, name } = write;
  const run = prepareOptions(write);
  const change =
    write.subresource === 'scale'
      ? (old: JsonObject): JsonObject => scaled(type, old, next)
      : (old: JsonObject): JsonObject => fromServed(type, next(served(type, old)));
  const written = writer.update(stored, namespace, name, change, run.options);
  const object = served(type, written.object);
  return run.result(200, write.subresource === 'scale' ? scaleOf(type, object) : object, written.changed);
}

function scaled(type: ResourceType, old: JsonObject, next: (current: JsonObject) => JsonObject): JsonObject {
  const scale = next(scaleOf(type, old));
  const replicas = at(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw invalid(
      { group: 'autoscaling', plural: type.plural, kind: 'Scale' },
      stringAt(old, 'metadata', 'name') ?? '',
      [fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0')],
    );
  }
  const metadata = objectAt(scale, 'metadata');
  const guarded = {
    ...objectAt(old, 'metadata'),
    ...compact({ resourceVersion: metadata['resourceVersion'], uid: metadata['uid'] }),
  };
  return { ...withAt(old, type.scale?.spec ?? [], replicas), metadata: guarded };
}

/** autoscaling/v1 Scale */
export function scaleOf(type: ResourceType, object: JsonObject): JsonObject {
  const paths = type.scale;
  const metadata = objectAt(object, 'metadata');
  const selector = paths?.selector === undefined ? undefined : at(object, ...paths.selector);
  const text = typeof selector === 'string' ? selector : selectorText(isObject(selector) ? selector : undefined);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: compact({
      name: metadata['name'],
      namespace: metadata['namespace'],
      uid: metadata['uid'],
      resourceVersion: metadata['resourceVersion'],
      creationTimestamp: metadata['creationTimestamp'],
    }),
    spec: { replicas: numberAt(object, ...(paths?.spec ?? [])) ?? 0 },
    status: compact({
      replicas: numberAt(object, ...(paths?.status ?? [])) ?? 0,
      selector: text === '' ? undefined : text,
    }),
  };
}

export function handleDelete(writer: Writer, write: WriteRequest): WriteResult {
  const body = optionsBody(write.request);
  const run = prepareOptions(write, body);
  const deleted = writer.remove(
    write.stored,
    write.namespace,
    write.name,
    deleteOptions(write.query, body),
    run.options,
  );
  if (!deleted.removed) return run.result(200, served(write.type, deleted.object), deleted.changed);
  const details = compact({
    name: write.name,
    group: write.type.group === '' ? undefined : write.type.group,
    kind: write.type.plural,
    uid: stringAt(deleted.object, 'metadata', 'uid'),
  });
  return run.result(200, success(details), deleted.changed);
}

/** The DeleteOptions of a request, which may have none. */
export function optionsBody(request: ApiRequest): JsonObject {
  return request.body === undefined || request.body === '' ? {} : bodyObject(request);
}

export function deleteOptions(query: URLSearchParams, body: JsonObject): DeleteOptions {
  const policy = query.get('propagationPolicy') ?? stringAt(body, 'propagationPolicy') ?? 'Background';
  if (policy !== 'Background' && policy !== 'Foreground' && policy !== 'Orphan') {
    throw badRequest(`invalid propagationPolicy ${JSON.stringify(policy)}: must be Background, Foreground or Orphan`);
  }
  const uid = stringAt(body, 'preconditions', 'uid');
  const resourceVersion = stringAt(body, 'preconditions', 'resourceVersion');
  const seconds = query.get('gracePeriodSeconds');
  const gracePeriod = seconds === null ? numberAt(body, 'gracePeriodSeconds') : Number(seconds);
  return {
    propagation: policy,
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(gracePeriod === undefined ? {} : { gracePeriod }),
  };
}

function fromServed(type: ResourceType, object: JsonObject): JsonObject {
  return type.unproject === undefined ? object : type.unproject(object);
}

interface Run {
  readonly options: WriteOptions;
  readonly result: (status: number, object: JsonObject, changed: boolean) => WriteResult;
}

/** @throws ApiError for a bad `dryRun` or `fieldValidation` */
function prepareOptions(write: WriteRequest, deletion?: JsonObject): Run {
  const { query, type, request } = write;
  const dryRun = dryRunFrom(query, deletion);
  const validation = query.get('fieldValidation') ?? 'Warn';
  if (!['Strict', 'Warn', 'Ignore', ''].includes(validation)) {
    throw badRequest(
      `fieldValidation: Unsupported value: "${validation}": supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  const unknown: string[] = [];
  const subresource = write.subresource === 'status' || write.subresource === 'scale' ? write.subresource : undefined;
  const options: WriteOptions = {
    dryRun,
    manager: managerOf(query, request),
    ...(subresource === undefined ? {} : { subresource }),
    shaped: () => {
      if (validation === 'Strict' && unknown.length > 0) throw strictError(type, request, unknown);
    },
    unknownField: (path) => {
      unknown.push(`unknown field ${JSON.stringify(path)}`);
    },
  };
  return {
    options,
    result: (status, object, changed) => ({
      status,
      object,
      changed,
      dryRun,
      warnings: validation === 'Ignore' ? [] : unknown,
    }),
  };
}

function strictError(type: ResourceType, request: ApiRequest, unknown: readonly string[]): ApiError {
  const detail = `strict decoding error: ${unknown.join(', ')}`;
  if (request.method === 'PATCH') {
    return invalid({ group: '', plural: type.plural, kind: '' }, '', [
      fieldInvalid('patch', request.body ?? '', detail),
    ]);
  }
  return badRequest(
    `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${detail}`,
  );
}

export function dryRunFrom(query: URLSearchParams, body?: JsonObject): boolean {
  const listed = at(body, 'dryRun');
  const values = [...query.getAll('dryRun'), ...(isArray(listed) ? listed : [])];
  const strange = values.find((value) => value !== 'All');
  if (strange !== undefined) {
    throw invalid({ group: 'meta.k8s.io', plural: 'options', kind: 'PatchOptions' }, '', [
      fieldNotSupported('dryRun', [strange], ['All']),
    ]);
  }
  return values.length > 0;
}

function managerOf(query: URLSearchParams, request: ApiRequest): string {
  const given = query.get('fieldManager');
  if (given !== null && given !== '') return given;
  return (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
}

/** What a body may be sent as; protobuf, CBOR and YAML are not read here. */
const READABLE = /^(application\/(json|[\w.-]+\+json))?$/;

function bodyJson(request: ApiRequest): Json {
  const media = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (!READABLE.test(media)) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json (kubectl create sends protobuf; kubectl apply sends JSON)',
    );
  }
  if (request.body === undefined || request.body === '') throw badRequest('the request has no body');
  try {
    return parseJson(request.body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

export function bodyObject(request: ApiRequest): JsonObject {
  const body = bodyJson(request);
  if (!isObject(body)) throw badRequest('the body of the request is not an object');
  return body;
}
