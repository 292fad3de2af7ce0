import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Http } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { createHttp } from '../../src/system/http.ts';

/** A request as the endpoint saw it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `hang`: it never answers. `stall`: the answer's headers come, its body never ends. */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'stall';

export interface Endpoint {
  readonly http: Http;
  readonly asked: Asked[];
  /** Where `shop.example.com` lives: the URL's port, and the address that its name resolves to. */
  readonly port: number;
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** PEM that its certificate is signed by; it is for `shop.example.com`. Absent over plain HTTP. */
  readonly ca?: string;
  close(): Promise<void>;
}

/** How the driver reaches an endpoint. */
export interface CheckSubject {
  readonly name: string;
  readonly against: 'model' | 'wire';
  open(reply: (asked: Asked) => Reply): Promise<Endpoint>;
}

/** The Http port in memory: connects to one address, refuses all others. */
export const overModel: CheckSubject = {
  name: 'a port in memory',
  against: 'model',
  open: async (reply) => {
    const asked: Asked[] = [];
    const address = '203.0.113.7';
    const http: Http = {
      send: async (request, signal) => {
        const url = new URL(request.url);
        if (request.address !== address) throw new PortError('Unreachable', `${url.host}: connection refused`);
        const seen = { method: request.method, path: url.pathname, host: url.host, headers: lower(request.headers) };
        asked.push(seen);
        const answer = reply(seen);
        if (answer === 'hang') return await aborted(signal);
        if (answer === 'stall') return { status: 200, headers: {}, body: stalled(signal) };
        return { status: answer.status, headers: answer.headers ?? {}, body: bytes(answer.body ?? '') };
      },
    };
    return { http, asked, port: 8080, address, scheme: 'http', close: async () => undefined };
  },
};

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

async function aborted(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new PortError('Timeout', 'no answer in time')), { once: true });
  });
}

async function* stalled(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('the first half');
  await aborted(signal);
}

/** In pieces, as they come from a socket. */
async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  const all = new TextEncoder().encode(text);
  for (let at = 0; at < all.length; at += 1000) yield all.subarray(at, at + 1000);
}

/** The operator's own client against a real server. */
export const overHttp: CheckSubject = {
  name: 'HTTP',
  against: 'wire',
  open: async (reply) => await serve('http', reply),
};

export const overHttps: CheckSubject = {
  name: 'HTTPS',
  against: 'wire',
  open: async (reply) => await serve('https', reply),
};

async function serve(scheme: 'http' | 'https', reply: (asked: Asked) => Reply): Promise<Endpoint> {
  const asked: Asked[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const host = request.headers.host ?? '';
    const seen = { method: request.method ?? '', path: request.url ?? '', host, headers };
    asked.push(seen);
    const how = reply(seen);
    if (how === 'hang') return;
    if (how === 'stall') {
      response.writeHead(200, { 'content-length': 1000 }).write('the first half');
      return;
    }
    response.writeHead(how.status, how.headers).end(how.body);
  };
  const authority = await createAuthority('checks');
  const certificate = await authority.issue({ names: ['shop.example.com'] });
  const server = scheme === 'http' ? createHttpServer(answer) : createHttpsServer(certificate, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const http = createHttp();
  const { port } = server.address() as AddressInfo;
  return {
    http,
    asked,
    port,
    address: '127.0.0.1',
    scheme,
    ...(scheme === 'https' ? { ca: authority.ca } : {}),
    close: async () => {
      await http.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
