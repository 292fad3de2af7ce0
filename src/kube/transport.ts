import type { Clock } from '../ports/clock.ts';
import { withDeadline } from '../ports/deadline.ts';
import type { Http, HttpResponse } from '../ports/http.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';
import { PortError } from '../ports/port-error.ts';
import type { Credentials } from './credentials.ts';
import { parseJson, readText } from './json-lines.ts';
import type { KubeErrorCode } from './kube-error.ts';
import { errorFromPort, errorFromStatus, KubeError } from './kube-error.ts';
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

export interface Transport {
  /** What `parse` makes of a 2xx answer's JSON. @throws KubeError */
  json<T>(request: KubeRequest, call: Call, parse: (value: unknown) => T): Promise<T>;
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

const maxBodyBytes = 32 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;
const defaultRetryAfterMs = 1000;

/** Whether the request has left this process: only then can a failure leave a mutation's outcome unknown. */
interface Progress {
  sent: boolean;
}

export function createTransport(options: TransportOptions): Transport {
  const { clock, http, credentials, limiter, cluster } = options;

  /** One exchange, and a second one where a 401 meets a token that has been renewed meanwhile. */
  const authenticated = async <T>(
    request: KubeRequest,
    signal: AbortSignal,
    wireSignal: AbortSignal,
    progress: Progress,
    read: (response: HttpResponse) => Promise<T>,
  ): Promise<T> => {
    const token = await credentials.token(options.access(), false);
    const first = await exchange(request, token, signal, wireSignal, progress, async (response) => {
      if (response.status !== 401) return { value: await read(response) };
      return { refused: await refusal(request, response) };
    });
    if ('value' in first) return first.value;
    // The server refused it before doing anything, so sending it again is safe even for a mutation.
    progress.sent = false;
    const renewed = await credentials.token(options.access(), true);
    if (renewed === undefined || renewed === token) throw first.refused;
    return await exchange(request, renewed, signal, wireSignal, progress, read);
  };

  const exchange = async <T>(
    request: KubeRequest,
    token: string | undefined,
    signal: AbortSignal,
    wireSignal: AbortSignal,
    progress: Progress,
    read: (response: HttpResponse) => Promise<T>,
  ): Promise<T> => {
    const release = await limiter.acquire(signal);
    try {
      // A request whose caller gave up while it waited its turn must never be sent.
      if (signal.aborted) throw new PortError('Timeout', 'cancelled');
      const { server, tls } = options.access();
      progress.sent = true;
      return await read(
        await http.send(
          {
            method: request.method,
            url: `${server}${request.path}`,
            headers: headersOf(request, token, options.impersonate),
            ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
            tls,
            label: `kube.${request.verb}`,
          },
          wireSignal,
        ),
      );
    } finally {
      release();
    }
  };

  const refusal = async (request: KubeRequest, response: HttpResponse): Promise<KubeError> => {
    const body = await statusBody(response);
    return errorFromStatus(response.status, body, {
      what: describe(cluster, request),
      mutation: isMutation(request),
      retryAfterMs: retryAfterMs(response),
    });
  };

  const accepted = async (request: KubeRequest, response: HttpResponse): Promise<HttpResponse> => {
    if (response.status >= 200 && response.status < 300) return response;
    throw await refusal(request, response);
  };

  /** Reads wait out a 429 as long as the deadline allows; a mutation's caller decides anew. */
  const patient = async <T>(
    request: KubeRequest,
    endsAt: number,
    signal: AbortSignal,
    once: () => Promise<T>,
  ): Promise<T> => {
    for (;;) {
      try {
        return await once();
      } catch (error) {
        const throttled = error instanceof KubeError && error.code === 'Throttled' && !isMutation(request);
        if (!throttled) throw error;
        const wait = Math.max(1, error.retryAfterMs ?? defaultRetryAfterMs);
        if (clock.monotonic() + wait >= endsAt) throw error;
        await clock.sleep(wait, signal);
      }
    }
  };

  const bounded = async <T>(
    request: KubeRequest,
    call: Call,
    work: (signal: AbortSignal, progress: Progress) => Promise<T>,
  ): Promise<T> => {
    const progress: Progress = { sent: false };
    const startedAt = clock.monotonic();
    const report = (code: KubeErrorCode | 'OK'): void =>
      options.onCall?.({ cluster, verb: request.verb, code, durationMs: clock.monotonic() - startedAt });
    try {
      const result = await withDeadline(clock, call.deadlineMs, call.signal, (signal) =>
        patient(request, startedAt + call.deadlineMs, signal, () => work(signal, progress)),
      );
      report('OK');
      return result;
    } catch (error) {
      const outcomeUnknown = isMutation(request) && progress.sent;
      const shown = errorFromPort(error, { what: describe(cluster, request), outcomeUnknown });
      if (shown instanceof KubeError) report(shown.code);
      throw shown;
    }
  };

  return {
    json: (request, call, parse) =>
      bounded(request, call, (signal, progress) =>
        authenticated(request, signal, signal, progress, async (response) =>
          parse(parseJson(await readText((await accepted(request, response)).body, maxBodyBytes))),
        ),
      ),
    open: (request, call, streamSignal) =>
      bounded(request, call, (signal, progress) =>
        authenticated(request, signal, streamSignal, progress, (response) => accepted(request, response)),
      ),
  };
}

function headersOf(
  request: KubeRequest,
  token: string | undefined,
  impersonate: string | undefined,
): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': 'maestro-dr',
    ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    // For a ServiceAccount's name the API server adds its groups itself.
    ...(impersonate === undefined ? {} : { 'impersonate-user': impersonate }),
  };
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
    if (error instanceof PortError) return undefined;
    throw error;
  }
}
