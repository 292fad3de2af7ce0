import assert from 'node:assert/strict';
import { createLimiter } from '../../src/kube/limiter.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { ClusterAccess } from '../../src/ports/kubeconfigs.ts';
import type { Http } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { createDelayRuntime, createKubeApi } from '../../src/sandbox/models/kube-api/index.ts';
import type {
  AuditEntry,
  Authorize,
  JsonObject,
  KubeApi,
  PodRuntime,
  RunnablePod,
} from '../../src/sandbox/models/kube-api/index.ts';
import { isObject, objectsAt, parseJson } from '../../src/sandbox/models/kube-api/json.ts';
import { serveKubeApi } from '../../src/sandbox/wire/kube-api/index.ts';
import type { RequestFault, ServeOptions } from '../../src/sandbox/wire/kube-api/index.ts';
import { createClock } from '../../src/system/clock.ts';
import { createHttp } from '../../src/system/http.ts';
import { noFiles } from '../kube/support.ts';
import { NAMESPACE, type JobEnding, type KubeSubject, type Release, type WorkloadWorld } from './workload-world.ts';
import { virtualTime } from '../sandbox/models/kube-api/fixture.ts';

type Before = NonNullable<ServeOptions['before']>;

interface Front {
  readonly http: Http;
  readonly access: ClusterAccess;
  close(): Promise<void>;
}

type OpenFront = (api: KubeApi, before: Before) => Promise<Front>;

/** The Http port over the model. */
export const overModel: KubeSubject = {
  name: 'the model',
  against: 'model',
  open: async (authorize) => await sandboxWorld(modelFront, authorize),
};

const modelFront: OpenFront = async (api, before) => ({
  http: modelHttp(api, before),
  access: access(''),
  close: async () => undefined,
});

/** HTTPS, with the operator's own client. */
export const overWire: KubeSubject = {
  name: 'the wire',
  against: 'wire',
  open: async (authorize) => await sandboxWorld(wireFront, authorize),
};

const wireFront: OpenFront = async (api, before) => {
  const authority = await createAuthority('contract');
  const tls = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
  const served = await serveKubeApi(api, { tls, before });
  const http = createHttp();
  return {
    http,
    access: { ...access(served.url), tls: { ca: authority.ca } },
    close: async () => {
      await http.close();
      await served.close();
    },
  };
};

const OPERATOR = 'system:serviceaccount:maestro-dr:maestro-dr';

function access(server: string): ClusterAccess {
  return { server: server === '' ? 'https://west.example' : server, tls: {}, token: 'operator' };
}

function modelHttp(api: KubeApi, before: Before): Http {
  return {
    send: async ({ method, url, headers, body }, signal) => {
      const { pathname, search } = new URL(url);
      const request = { method, path: `${pathname}${search}`, headers, ...(body === undefined ? {} : { body }) };
      const fault: RequestFault = before(request);
      if (fault === 'hang') return await hung(signal);
      if (fault === 'reset') throw new PortError('Unreachable', 'the connection broke');
      const response = typeof fault === 'object' ? fault : api.handle(request);
      if (fault === 'drop-reply') throw new PortError('Unreachable', 'the connection broke');
      assert.ok('body' in response, 'a stream');
      return { status: response.status, headers: response.headers, body: bytes(response.body) };
    },
  };
}

async function hung(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new PortError('Timeout', 'cancelled')), { once: true });
  });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** In a time that only tests move. */
async function sandboxWorld(openFront: OpenFront, authorize?: Authorize): Promise<WorkloadWorld> {
  const time = virtualTime();
  const audit: AuditEntry[] = [];
  const faults: { readonly method: string; readonly fault: RequestFault }[] = [];
  let ending: JobEnding = { code: 0 };
  const api = createKubeApi({
    name: 'west',
    clusterUid: '3f0c2d52-0000-4000-a000-000000000002',
    time,
    pods: withEndings(createDelayRuntime({ time, jobMs: 800 }), () => ending),
    audit: (entry) => audit.push(entry),
    tokens: { operator: OPERATOR, somebody: 'somebody' },
    // Somebody sets the stage; what is restricted is the operator and whom it acts as.
    ...(authorize === undefined
      ? {}
      : { authorize: (asked) => (asked.user === 'somebody' ? undefined : authorize(asked)) }),
  });
  const front = await openFront(api, ({ method, headers }) => {
    const index = faults.findIndex((one) => one.method === method && headers['authorization'] === 'Bearer operator');
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  });
  const put = createPut(api);
  put('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  return {
    client: clientOf(front),
    asked: async () => audit.filter(({ user }) => user === OPERATOR),
    within: async (ms, holds) => {
      time.advance(ms);
      await holds();
    },
    pass: async (ms) => time.advance(ms),
    // A little more than the minute: what is due is made, and its first pod with it.
    due: async (_, times) => time.advance(times * 60_000 + 200),
    fault: (method, fault) => faults.push({ method, fault }),
    put: async (method, path, body) => put(method, path, body),
    ...reading(api),
    quotaCounts: async () => undefined,
    jobEnds: (next) => {
      ending = next;
    },
    controllersRest: async () => nothingWithheld,
    podsLinger: async () => nothingWithheld,
    close: async () => {
      await front.close();
      api.destroy();
    },
  };
}

const nothingWithheld: Release = async () => undefined;

function clientOf(front: Front): KubeClient {
  const clock = createClock();
  return createKubeClient({
    ports: { clock, http: front.http, files: noFiles },
    access: () => front.access,
    cluster: 'west',
    limiter: createLimiter(clock, { ratePerSecond: 1000, burst: 1000, maxInFlight: 100 }),
  });
}

function createPut(api: KubeApi): (method: string, path: string, body: JsonObject) => void {
  return (method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { authorization: 'Bearer somebody', 'content-type': type };
    const response = api.handle({ method, path, headers, body: JSON.stringify(body) });
    assert.ok('body' in response && response.status < 300, `${method} ${path}: ${JSON.stringify(response)}`);
  };
}

function reading(api: KubeApi): Pick<WorkloadWorld, 'read' | 'list'> {
  const get = (path: string): JsonObject | undefined => {
    const response = api.handle({ method: 'GET', path, headers: { authorization: 'Bearer somebody' } });
    assert.ok('body' in response, 'a stream');
    if (response.status === 404) return undefined;
    const value = parseJson(response.body);
    assert.ok(response.status === 200 && isObject(value), response.body);
    return value;
  };
  return { read: async (path) => get(path), list: async (path) => objectsAt(get(path) ?? {}, 'items') };
}

/** Pods of Jobs exit as the test says, with its message as the termination message. */
function withEndings(runtime: PodRuntime, ending: () => JobEnding): PodRuntime {
  return {
    run: (pod: RunnablePod, events) =>
      runtime.run(pod, {
        ...events,
        exited: () => {
          const { code, message } = ending();
          events.exited(code, message);
        },
      }),
  };
}
