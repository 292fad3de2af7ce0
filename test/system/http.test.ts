import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { HttpRequest, HttpResponse } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { Authority } from '../../src/sandbox/certificates.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import type { SystemHttp } from '../../src/system/http.ts';
import { createHttp } from '../../src/system/http.ts';

const patience = new AbortController().signal;

async function text(response: HttpResponse): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of response.body) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, label: 'test', ...more };
}

async function failure(work: Promise<unknown>): Promise<PortError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PortError, String(error));
  return error;
}

function sniOf({ socket }: IncomingMessage): unknown {
  return 'servername' in socket ? socket.servername : undefined;
}

function peerOf({ socket }: IncomingMessage): unknown {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : undefined;
}

describe('http', () => {
  let http: SystemHttp;
  let authority: Authority;
  const servers: { close(): void; closeAllConnections?: () => void }[] = [];

  before(async () => {
    authority = await createAuthority('test');
  });
  beforeEach(() => {
    http = createHttp();
  });
  afterEach(async () => {
    await http.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections?.();
      server.close();
    }
  });

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  const serve = (handler: RequestListener): Promise<number> => listening(createServer(handler));
  const serveTls = async (names: readonly string[], handler: RequestListener): Promise<number> =>
    listening(createTlsServer(await authority.issue({ names }), handler));

  it('sends method, headers and body, and keeps the connection for the next', async () => {
    const sockets = new Set<unknown>();
    const port = await serve((request, response) => {
      sockets.add(request.socket);
      request.setEncoding('utf8').once('data', (body) => {
        response.setHeader(
          'X-Seen',
          `${String(request.method)} ${String(request.url)} ${String(request.headers['x-a'])}`,
        );
        response.end(`got ${String(body)}`);
      });
    });
    for (const body of ['one', 'two', 'three', 'four']) {
      const request = get(`http://127.0.0.1:${String(port)}/p?q=1`, { method: 'PATCH', headers: { 'X-A': 'b' }, body });
      const response = await http.send(request, patience);
      assert.deepEqual([response.status, response.headers['x-seen']], [200, 'PATCH /p?q=1 b']);
      assert.equal(await text(response), `got ${body}`);
    }
    // The first may not be free again quite yet when the second is sent.
    assert.ok(sockets.size <= 2, String(sockets.size));
  });

  it('follows no redirect', async () => {
    const port = await serve((_request, response) => response.writeHead(302, { location: 'http://elsewhere/' }).end());
    const response = await http.send(get(`http://127.0.0.1:${String(port)}/`), patience);
    assert.deepEqual([response.status, response.headers.location], [302, 'http://elsewhere/']);
    await text(response);
  });

  it('connects to the pinned address while Host and the certificate stay the name', async () => {
    let seen: { host: string | undefined; sni: unknown } | undefined;
    const port = await serveTls(['edge.example.com'], (request: IncomingMessage, response: ServerResponse) => {
      seen = { host: request.headers.host, sni: sniOf(request) };
      response.end('ok');
    });
    const url = `https://edge.example.com:${String(port)}/`;
    const pinned = { address: '127.0.0.1', tls: { ca: authority.ca } };
    assert.equal(await text(await http.send(get(url, pinned), patience)), 'ok');
    assert.deepEqual(seen, { host: `edge.example.com:${String(port)}`, sni: 'edge.example.com' });
  });

  it('holds the certificate to the meant name: the URL’s, an IP address, or serverName', async () => {
    const named = await serveTls(['edge.example.com'], (_request, response) => response.end('ok'));
    const numbered = await serveTls(['127.0.0.1'], (_request, response) => response.end('ok'));
    const tls = { ca: authority.ca };
    assert.equal((await http.send(get(`https://127.0.0.1:${String(numbered)}/`, { tls }), patience)).status, 200);
    const direct = get(`https://127.0.0.1:${String(named)}/`, { tls: { ...tls, serverName: 'edge.example.com' } });
    assert.equal((await http.send(direct, patience)).status, 200);
    const wrong = [
      get(`https://127.0.0.1:${String(named)}/`, { tls }),
      get(`https://other.example.com:${String(named)}/`, { tls, address: '127.0.0.1' }),
      // The pinned address is in the certificate, the meant name is not.
      get(`https://edge.example.com:${String(numbered)}/`, { tls, address: '127.0.0.1' }),
      get(`https://127.0.0.2:${String(numbered)}/`, { tls, address: '127.0.0.1' }),
    ];
    for (const request of wrong) {
      const error = await failure(http.send(request, patience));
      assert.deepEqual(
        [error.why, error.message.includes('TLS failed (ERR_TLS_CERT_ALTNAME_INVALID)')],
        ['Unreachable', true],
      );
    }
    const untrusted = await failure(http.send(get(`https://127.0.0.1:${String(numbered)}/`), patience));
    assert.match(untrusted.message, /TLS failed/);
  });

  it('presents a client certificate', async () => {
    const server = createTlsServer(
      {
        ...(await authority.issue({ names: ['127.0.0.1'] })),
        ca: authority.ca,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => response.end(peerOf(request)),
    );
    const port = await listening(server);
    const { cert, key } = await authority.issue({ names: ['operator'], client: true });
    const request = get(`https://127.0.0.1:${String(port)}/`, { tls: { ca: authority.ca, cert, key } });
    assert.equal(await text(await http.send(request, patience)), 'operator');
    const bare = get(`https://127.0.0.1:${String(port)}/`, { tls: { ca: authority.ca } });
    assert.equal((await failure(http.send(bare, patience).then(text))).why, 'Unreachable');
  });

  it('tells refused, unresolvable, reset and garbled apart, without the URL’s secrets', async () => {
    const closed = createServer();
    const port = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    const refused = await failure(http.send(get(`http://127.0.0.1:${String(port)}/secret-hook?token=x`), patience));
    assert.deepEqual(
      [refused.why, refused.message],
      ['Unreachable', `http://127.0.0.1:${String(port)}: connection refused (ECONNREFUSED)`],
    );
    const unresolvable = await failure(http.send(get('http://nowhere.invalid/'), patience));
    assert.match(unresolvable.message, /does not resolve/);
    const resetting = await serve((request) => request.socket.resetAndDestroy());
    const reset = await failure(http.send(get(`http://127.0.0.1:${String(resetting)}/`), patience));
    assert.match(reset.message, /the connection broke/);
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.write('this is no HTTP\r\n\r\n');
    });
    servers.push(tcp);
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const garbled = await failure(
      http.send(get(`http://127.0.0.1:${String((tcp.address() as AddressInfo).port)}/`), patience),
    );
    assert.equal(garbled.why, 'Malformed');
    for (const url of ['ftp://x/', 'not a url']) {
      assert.equal((await failure(http.send(get(url), patience))).why, 'Malformed');
    }
  });

  it('gives the body as it comes, and a PortError when it breaks off', async () => {
    let goOn = (): void => undefined;
    const port = await serve((_request, response) => {
      response.write('first');
      goOn = () => response.socket?.resetAndDestroy();
    });
    const response = await http.send(get(`http://127.0.0.1:${String(port)}/`), patience);
    const seen: string[] = [];
    const error = await failure(
      (async () => {
        for await (const chunk of response.body) {
          seen.push(Buffer.from(chunk).toString());
          goOn();
        }
      })(),
    );
    assert.deepEqual([seen, error.why], [['first'], 'Unreachable']);
  });

  it('ends with its signal, before and after the headers, read or unread', async () => {
    const silent = await serve(() => undefined);
    const early = new AbortController();
    const waiting = failure(http.send(get(`http://127.0.0.1:${String(silent)}/`), early.signal));
    early.abort(new PortError('Timeout', 'no answer within 5 ms'));
    assert.deepEqual(
      [(await waiting).why, (await waiting).message.includes('no answer within 5 ms')],
      ['Timeout', true],
    );

    let closed = (): void => undefined;
    const dripping = await serve((_request, response) => {
      response.write('drop');
      response.on('close', () => closed());
    });
    for (const read of [true, false]) {
      const closing = new Promise<void>((resolve) => (closed = resolve));
      const late = new AbortController();
      const response = await http.send(get(`http://127.0.0.1:${String(dripping)}/`), late.signal);
      const reading = read ? failure(text(response)) : undefined;
      late.abort();
      await closing;
      assert.equal((await reading)?.why, read ? 'Timeout' : undefined);
    }
  });

  it('closes the connection of a body whose reader leaves', async () => {
    let closed = (): void => undefined;
    const closing = new Promise<void>((resolve) => (closed = resolve));
    const port = await serve((_request, response) => {
      response.write('drop');
      response.on('close', () => closed());
    });
    const response = await http.send(get(`http://127.0.0.1:${String(port)}/`), patience);
    for await (const chunk of response.body) {
      assert.equal(chunk.length, 4);
      break;
    }
    await closing;
  });
});
