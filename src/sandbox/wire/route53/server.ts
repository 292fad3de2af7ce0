import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Delivery } from '../../models/route53/delivery.ts';
import type { Route53Model } from '../../models/route53/model.ts';
import { refusals } from '../../models/route53/refusals.ts';
import type { Refusal } from '../../models/route53/shapes.ts';
import { readRequest } from './request.ts';
import { HTML_503, renderOutput, renderRefusal } from './response.ts';
import { readSignature } from './signature.ts';

export interface Route53ServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface Route53Server {
  /** For `AWS_ENDPOINT_URL_ROUTE_53` or a client's `endpoint`. */
  readonly url: string;
  readonly port: number;
  /** Requests that were refused with 501 because the sandbox does not know them, as sentences. */
  readonly unknownRequests: readonly string[];
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1 << 20;

/** The model over Route 53's REST-XML protocol. @throws Error when the address cannot be listened on. */
export async function serveRoute53(model: Route53Model, options: Route53ServerOptions): Promise<Route53Server> {
  const unknownRequests: string[] = [];
  const sockets = new Set<Socket>();
  let served = 0;
  const server = createServer((request, response) => {
    served += 1;
    const requestId = `00000000-0000-4000-8000-${String(served).padStart(12, '0')}`;
    serve(model, unknownRequests, requestId, request, response).catch((error: unknown) => {
      // The caller gets a 500 rather than a hung connection, and the sandbox's own log the reason.
      console.error('route53 sandbox:', error);
      send(response, requestId, refusals.internalFailure());
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    port,
    unknownRequests,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function serve(
  model: Route53Model,
  unknownRequests: string[],
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) return;
  const signed = readSignature(request.headers.authorization);
  if (signed.kind === 'refused') {
    send(response, requestId, signed.refusal);
    return;
  }
  const asked = readRequest(request.method ?? '', request.url ?? '', body);
  switch (asked.kind) {
    case 'unknown':
      unknownRequests.push(asked.why);
      send(response, requestId, refusals.notModelled(asked.why));
      return;
    case 'malformed':
      send(response, requestId, { code: 'MalformedInput', messages: [asked.why], status: 400, shape: 'typed' });
      return;
    case 'call': {
      const { operation, input } = asked;
      transmit(response, requestId, operation, model.deliver({ operation, input, caller: signed.caller }));
    }
  }
}

/** undefined where the client went away. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw new Error(`a request of more than ${MAX_BODY_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (request.destroyed && size <= MAX_BODY_BYTES) return undefined;
    throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function transmit(response: ServerResponse, requestId: string, operation: string, delivery: Delivery): void {
  switch (delivery.kind) {
    case 'replied':
      if (delivery.reply.kind === 'refused') send(response, requestId, delivery.reply.refusal);
      else write(response, requestId, 200, renderOutput(operation, delivery.reply.output));
      return;
    case 'cut':
      cut(response, requestId, renderOutput(operation, delivery.output), delivery.how);
      return;
    case 'html-503':
      response.writeHead(503, { 'content-type': 'text/html' }).end(HTML_503);
      return;
    case 'dropped':
      response.socket?.destroy();
      return;
    case 'silent':
    // The connection stays open until the client gives up or the server closes.
  }
}

function send(response: ServerResponse, requestId: string, refusal: Refusal): void {
  write(response, requestId, refusal.status, renderRefusal(refusal, requestId));
}

function write(response: ServerResponse, requestId: string, status: number, body: string): void {
  const length = Buffer.byteLength(body);
  response
    .writeHead(status, { 'content-type': 'text/xml', 'content-length': length, 'x-amzn-requestid': requestId })
    .end(body);
}

/** A 200 that says less than its body: the connection broke, or a proxy ended the document early. */
function cut(
  response: ServerResponse,
  requestId: string,
  body: string,
  how: 'connection' | 'document' | 'empty',
): void {
  if (how === 'empty') {
    write(response, requestId, 200, '');
    return;
  }
  const half = body.slice(0, Math.ceil(body.length / 2));
  if (how === 'document') {
    write(response, requestId, 200, half);
    return;
  }
  const length = Buffer.byteLength(body);
  response.writeHead(200, { 'content-type': 'text/xml', 'content-length': length, 'x-amzn-requestid': requestId });
  response.write(half, () => response.socket?.destroy());
}
