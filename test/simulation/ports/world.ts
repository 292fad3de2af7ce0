import type { AwsRequest, AwsService } from '../../../src/ports/aws.ts';
import type { DnsType } from '../../../src/ports/dns.ts';
import type { HttpRequest } from '../../../src/ports/http.ts';
import type { ClusterAccess } from '../../../src/ports/kubeconfigs.ts';
import type { LogLevel } from '../../../src/ports/log.ts';
import type { SqlRow, SqlStatement, SqlTarget } from '../../../src/ports/sql.ts';
import { DEFAULT_LATENCY } from '../kernel/index.ts';
import type { Answer, Destination, Latency } from '../kernel/index.ts';

/** Something that answers at an address. */
export interface Endpoint<Handle> {
  readonly handle: Handle;
  /** What cuts of the network go by. */
  readonly region?: string;
  readonly latency?: Partial<Latency>;
}

type Eventually<T> = Answer<T> | Promise<Answer<T>>;

export interface WholeReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A reply that goes on. `stream` is called once, at once; what it emits leaves after the reply's head. The result is
 * called when the reader is gone, as the server notices: never across a cut network.
 */
export interface StreamReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream: (emit: (text: string) => void, end: () => void) => () => void;
}

export type HttpHandler = (request: HttpRequest) => Eventually<WholeReply | StreamReply>;

export interface HttpEndpoint extends Endpoint<HttpHandler> {
  /** Default: every method but GET, HEAD and OPTIONS. */
  readonly mutates?: (request: HttpRequest) => boolean;
}

/**
 * An AWS service as a function, `route53Aws(model)` for one. @throws AwsError; one with the code `Timeout` stands for
 * silence, which ends with the caller's own deadline.
 */
export type AwsHandler = (request: AwsRequest) => Eventually<Record<string, unknown>>;

/** A DNS server, `createDnsServer(model, name).answer` for one. undefined is silence. */
export type DnsHandler = (question: { readonly name: string; readonly type: DnsType }) =>
  | {
      readonly rcode: string;
      readonly authoritative: boolean;
      readonly answers: readonly {
        readonly name: string;
        readonly type: DnsType;
        readonly ttl: number;
        readonly value: string;
      }[];
    }
  | undefined;

/** One connection at the server. Each statement is a request of its own, so that a death or a loss can fall between two. */
export interface SqlSession {
  /** @throws SqlError */
  run(statement: SqlStatement): Eventually<readonly SqlRow[]>;
  /** The client has gone, and the server has noticed. */
  close(): void;
}

export interface SqlEndpoint extends Endpoint<(target: SqlTarget) => Eventually<SqlSession>> {
  /** Whether the statement of this name can change anything. */
  readonly mutates: (name: string) => boolean;
}

export interface LogLine {
  /** `operator#1`. */
  readonly process: string;
  /** Virtual ms on that process's wall clock. */
  readonly wall: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Everything that processes can reach. Keys are `host:port`, and a service or `service/region` for AWS. */
export interface World {
  readonly http?: Readonly<Record<string, HttpEndpoint>>;
  readonly aws?: Readonly<Partial<Record<AwsService | `${AwsService}/${string}`, Endpoint<AwsHandler>>>>;
  readonly dns?: Readonly<Record<string, Endpoint<DnsHandler>>>;
  readonly sql?: Readonly<Record<string, SqlEndpoint>>;
  /** The system's resolver, for hosts that are no key: its addresses, of which the first is connected to. */
  readonly resolve?: (host: string) => readonly string[] | undefined;
  /** Read at each asking, so what changes in it rotates. */
  readonly files?: ReadonlyMap<string, string>;
  readonly kubeconfigs?: (text: string) => ClusterAccess;
  readonly log?: (line: LogLine) => void;
  /** Of endpoints that name none; default 5 ms each way and up to 2 ms of jitter. */
  readonly latency?: Partial<Latency>;
  /** The AWS client's own bound; default 30 s. */
  readonly awsTimeoutMs?: number;
}

export function latencyOf(world: World, endpoint: Endpoint<unknown> | undefined): Latency {
  return { ...DEFAULT_LATENCY, ...world.latency, ...endpoint?.latency };
}

export function destinationOf(
  kind: Destination['kind'],
  id: string,
  host: string,
  endpoint: Endpoint<unknown> | undefined,
): Destination {
  const region = endpoint?.region;
  return region === undefined ? { kind, id, host } : { kind, id, host, region };
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-fA-F:]*:[0-9a-fA-F:.]*\]?)$/;

export function isAddress(host: string): boolean {
  return ADDRESS.test(host);
}

/** An IPv6 address in brackets, as in URLs. */
export function hostPort(host: string, port: number | string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** The endpoint's key for a host: its name where that is one, else its first address. Unknown hosts stay themselves. */
export function located(world: World, endpoints: object | undefined, host: string, port: number | string): string {
  const named = hostPort(host, port);
  if (endpoints !== undefined && Object.hasOwn(endpoints, named)) return named;
  const address = isAddress(host) ? undefined : world.resolve?.(host)?.[0];
  return address === undefined ? named : hostPort(address, port);
}
