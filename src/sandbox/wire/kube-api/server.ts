import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ApiRequest, ApiResponse, StreamResponse, WholeResponse } from '../../models/kube-api/index.ts';

/**
 * What becomes of a request before the model sees it: `hang` never answers, `reset` cuts the connection, a response is
 * sent instead of the model's, and `drop-reply` lets the model act and then cuts the connection. undefined: nothing.
 */
export type RequestFault = 'hang' | 'reset' | 'drop-reply' | WholeResponse | undefined;

export interface ServeOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** PEM. Absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly before?: (request: ApiRequest) => RequestFault;
}

export interface ServedKubeApi {
  readonly port: number;
  /** `https://127.0.0.1:1234` */
  readonly url: string;
  /** Ends watches and connections; resolves when the port is free. */
  close(): Promise<void>;
}

/** What of the model the wire needs. */
export interface RequestHandler {
  handle(request: ApiRequest): ApiResponse;
}

const BODY_LIMIT = 3 * 1024 * 1024;

/** Serves a model over HTTP/1.1, as kubectl and the operator speak it. */
export async function serveKubeApi(model: RequestHandler, options: ServeOptions = {}): Promise<ServedKubeApi> {
  const { host = '127.0.0.1', tls, before } = options;
  const listener = (incoming: http.IncomingMessage, outgoing: http.ServerResponse): void => {
    answer(model, before, incoming, outgoing).catch((error: unknown) => {
      // A defect of the model: the client learns of it, as it would of a panicking server.
      fail(outgoing, error);
    });
  };
  const server =
    tls === undefined
      ? http.createServer(listener)
      : https.createServer({ ...tls, ALPNProtocols: ['http/1.1'] }, listener);
  // Watches are silent for minutes and clients keep connections: nothing here times out by itself.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${String(port)}`,
    close: async () => {
      await new Promise<void>((resolve, reject) => {
        server.close((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
        server.closeAllConnections();
      });
    },
  };
}

async function answer(
  model: RequestHandler,
  before: ServeOptions['before'],
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  const request: ApiRequest = {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: headersOf(incoming),
    ...(body === '' ? {} : { body }),
  };
  const fault = before?.(request);
  if (fault === 'hang') return;
  if (fault === 'reset') {
    outgoing.destroy();
    return;
  }
  const response = typeof fault === 'object' ? fault : model.handle(request);
  if (fault === 'drop-reply') {
    outgoing.destroy();
    return;
  }
  if ('stream' in response) stream(response, outgoing);
  else send(response, outgoing);
}

async function readBody(incoming: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error(`request body larger than ${String(BODY_LIMIT)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(incoming: http.IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function send(response: WholeResponse, outgoing: http.ServerResponse): void {
  outgoing.writeHead(response.status, { ...response.headers, 'content-length': Buffer.byteLength(response.body) });
  outgoing.end(response.body);
}

function stream(response: StreamResponse, outgoing: http.ServerResponse): void {
  outgoing.writeHead(response.status, { ...response.headers });
  // The client must see that its watch is open before there is an event.
  outgoing.flushHeaders();
  const cancel = response.stream(
    (line) => {
      outgoing.write(line);
    },
    () => {
      outgoing.end();
    },
  );
  outgoing.once('close', cancel);
}

function fail(outgoing: http.ServerResponse, error: unknown): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'InternalError',
    code: 500,
  };
  send({ status: 500, headers: { 'content-type': 'application/json' }, body: JSON.stringify(status) }, outgoing);
}
