import { ApiError, badRequest } from './api-error.ts';
import { equal, isArray, isObject, stringAt, type Json } from './json.ts';

/**
 * RFC 6902, as the API server applies it: a failed `test` or a missing path is 422, a malformed patch 400.
 * @throws ApiError
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  return patch.reduce<Json>((document, operation) => apply(document, operation), target);
}

function apply(document: Json, operation: Json): Json {
  const op = stringAt(operation, 'op') ?? '';
  const path = pointer(stringAt(operation, 'path'));
  switch (op) {
    case 'add':
      return put(document, path, given(operation), 'insert');
    case 'replace':
      find(document, path);
      return put(document, path, given(operation), 'replace');
    case 'remove':
      return remove(document, path);
    case 'copy':
      return put(document, path, find(document, pointer(stringAt(operation, 'from'))), 'insert');
    case 'move': {
      const from = pointer(stringAt(operation, 'from'));
      return put(remove(document, from), path, find(document, from), 'insert');
    }
    case 'test': {
      if (equal(lookup(document, path), given(operation))) return document;
      throw unprocessable(`testing value ${text(path)} failed: test failed`);
    }
    default:
      throw badRequest(`error in json patch: unexpected operation kind: "${op}"`);
  }
}

function unprocessable(message: string): ApiError {
  return new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);
}

function text(path: readonly string[]): string {
  return `/${path.join('/')}`;
}

function given(operation: Json): Json {
  return isObject(operation) && operation['value'] !== undefined ? operation['value'] : null;
}

function pointer(path: string | undefined): readonly string[] {
  if (path === undefined || (path !== '' && !path.startsWith('/'))) {
    throw badRequest(`invalid JSON pointer "${path ?? ''}"`);
  }
  if (path === '') return [];
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lookup(document: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = document;
  for (const key of path) {
    if (isArray(current)) current = current[Number(key)];
    else if (isObject(current)) current = Object.hasOwn(current, key) ? current[key] : undefined;
    else return undefined;
  }
  return current;
}

function find(document: Json, path: readonly string[]): Json {
  const value = lookup(document, path);
  if (value === undefined) throw missing(path);
  return value;
}

function put(document: Json, path: readonly string[], value: Json, mode: 'insert' | 'replace'): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (isArray(document)) return putItem(document, key, rest, value, mode);
  if (!isObject(document)) throw missing(path);
  if (rest.length === 0) return { ...document, [key]: value };
  const child = Object.hasOwn(document, key) ? document[key] : undefined;
  if (child === undefined) throw missing(path);
  return { ...document, [key]: put(child, rest, value, mode) };
}

function putItem(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  value: Json,
  mode: 'insert' | 'replace',
): Json {
  const index = key === '-' ? list.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > list.length) throw unprocessable(`invalid array index ${key}`);
  if (rest.length === 0) return list.toSpliced(index, mode === 'insert' ? 0 : 1, value);
  return list.toSpliced(index, 1, put(list[index] ?? null, rest, value, mode));
}

function missing(path: readonly string[]): ApiError {
  return unprocessable(`the path ${text(path)} does not exist`);
}

function remove(document: Json, path: readonly string[]): Json {
  find(document, path);
  const [key, ...rest] = path;
  if (key === undefined) throw unprocessable('cannot remove the whole document');
  if (isArray(document)) {
    const index = Number(key);
    return rest.length === 0
      ? document.toSpliced(index, 1)
      : document.toSpliced(index, 1, remove(document[index] ?? null, rest));
  }
  if (!isObject(document)) throw missing(path);
  if (rest.length > 0) return { ...document, [key]: remove(document[key] ?? null, rest) };
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
}
