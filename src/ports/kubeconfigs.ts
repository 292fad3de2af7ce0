import type { TlsOptions } from './http.ts';

/** How to reach one API server: data only, so that a model serves as well as a server. */
export interface ClusterAccess {
  /** `https://host:port`, no trailing slash. */
  readonly server: string;
  readonly tls: TlsOptions;
  readonly token?: string;
  /** A file that holds the token and is rotated (in-cluster); read again for each request burst. */
  readonly tokenFile?: string;
}

/**
 * Reads a kubeconfig's current context. A kubeconfig with `exec`, `auth-provider`, file paths or
 * `insecure-skip-tls-verify` is refused, for whoever may write that Secret would run code as the operator.
 * @throws PortError `Malformed` with a sentence that names the field.
 */
export interface Kubeconfigs {
  parse(text: string): ClusterAccess;
}
