export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'NS' | 'SOA';

export interface DnsQuery {
  /** The server's IP address. */
  readonly server: string;
  readonly port: number;
  readonly name: string;
  readonly type: DnsType;
}

export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`, … */
  readonly rcode: string;
  readonly authoritative: boolean;
  /** Values in presentation form (names lower case, no trailing dot; TXT as the joined string) with the TTL in seconds. */
  readonly answers: readonly {
    readonly name: string;
    readonly type: DnsType;
    readonly ttl: number;
    readonly value: string;
  }[];
}

/**
 * RD=0, over UDP and, when truncated, TCP. Retries nothing.
 * @throws PortError `Unreachable`, `Timeout` or `Malformed`.
 */
export interface Dns {
  query(query: DnsQuery, signal: AbortSignal): Promise<DnsAnswer>;
  /** The addresses of a host name by the system's resolver. An address resolves to itself. */
  resolve(host: string, signal: AbortSignal): Promise<readonly string[]>;
}
