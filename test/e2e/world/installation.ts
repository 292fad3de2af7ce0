import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Json, JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { isObject, objectsAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { ApiRefusal, type Api } from './kube-api.ts';

const CRDS = join(import.meta.dirname, '..', '..', '..', 'crds');
const RBAC = join(import.meta.dirname, '..', 'rbac');
const ESTABLISHED_MS = 30_000;
const EVERY_MS = 50;

/** Which cluster is prepared: what is installed there differs. */
export type Place = 'management' | 'region';

/** The roles and bindings that an operator is installed with, and where. */
export async function installedObjects(place: Place): Promise<readonly JsonObject[]> {
  const files = place === 'management' ? ['management.yaml'] : ['target.yaml', 'target-namespace.yaml'];
  const objects = await Promise.all(files.map((file) => readObjects(join(RBAC, file))));
  return objects.flat();
}

export async function readObjects(path: string): Promise<readonly JsonObject[]> {
  return parseAllDocuments(await readFile(path, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join(', ')}`);
    const value = document.toJS() as Json;
    if (!isObject(value)) throw new Error(`${path}: a document that is no object`);
    return value;
  });
}

/** The CRDs as they are in the checkout, and waits until each is served. */
export async function installCrds(api: Api): Promise<readonly string[]> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const files = (await readdir(CRDS)).filter((file) => file.endsWith('.yaml'));
  const objects = (await Promise.all(files.map((file) => readObjects(join(CRDS, file))))).flat();
  const names = objects.map((object) => stringAt(object, 'metadata', 'name') ?? '');
  for (const object of objects) await api.create(path, object);
  for (const name of names) await untilEstablished(api, `${path}/${name}`);
  return names;
}

async function untilEstablished(api: Api, path: string): Promise<void> {
  const late = Date.now() + ESTABLISHED_MS;
  for (;;) {
    const conditions = objectsAt(await api.get(path), 'status', 'conditions');
    const refused = conditions.find(({ type, status }) => type === 'NonStructuralSchema' && status === 'True');
    if (refused !== undefined) throw new Error(`${path}: ${stringAt(refused, 'message') ?? ''}`);
    if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
    if (Date.now() > late) throw new Error(`${path} is not established: ${JSON.stringify(conditions)}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** Creates what is not there yet. */
export async function createAll(api: Api, objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) {
    await api.create(collectionOf(object), object).catch((error: unknown) => {
      if (error instanceof ApiRefusal && error.status === 409) return;
      throw error instanceof Error ? error : new Error(String(error));
    });
  }
}

function collectionOf(object: JsonObject): string {
  const version = stringAt(object, 'apiVersion') ?? '';
  const namespace = stringAt(object, 'metadata', 'namespace');
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${(stringAt(object, 'kind') ?? '').toLowerCase()}s`;
}

/** A token of a ServiceAccount's own, as a pod would have one: its groups are the API server's to say. */
export async function accountToken(api: Api, namespace: string, name: string): Promise<string> {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 7_200 },
  };
  const answer = await api.create(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, request);
  const token = stringAt(answer, 'status', 'token');
  if (token === undefined) throw new Error(`no token for ${namespace}/${name}`);
  return token;
}
