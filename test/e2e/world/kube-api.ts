import { Agent, request } from 'node:https';
import type { Json, JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { isObject, objectsAt, parseJson, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';

export interface ApiAccess {
  readonly port: number;
  readonly ca: string;
  readonly token: string;
  /** Whom the token's account acts as. */
  readonly impersonate?: string;
}

export class ApiRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const DEADLINE_MS = 10_000;

/** An API server over one kept connection, for what the tests do to it often. */
export interface Api {
  /** Whether it says 200; an error of any kind is a no. */
  answers(path: string): Promise<boolean>;
  get(path: string): Promise<JsonObject>;
  list(path: string): Promise<readonly JsonObject[]>;
  create(path: string, object: JsonObject): Promise<JsonObject>;
  replace(path: string, object: JsonObject): Promise<JsonObject>;
  mergePatch(path: string, patch: JsonObject): Promise<JsonObject>;
  remove(path: string, options?: JsonObject): Promise<void>;
  close(): void;
}

export function createApi(access: ApiAccess): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: access.ca });
  const call = async (method: string, path: string, body?: JsonObject, type?: string): Promise<JsonObject> => {
    const { status, text } = await ask(agent, access, method, path, body, type);
    const answer: Json = text === '' ? {} : parseJson(text);
    if (!isObject(answer)) throw new ApiRefusal(status, `${method} ${path}: no object in the answer`);
    if (status >= 400) {
      throw new ApiRefusal(status, stringAt(answer, 'message') ?? `${method} ${path}: ${String(status)}`);
    }
    return answer;
  };
  return {
    answers: async (path) => {
      try {
        return (await ask(agent, access, 'GET', path)).status === 200;
      } catch (error) {
        if (error instanceof Error) return false;
        throw error;
      }
    },
    get: (path) => call('GET', path),
    list: async (path) => objectsAt(await call('GET', path), 'items'),
    create: (path, object) => call('POST', path, object, 'application/json'),
    replace: (path, object) => call('PUT', path, object, 'application/json'),
    mergePatch: (path, patch) => call('PATCH', path, patch, 'application/merge-patch+json'),
    remove: async (path, options) => {
      await call('DELETE', path, options, 'application/json');
    },
    close: () => {
      agent.destroy();
    },
  };
}

async function ask(
  agent: Agent,
  { port, token, impersonate }: ApiAccess,
  method: string,
  path: string,
  body?: JsonObject,
  contentType?: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(impersonate === undefined ? {} : { 'impersonate-user': impersonate }),
    ...(sent === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(sent) }),
  };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  return await new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, agent, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    asked.on('error', reject);
    asked.end(sent);
  });
}
