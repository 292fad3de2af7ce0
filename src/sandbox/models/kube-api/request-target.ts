/** What a path asks for, as the real server reads it (RequestInfo). */
export type Target =
  | { readonly kind: 'resource'; readonly resource: ResourceTarget }
  | { readonly kind: 'discovery'; readonly group: string | undefined; readonly version: string | undefined }
  | { readonly kind: 'other'; readonly path: string };

export interface ResourceTarget {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** '' where the path names none. */
  readonly namespace: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const NAMESPACE_SUBRESOURCES = Object.freeze(['status', 'finalize']);

export function readTarget(path: string): Target {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const [root, ...rest] = parts;
  if (root === 'api') return underVersion('', rest);
  if (root !== 'apis') return { kind: 'other', path };
  const [group, ...below] = rest;
  if (group === undefined) return { kind: 'discovery', group: undefined, version: undefined };
  return underVersion(group, below);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    // A stray `%` is a name that no object has, so the answer will be NotFound.
    if (error instanceof URIError) return part;
    throw error;
  }
}

function underVersion(group: string, parts: readonly string[]): Target {
  const [version, ...rest] = parts;
  if (version === undefined || rest.length === 0) return { kind: 'discovery', group, version };
  return { kind: 'resource', resource: resourceTarget(group, version, rest) };
}

function resourceTarget(group: string, version: string, parts: readonly string[]): ResourceTarget {
  const [first = '', second, third, ...rest] = parts;
  const namespaced = first === 'namespaces' && third !== undefined && !NAMESPACE_SUBRESOURCES.includes(third);
  if (!namespaced) {
    return { group, version, plural: first, namespace: '', name: second, subresource: joined(third, rest) };
  }
  const [name, ...below] = rest;
  return {
    group,
    version,
    plural: third,
    namespace: second ?? '',
    name,
    subresource: joined(below[0], below.slice(1)),
  };
}

function joined(first: string | undefined, rest: readonly string[]): string | undefined {
  return first === undefined ? undefined : [first, ...rest].join('/');
}
