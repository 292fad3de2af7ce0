import type { Clock } from '../ports/clock.ts';
import { withDeadline } from '../ports/deadline.ts';
import type { Http, HttpRequest, HttpResponse } from '../ports/http.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';
import { PortError } from '../ports/port-error.ts';
import type { Credentials } from './credentials.ts';
import { parseJson, readText } from './json-lines.ts';
import type { KubeErrorCode } from './kube-error.ts';
import { errorFromPort, errorFromStatus, isKubeError, KubeError } from './kube-error.ts';
import type { Limiter } from './limiter.ts';

export type Verb = 'get' | 'list' | 'create' | 'patch' | 'delete' | 'watch';

/** One request as the API sees it; who sends it, and where, is the transport's. */
export interface KubeRequest {
  readonly verb: Verb;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With the query, without the server. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

/** Bounds of one call, the waiting for its turn and every attempt included. */
export interface Call {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a call ended, for metrics: labels of bounded variety only. */
export interface CallOutcome {
  readonly cluster: string;
  readonly verb: Verb;
  readonly code: KubeErrorCode | 'OK';
  readonly durationMs: number;
}

type Headers = HttpResponse['headers'];

export interface Transport {
  /** What `parse` makes of a 2xx answer's JSON, and of its headers. @throws KubeError */
  json<T>(request: KubeRequest, call: Call, parse: (value: unknown, headers: Headers) => T): Promise<T>;
  /** A 2xx answer with its body still to be read, which `streamSignal` ends. @throws KubeError */
  open(request: KubeRequest, call: Call, streamSignal: AbortSignal): Promise<HttpResponse>;
}

export interface TransportOptions {
  readonly clock: Clock;
  readonly http: Http;
  readonly access: () => ClusterAccess;
  readonly credentials: Credentials;
  readonly limiter: Limiter;
  readonly cluster: string;
  readonly impersonate: string | undefined;
  readonly onCall: ((outcome: CallOutcome) => void) | undefined;
}

/** One call on its way: `read` turns an answer that is no 401 into the result. */
interface Passage<T> {
  readonly request: KubeRequest;
  readonly call: Call;
  /** What ends the exchange on the wire; the call's own signal unless the body outlives the call. */
  readonly wireSignal: AbortSignal | undefined;
  readonly read: (response: HttpResponse) => Promise<T>;
  /** Whether a request has left this process: only then can a failure leave a mutation's outcome unknown. */
  sent: boolean;
}

const maxBodyBytes = 32 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;
const defaultRetryAfterMs = 1000;

export function createTransport(options: TransportOptions): Transport {
  const accepted = async (request: KubeRequest, response: HttpResponse): Promise<HttpResponse> => {
    if (response.status >= 200 && response.status < 300) return response;
    throw await refusal(options, request, response);
  };
  return {
    json: (request, call, parse) => {
      const read = async (response: HttpResponse): Promise<ReturnType<typeof parse>> => {
        const { body, headers } = await accepted(request, response);
        return parse(parseJson(await readText(body, maxBodyBytes)), headers);
      };
      return bounded(options, { request, call, wireSignal: undefined, read, sent: false });
    },
    open: (request, call, wireSignal) => {
      const read = (response: HttpResponse): Promise<HttpResponse> => accepted(request, response);
      return bounded(options, { request, call, wireSignal, read, sent: false });
    },
  };
}

async function bounded<T>(options: TransportOptions, passage: Passage<T>): Promise<T> {
  const { clock, cluster } = options;
  const { request, call } = passage;
  const startedAt = clock.monotonic();
  const report = (code: KubeErrorCode | 'OK'): void =>
    options.onCall?.({ cluster, verb: request.verb, code, durationMs: clock.monotonic() - startedAt });
  try {
    const endsAt = startedAt + call.deadlineMs;
    const result = await withDeadline(clock, call.deadlineMs, call.signal, (signal) =>
      patient(options, passage, endsAt, signal),
    );
    report('OK');
    return result;
  } catch (error) {
    const outcomeUnknown = isMutation(request) && passage.sent;
    const shown = errorFromPort(error, { what: describe(cluster, request), outcomeUnknown });
    if (shown instanceof KubeError) report(shown.code);
    throw shown;
  }
}

/** Reads wait out a 429 as long as the deadline allows; a mutation's caller decides anew. */
async function patient<T>(
  options: TransportOptions,
  passage: Passage<T>,
  endsAt: number,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await authenticated(options, passage, signal);
    } catch (error) {
      const throttled = error instanceof KubeError && error.code === 'Throttled' && !isMutation(passage.request);
      if (!throttled) throw error;
      const wait = Math.max(1, error.retryAfterMs ?? defaultRetryAfterMs);
      if (options.clock.monotonic() + wait >= endsAt) throw error;
      await options.clock.sleep(wait, signal);
    }
  }
}

/** One exchange, and a second one where a 401 meets a token that has been renewed meanwhile. */
async function authenticated<T>(options: TransportOptions, passage: Passage<T>, signal: AbortSignal): Promise<T> {
  const { credentials, access } = options;
  const token = await credentials.token(access(), false);
  const first = await exchange(options, passage, token, signal, async (response) => {
    if (response.status !== 401) return { value: await passage.read(response) };
    return { refused: await refusal(options, passage.request, response) };
  });
  if ('value' in first) return first.value;
  // The server refused it before doing anything, so sending it again is safe even for a mutation.
  passage.sent = false;
  const renewed = await credentials.token(access(), true);
  if (renewed === undefined || renewed === token) throw first.refused;
  return await exchange(options, passage, renewed, signal, passage.read);
}

async function exchange<T, R>(
  options: TransportOptions,
  passage: Passage<T>,
  token: string | undefined,
  signal: AbortSignal,
  read: (response: HttpResponse) => Promise<R>,
): Promise<R> {
  const release = await options.limiter.acquire(signal);
  try {
    const request = httpRequest(options, passage.request, token);
    passage.sent = true;
    return await read(await options.http.send(request, passage.wireSignal ?? signal));
  } finally {
    release();
  }
}

function httpRequest(options: TransportOptions, request: KubeRequest, token: string | undefined): HttpRequest {
  const { server, tls } = options.access();
  const { impersonate } = options;
  return {
    method: request.method,
    url: `${server}${request.path}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'maestro-dr',
      ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      // For a ServiceAccount's name the API server adds its groups itself.
      ...(impersonate === undefined ? {} : { 'impersonate-user': impersonate }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    tls,
    label: `kube.${request.verb}`,
  };
}

async function refusal(options: TransportOptions, request: KubeRequest, response: HttpResponse): Promise<KubeError> {
  return errorFromStatus(response.status, await statusBody(response), {
    what: describe(options.cluster, request),
    mutation: isMutation(request),
    retryAfterMs: retryAfterMs(response),
  });
}

function isMutation(request: KubeRequest): boolean {
  return request.method !== 'GET';
}

function describe(cluster: string, request: KubeRequest): string {
  return `${request.verb} ${request.path.split('?')[0] ?? ''} in cluster ${cluster}`;
}

function retryAfterMs(response: HttpResponse): number | undefined {
  // API servers send seconds; the header's other form, a date, falls back to the default.
  const seconds = response.headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

async function statusBody(response: HttpResponse): Promise<unknown> {
  try {
    return parseJson(await readText(response.body, maxErrorBytes));
  } catch (error) {
    // A proxy's HTML, or a body that broke off: the HTTP status alone has to tell.
    if (error instanceof PortError || isKubeError(error, 'TooLong')) return undefined;
    throw error;
  }
}
