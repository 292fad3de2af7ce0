import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ReceiverReply, ReceiverRequest } from '../../models/receivers/index.ts';

export interface ReceiverServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** PEM; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface ReceiverServer {
  readonly port: number;
  close(): Promise<void>;
}

const maxBodyBytes = 1 << 20;

/** A receiver of messages over HTTP. @throws Error when the address cannot be listened on. */
export async function serveReceiver(
  receiver: { handle(request: ReceiverRequest): ReceiverReply },
  { host, port, tls }: ReceiverServerOptions,
): Promise<ReceiverServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(receiver, request, response).catch((error: unknown) => {
      // The caller gets a 500 rather than a hung connection, and the sandbox's own log the reason.
      console.error('receiver sandbox:', error);
      response.writeHead(500).end();
    });
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function answer(
  receiver: { handle(request: ReceiverRequest): ReceiverReply },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413).end();
    return;
  }
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const reply = receiver.handle({ method: request.method ?? '', path: request.url ?? '', headers, body });
  if (reply === 'Silence') return;
  response.writeHead(reply.status, reply.headers).end(reply.body);
}

/** undefined: longer than any message. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
