import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { createReflector, type Reflector } from '../../src/kube/reflector.ts';
import { createLink, type Link } from '../../src/sandbox/link.ts';
import type { ApiRequest } from '../../src/sandbox/models/kube-api/index.ts';
import type { RequestFault } from '../../src/sandbox/wire/kube-api/index.ts';
import { createClock } from '../../src/system/clock.ts';
import { createHttp } from '../../src/system/http.ts';
import { createRandom } from '../../src/system/random.ts';
import { served, TOKEN, type Served } from '../sandbox/wire/kube-api/real-time.ts';
import { until } from '../support/postgresql.ts';
import { createRecordingLog } from '../support/recording-log.ts';

/** Short, for real time: a list or the opening of a watch, and a watch's silence. */
export const callMs = 700;
export const silenceMs = 1_500;
export const maps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
export const regionsPath = '/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions';
const regionCrd = new URL('../../crds/dr.maestro.io_disasterrecoveryregions.yaml', import.meta.url);

export interface Bed {
  readonly served: Served;
  readonly link: Link;
  readonly client: KubeClient;
  readonly reflector: Reflector;
  /** What is asked, in order: `GET /path?query`. */
  readonly asked: string[];
  readonly person: (method: string, path: string, body?: object) => Readonly<Record<string, unknown>>;
  fault: (request: ApiRequest) => RequestFault;
  /** The token that the client's file holds. */
  token: string;
  end(): Promise<void>;
}

/** A model behind TLS and a link, and the program's own client and reflector in front of them, in real time. */
export async function createBed(): Promise<Bed> {
  const asked: string[] = [];
  const state: Pick<Bed, 'fault' | 'token'> = { fault: () => undefined, token: TOKEN };
  const made = await served((request) => {
    asked.push(`${request.method} ${request.path}`);
    return state.fault(request);
  });
  const link = await createLink({ target: { host: '127.0.0.1', port: made.server.port } });
  const http = createHttp();
  const clock = createClock();
  const ports = { clock, http, files: { read: () => Promise.resolve(state.token) } };
  const access = { server: `https://127.0.0.1:${String(link.port)}`, tls: { ca: made.ca }, tokenFile: '/token' };
  const limiter = createLimiter(clock, { ratePerSecond: 100, burst: 100, maxInFlight: 10 });
  const client = createKubeClient({ ports, access: () => access, cluster: 'use1', limiter });
  const bounds = { listDeadlineMs: callMs, silenceMs, backoff: { baseMs: 100, capMs: 1_000 } };
  const log = createRecordingLog();
  const reflector = createReflector({ client, clock, random: createRandom(), log, collection: maps, ...bounds });
  const person = personAt(made);
  person(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    parse(readFileSync(regionCrd, 'utf8')) as object,
  );
  const ending = new AbortController();
  const running = reflector.run(ending.signal);
  await until('the first list', () => reflector.synced());
  const end = async (): Promise<void> => {
    ending.abort(new Error('the tests are over'));
    await running;
    await http.close();
    await link.close();
    await made.close();
  };
  return Object.assign(state, { served: made, link, client, reflector, asked, person, end });
}

function personAt({ api }: Served): Bed['person'] {
  return (method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = api.handle({ method, path, headers, ...sent });
    assert.ok('body' in response && response.status < 300, `${method} ${path}`);
    return JSON.parse(response.body) as Readonly<Record<string, unknown>>;
  };
}
