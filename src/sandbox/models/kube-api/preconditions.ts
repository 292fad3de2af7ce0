import { badRequest, conflict, fieldForbidden, invalid } from './api-error.ts';
import { arrayAt, objectAt, stringAt, type JsonObject } from './json.ts';
import { apiVersionOf, type ResourceType } from './resource-type.ts';
import type { DeleteOptions } from './writer.ts';

/** @throws ApiError */
export function checkIdentity(type: ResourceType, body: JsonObject): void {
  const apiVersion = stringAt(body, 'apiVersion');
  const kind = stringAt(body, 'kind');
  const wrongVersion = apiVersion !== undefined && apiVersion !== '' && apiVersion !== apiVersionOf(type);
  const wrongKind = kind !== undefined && kind !== '' && kind !== type.kind;
  if (!wrongVersion && !wrongKind) return;
  throw badRequest(
    wrongVersion
      ? `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(type)})`
      : `the kind in the data (${kind ?? ''}) does not match the expected kind (${type.kind})`,
  );
}

/** @throws ApiError */
export function checkPreconditions(type: ResourceType, name: string, old: JsonObject, asked: JsonObject): void {
  const metadata = objectAt(asked, 'metadata');
  const askedName = stringAt(metadata, 'name') ?? '';
  if (askedName !== '' && askedName !== name) {
    throw badRequest(`the name of the object (${askedName}) does not match the name on the URL (${name})`);
  }
  const askedNamespace = stringAt(metadata, 'namespace') ?? '';
  const namespace = stringAt(old, 'metadata', 'namespace') ?? '';
  if (askedNamespace !== '' && askedNamespace !== namespace) {
    throw badRequest(
      `the namespace of the object (${askedNamespace}) does not match the namespace on the URL (${namespace})`,
    );
  }
  const uid = stringAt(metadata, 'uid') ?? '';
  const actualUid = stringAt(old, 'metadata', 'uid') ?? '';
  if (uid !== '' && uid !== actualUid) {
    throw conflict(type, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${actualUid}`);
  }
  const revision = stringAt(metadata, 'resourceVersion') ?? '';
  if (revision !== '' && revision !== stringAt(old, 'metadata', 'resourceVersion')) throw conflict(type, name);
}

/** @throws ApiError */
export function checkDeletePreconditions(type: ResourceType, name: string, old: JsonObject, how: DeleteOptions): void {
  const uid = stringAt(old, 'metadata', 'uid') ?? '';
  if (how.uid !== undefined && how.uid !== uid) {
    throw conflict(type, name, `Precondition failed: UID in precondition: ${how.uid}, UID in object meta: ${uid}`);
  }
  const revision = stringAt(old, 'metadata', 'resourceVersion') ?? '';
  if (how.resourceVersion !== undefined && how.resourceVersion !== revision) {
    throw conflict(
      type,
      name,
      `Precondition failed: ResourceVersion in precondition: ${how.resourceVersion}, ResourceVersion in object meta: ${revision}`,
    );
  }
}

/** @throws ApiError */
export function checkFinalizers(type: ResourceType, name: string, old: JsonObject, next: JsonObject): void {
  if (stringAt(old, 'metadata', 'deletionTimestamp') === undefined) return;
  const before = arrayAt(old, 'metadata', 'finalizers');
  const added = arrayAt(next, 'metadata', 'finalizers').filter((one) => !before.includes(one));
  if (added.length === 0) return;
  const list = added.map((one) => JSON.stringify(one)).join(', ');
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  throw invalid(type, name, [fieldForbidden('metadata.finalizers', detail)]);
}
