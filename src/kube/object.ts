import { KubeError } from './kube-error.ts';
import type { JsonRecord } from './json.ts';
import { isRecord, recordAt, stringAt } from './json.ts';

/** A served resource: `{ group: 'apps', version: 'v1', resource: 'deployments' }`; the core group is `''`. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  /** The plural, as in the URL. */
  readonly resource: string;
}

/** All objects of a resource, in one namespace or (absent) everywhere. */
export interface Collection extends ResourceType {
  readonly namespace?: string | undefined;
}

export interface ObjectRef extends Collection {
  readonly name: string;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** An object as the server sent it, nothing dropped. Treat as immutable: caches share it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface KubeList {
  readonly items: readonly KubeObject[];
  /** The version the list was taken at: where a watch goes on from. */
  readonly resourceVersion: string;
  /** Absent on the last page. */
  readonly continue?: string;
  /** When the server answered, by its own clock: the Date header as it is (RFC 9110 §6.6.1), whole seconds. */
  readonly servedAt?: string;
}

/** `namespace/name`, or `name` for what is cluster-scoped: the key of caches and queues. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** @throws KubeError `Invalid` for a segment that would address something else (an empty name is the whole collection). */
export function collectionPath(collection: Collection): string {
  const { group, version, resource, namespace } = collection;
  const root = group === '' ? `/api/${segment(version)}` : `/apis/${segment(group)}/${segment(version)}`;
  const scope = namespace === undefined ? '' : `/namespaces/${segment(namespace)}`;
  return `${root}${scope}/${segment(resource)}`;
}

export function objectPath(ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(ref)}/${segment(ref.name)}`;
  return subresource === undefined ? path : `${path}/${segment(subresource)}`;
}

function segment(text: string): string {
  if (!/^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/.test(text)) {
    throw new KubeError({ code: 'Invalid', message: `"${text.slice(0, 80)}" cannot be part of an API path` });
  }
  return text;
}

/** @throws KubeError `Malformed` where the value is no API object. List items carry no type of their own: `typed` gives it. */
export function parseObject(
  value: unknown,
  typed?: { readonly apiVersion: string; readonly kind: string },
): KubeObject {
  if (!isRecord(value)) throw malformed('an object was expected');
  const apiVersion = stringAt(value, 'apiVersion') ?? typed?.apiVersion;
  const kind = stringAt(value, 'kind') ?? typed?.kind;
  if (apiVersion === undefined || kind === undefined) throw malformed('apiVersion or kind is missing');
  return { ...value, apiVersion, kind, metadata: parseMeta(recordAt(value, 'metadata'), kind) };
}

function parseMeta(meta: JsonRecord, kind: string): ObjectMeta {
  const name = stringAt(meta, 'name');
  if (name === undefined || name === '') throw malformed(`${kind} without metadata.name`);
  // Scale and other virtual kinds may leave these out; an empty string never equals a real version or UID.
  return { ...meta, name, uid: stringAt(meta, 'uid') ?? '', resourceVersion: stringAt(meta, 'resourceVersion') ?? '' };
}

export function parseList(value: unknown): KubeList {
  if (!isRecord(value)) throw malformed('a list was expected');
  const meta = recordAt(value, 'metadata');
  const resourceVersion = stringAt(meta, 'resourceVersion');
  const apiVersion = stringAt(value, 'apiVersion');
  const kind = stringAt(value, 'kind');
  if (resourceVersion === undefined || apiVersion === undefined || kind === undefined) {
    throw malformed('a list without apiVersion, kind or metadata.resourceVersion');
  }
  // Go marshals an empty slice that was never made as null.
  const raw = value.items ?? [];
  if (!Array.isArray(raw)) throw malformed(`${kind} whose items are no list`);
  const typed = { apiVersion, kind: kind.replace(/List$/, '') };
  const items = raw.map((item: unknown) => parseObject(item, typed));
  const next = stringAt(meta, 'continue');
  return next === undefined || next === '' ? { items, resourceVersion } : { items, resourceVersion, continue: next };
}

function malformed(detail: string): KubeError {
  return new KubeError({ code: 'Malformed', message: `not a Kubernetes answer: ${detail}` });
}
