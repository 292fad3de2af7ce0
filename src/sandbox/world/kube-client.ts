import { request } from 'node:https';
import type { Json, JsonObject } from '../models/kube-api/index.ts';

export interface KubeAccess {
  readonly port: number;
  readonly ca: string;
  readonly token: string;
}

export class KubeRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const DEADLINE_MS = 10_000;

/** A person's hands on an API server: plain HTTPS, one request each. */
export interface KubeClient {
  get(path: string): Promise<JsonObject>;
  create(path: string, object: JsonObject): Promise<JsonObject>;
  mergePatch(path: string, patch: JsonObject): Promise<JsonObject>;
}

export function createKubeClient(access: KubeAccess): KubeClient {
  return {
    get: (path) => call(access, 'GET', path),
    create: (path, object) => call(access, 'POST', path, object, 'application/json'),
    mergePatch: (path, patch) => call(access, 'PATCH', path, patch, 'application/merge-patch+json'),
  };
}

async function call(
  access: KubeAccess,
  method: string,
  path: string,
  body?: JsonObject,
  contentType?: string,
): Promise<JsonObject> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: access.port,
        path,
        method,
        ca: access.ca,
        agent: false,
        signal: AbortSignal.timeout(DEADLINE_MS),
        headers: {
          authorization: `Bearer ${access.token}`,
          accept: 'application/json',
          'user-agent': 'kubectl-edit',
          ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, answer: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
  const value: Json = JSON.parse(answer) as Json;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KubeRefusal(status, `${method} ${path}: no object in the answer`);
  }
  const object = value as JsonObject;
  if (status >= 400) {
    const { message } = object;
    throw new KubeRefusal(status, `${method} ${path}: ${typeof message === 'string' ? message : String(status)}`);
  }
  return object;
}

/** The collection that an object belongs to. Plurals of what the sandbox applies. */
export function collectionPath(object: JsonObject): string {
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new Error('an object without apiVersion and kind');
  }
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace =
    typeof metadata === 'object' && metadata !== null && 'namespace' in metadata ? metadata.namespace : undefined;
  const scope = typeof namespace === 'string' ? `/namespaces/${namespace}` : '';
  return `${root}${scope}/${kind.toLowerCase()}s`;
}
