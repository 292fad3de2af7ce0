import { checkServerIdentity } from 'node:tls';
import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { Http, HttpRequest, HttpResponse } from '../ports/http.ts';
import { PortError } from '../ports/port-error.ts';
import { createSecureContexts, type SecureContexts } from './secure-contexts.ts';

export interface SystemHttp extends Http {
  /** Breaks what is under way and closes all connections. */
  close(): Promise<void>;
}

const connectMs = 10_000;
/** Rotated certificates and addresses leave pools behind; the least recently used one is closed beyond this many. */
const maxPools = 256;

/** One pool of kept-alive HTTP/1.1 connections for each origin, TLS identity and pinned address. */
export function createHttp(): SystemHttp {
  const pools = new Map<string, Pool>();
  const contexts = createSecureContexts();

  const poolFor = (request: HttpRequest, url: URL): Pool => {
    const key = JSON.stringify([url.origin, request.address, request.tls]);
    const known = pools.get(key);
    const pool = known ?? createPool(request, url, contexts);
    pools.delete(key);
    pools.set(key, pool);
    const [oldest] = pools;
    if (pools.size > maxPools && oldest !== undefined) {
      pools.delete(oldest[0]);
      // Graceful: what is under way in it ends first.
      void oldest[1].close();
    }
    return pool;
  };

  return {
    send: async (request, signal) => {
      const url = urlOf(request);
      const where = `${url.protocol}//${url.host}${request.address === undefined ? '' : ` at ${request.address}`}`;
      try {
        const answer = await poolFor(request, url).request({
          path: `${url.pathname}${url.search}`,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
          signal,
        });
        return responseOf(answer, where, signal);
      } catch (error) {
        throw portError(error, where, signal);
      }
    },
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.destroy()));
    },
  };
}

function urlOf(request: HttpRequest): URL {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  // The URL is not quoted: a webhook's is a secret.
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new PortError('Malformed', `${request.label}: the URL is not a valid http or https URL`);
  }
  return url;
}

function createPool(request: HttpRequest, url: URL, contexts: SecureContexts): Pool {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const identity = request.tls?.serverName ?? host;
  const connect = buildConnector({
    timeout: connectMs,
    // Over HTTP/2 one dead connection would carry, and hang, every request to the cluster.
    allowH2: false,
    ...(url.protocol === 'https:' ? { secureContext: contexts(request.tls ?? {}) } : {}),
    // Against the name that was meant, never against the pinned address.
    checkServerIdentity: (_dialled: string, certificate) => checkServerIdentity(identity, certificate),
  });
  return new Pool(url.origin, {
    // Deadlines are the caller's: a watch may be silent for longer than any default.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 20_000,
    allowH2: false,
    connect: (options, callback) => {
      const dialled = { ...options, hostname: request.address ?? options.hostname };
      // SNI carries names only (RFC 6066 section 3).
      connect(isIP(identity) === 0 ? { ...dialled, servername: identity } : dialled, callback);
    },
  });
}

function responseOf(answer: Dispatcher.ResponseData, where: string, signal: AbortSignal): HttpResponse {
  const { body } = answer;
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return { status: answer.statusCode, headers: Object.fromEntries(headers), body: chunks(body, where, signal) };
}

async function* chunks(body: AsyncIterable<unknown>, where: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throw portError(error, where, signal);
  }
}

function portError(error: unknown, where: string, signal: AbortSignal): PortError {
  if (error instanceof PortError) return error;
  if (signal.aborted) {
    const { reason } = signal as { reason: unknown };
    return new PortError(
      'Timeout',
      reason instanceof PortError ? `${where}: ${reason.message}` : `${where}: cancelled`,
    );
  }
  const code = codeOf(error);
  if (/^(HPE_|HTTPParserError)/.test(code)) return new PortError('Malformed', `${where}: not an HTTP answer (${code})`);
  return new PortError('Unreachable', `${where}: ${explained(code)}`);
}

function codeOf(error: unknown): string {
  // Several addresses that all failed come as one AggregateError; the first says enough.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  return first instanceof Error ? first.name : 'unknown error';
}

function explained(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name does not resolve (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `the connection broke (${code})`;
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection within ${String(connectMs / 1000)} s (${code})`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route (${code})`;
    default:
      return /CERT|TLS|SSL|VERIFY|EPROTO/.test(code) ? `TLS failed (${code})` : `the request failed (${code})`;
  }
}
