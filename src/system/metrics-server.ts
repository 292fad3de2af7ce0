import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { withDeadline } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';

/** Where to listen; without a host on every address of the machine. Port 0: one that the system draws. */
export interface ListenAddress {
  readonly host?: string;
  readonly port: number;
}

/** What is shown. */
export interface Surface {
  metrics(): Promise<string>;
  /** Whether the caches are synced; a replica that does not lead is ready too, to take over. */
  ready(): boolean;
}

export interface MetricsServer {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  close(): Promise<void>;
}

const limits = Object.freeze({
  headersMs: 5_000,
  requestMs: 10_000,
  /** A connection on which nothing moves: a reader that has stopped reading, or one that is kept for later. */
  idleMs: 15_000,
  answerMs: 5_000,
  headerBytes: 8 * 1024,
  connections: 64,
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/**
 * `/metrics`, `/healthz` (the process answers) and `/readyz` (it sees what there is), for whoever can reach the port: it
 * shows no secret, takes no body, and no client can hold it up. @throws Error when the address cannot be listened on.
 */
export async function serveMetrics(
  at: ListenAddress,
  surface: Surface,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<MetricsServer> {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: limits.headerBytes,
    },
    (request, response) => {
      void answer(request, surface, clock, log).then((shown) => {
        send(request, response, shown);
      });
    },
  );
  server.maxConnections = limits.connections;
  server.setTimeout(limits.idleMs);
  await listen(server, at);
  return { url: urlOf(server), close: () => close(server) };
}

async function answer(request: IncomingMessage, surface: Surface, clock: Clock, log: Log): Promise<Answer> {
  const { method, url = '/' } = request;
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'GET or HEAD\n' };
  if (hasBody(request)) return { status: 413, body: 'no body is taken here\n' };
  switch (url.split('?')[0]) {
    case '/healthz':
      return { status: 200, body: 'ok\n' };
    case '/readyz':
      return surface.ready() ? { status: 200, body: 'ok\n' } : { status: 503, body: 'caches are not synced yet\n' };
    case '/metrics':
      return await metrics(surface, clock, log);
    default:
      return { status: 404, body: '/metrics, /healthz and /readyz are here\n' };
  }
}

async function metrics(surface: Surface, clock: Clock, log: Log): Promise<Answer> {
  try {
    const body = await withDeadline(clock, limits.answerMs, undefined, () => surface.metrics());
    return { status: 200, body, type: 'text/plain; version=0.0.4; charset=utf-8' };
  } catch (error) {
    // A scrape that fails is seen as one: what is shown is whole, or nothing.
    log.log('error', 'metrics could not be shown', { error });
    return { status: 503, body: 'metrics could not be shown; the log says why\n' };
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, type }: Answer): void {
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    // What was sent with a refused request is not read.
    ...(hasBody(request) ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new Error(`MAESTRO_METRICS_ADDRESS: cannot listen on ${host ?? ''}:${String(port)}: ${error.message}`));
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  if (!isInfo(address)) throw new Error('the metrics server listens on no port');
  const host = address.address.includes(':') ? `[${address.address}]` : address.address;
  return `http://${host}:${String(address.port)}`;
}

function isInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
