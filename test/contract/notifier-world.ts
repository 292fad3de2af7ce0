import type { Http, HttpRequest } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import type { ReceiverReply, ReceiverRequest } from '../../src/sandbox/models/receivers/index.ts';
import { serveReceiver } from '../../src/sandbox/wire/receivers/server.ts';
import { createHttp } from '../../src/system/http.ts';

export const HOST = 'hooks.example.com';

interface Handling {
  handle(request: ReceiverRequest): ReceiverReply;
}

export interface Front {
  readonly http: Http;
  /** Every request that the driver handed to the port, in order. */
  readonly sent: HttpRequest[];
  /** Of the URL: `https://hooks.example.com:1234`. */
  readonly origin: string;
  /** What the host's name resolves to. */
  readonly address: string;
  /** PEM that its certificate is signed by. Absent over plain HTTP. */
  readonly ca?: string;
  close(): Promise<void>;
}

/** How a driver reaches a receiver. */
export interface NotifierSubject {
  readonly name: string;
  readonly against: 'model' | 'wire';
  open(receiver: Handling): Promise<Front>;
}

/** The Http port over the model. */
export const overModel: NotifierSubject = {
  name: 'the model',
  against: 'model',
  open: async (receiver) => {
    const address = '203.0.113.7';
    const send: Http['send'] = async (request, signal) => {
      const { pathname, search, host } = new URL(request.url);
      if (request.address !== address) throw new PortError('Unreachable', `${host}: connection refused (ECONNREFUSED)`);
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([key, value]) => [key.toLowerCase(), value]),
      );
      const { method, body = '' } = request;
      const reply = receiver.handle({ method, path: pathname + search, headers, body });
      if (reply === 'Silence') return await aborted(signal, host);
      return { status: reply.status, headers: reply.headers ?? {}, body: bytes(reply.body) };
    };
    return { ...recorded({ send }), origin: `https://${HOST}`, address, close: async () => undefined };
  },
};

function recorded(http: Http): Pick<Front, 'http' | 'sent'> {
  const sent: HttpRequest[] = [];
  return {
    sent,
    http: {
      send: async (request, signal) => {
        sent.push(request);
        return await http.send(request, signal);
      },
    },
  };
}

async function aborted(signal: AbortSignal, host: string): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new PortError('Timeout', `${host}: no answer`)), { once: true });
  });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text);
}

/** The operator's own client against a real server with real TLS. */
export const overHttps: NotifierSubject = {
  name: 'HTTPS',
  against: 'wire',
  open: async (receiver) => {
    const authority = await createAuthority('receivers');
    const tls = await authority.issue({ names: [HOST] });
    const served = await serveReceiver(receiver, { host: '127.0.0.1', port: 0, tls });
    const http = createHttp();
    return {
      ...recorded(http),
      origin: `https://${HOST}:${String(served.port)}`,
      address: '127.0.0.1',
      ca: authority.ca,
      close: async () => {
        await http.close();
        await served.close();
      },
    };
  },
};
