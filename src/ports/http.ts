/** What a TLS connection is held to. Absent `ca` means the system's roots. PEM throughout. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name the certificate must carry; default: the URL's host. */
  readonly serverName?: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls?: TlsOptions;
  /** Connect to this address instead of resolving the URL's host (a pinned or direct address). */
  readonly address?: string;
  /** A name for logs, metrics and fault injection, of bounded variety: `kube.list`, `check.http`. */
  readonly label: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends when the peer ended it; throws a PortError when the connection broke. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * HTTP for Kubernetes, checks and webhooks. Follows no redirect, retries nothing.
 * @throws PortError `Unreachable` (refused, reset, TLS failed) or `Timeout` (the signal's deadline).
 */
export interface Http {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}
