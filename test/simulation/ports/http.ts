import type { Http, HttpRequest, HttpResponse } from '../../../src/ports/http.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { hash32, SILENCE } from '../kernel/index.ts';
import type { Answer, InjectedError, Process } from '../kernel/index.ts';
import { createStream } from './stream.ts';
import type { Stream } from './stream.ts';
import { destinationOf, hostPort, latencyOf, located } from './world.ts';
import type { HttpEndpoint, StreamReply, WholeReply, World } from './world.ts';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const READING = ['GET', 'HEAD', 'OPTIONS'];

export function simHttp(process: Process, world: World): Http {
  return { send: (request, signal) => send(process, world, request, signal) };
}

async function send(process: Process, world: World, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const url = new URL(request.url);
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? '') : url.port;
  const id =
    request.address === undefined ? located(world, world.http, url.hostname, port) : hostPort(request.address, port);
  const endpoint = world.http?.[id];
  const destination = destinationOf('http', id, url.hostname, endpoint);
  const latency = latencyOf(world, endpoint);
  const where = `${request.method} ${url.host}`;
  let stream: Stream | undefined;
  let shown = '…';
  const answer = (reply: WholeReply): HttpResponse => {
    shown = hashOf(reply.body ?? '');
    return whole(reply);
  };
  const respond = (reply: Answer<WholeReply | StreamReply>): Answer<HttpResponse> => {
    if (reply === SILENCE) return SILENCE;
    if (!('stream' in reply)) return answer(reply);
    stream = createStream({ process, destination, latency, signal, label: request.label, where });
    stream.open(reply.stream);
    return { status: reply.status, headers: lowerCase(reply.headers), body: stream.body };
  };
  return await process.call<HttpResponse>({
    label: request.label,
    destination,
    detail: detailOf(request, url),
    mutating: mutates(endpoint, request),
    latency,
    signal,
    perform: () => {
      if (endpoint === undefined) throw new PortError('Unreachable', `${where}: connection refused (ECONNREFUSED)`);
      const reply = endpoint.handle(request);
      return reply instanceof Promise ? reply.then(respond) : respond(reply);
    },
    describe: ({ status }) => `${String(status)} ${shown}`,
    failure: (why) => failure(where, why),
    inject: (error) => answer(injected(where, error)),
    replied: (arrivesAt) => {
      if (arrivesAt === undefined) stream?.abandon();
      else stream?.release(arrivesAt);
    },
  });
}

function mutates(endpoint: HttpEndpoint | undefined, request: HttpRequest): boolean {
  return endpoint?.mutates?.(request) ?? !READING.includes(request.method);
}

/** Bodies count for whether two histories are identical, but hold secrets. */
function detailOf(request: HttpRequest, url: URL): string {
  const target = `${request.method} ${url.pathname}${url.search}`;
  return request.body === undefined ? target : `${target} ${hashOf(request.body)}`;
}

function hashOf(text: string): string {
  return `#${hash32(text).toString(16).padStart(8, '0')}`;
}

function whole({ status, headers, body = '' }: WholeReply): HttpResponse {
  return { status, headers: lowerCase(headers), body: once(body) };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text);
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function failure(where: string, why: 'cancelled' | 'refused' | 'reset'): PortError {
  switch (why) {
    case 'cancelled':
      return new PortError('Timeout', `${where}: cancelled`);
    case 'refused':
      return new PortError('Unreachable', `${where}: connection refused (ECONNREFUSED)`);
    case 'reset':
      return new PortError('Unreachable', `${where}: the connection broke (ECONNRESET)`);
  }
}

function injected(where: string, error: InjectedError): WholeReply {
  if ('status' in error) return error;
  if ('why' in error) throw new PortError(error.why, `${where}: ${error.message ?? 'an injected fault'}`);
  throw new Error(`an HTTP call cannot be answered by ${JSON.stringify(error)}: give status or why`);
}
