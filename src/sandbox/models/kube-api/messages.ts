/** A request as a server received it. `path` carries the query; header names are lower case. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A watch that was accepted. Called once; `emit` gets whole JSON documents, each ending in a newline, and may be
 * called before this returns and from within later writes: it must not call the model. `end` is called at most once.
 * The result cancels the watch without calling `end`.
 */
export type WatchStream = (emit: (line: string) => void, end: () => void) => () => void;

export interface WholeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StreamResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: WatchStream;
}

export type ApiResponse = WholeResponse | StreamResponse;

export const JSON_HEADERS: Readonly<Record<string, string>> = Object.freeze({ 'content-type': 'application/json' });

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request would do, for authorization. `impersonate` is asked besides, for a request in somebody's name. */
export interface Attributes {
  readonly user: string;
  readonly verb: Verb | 'impersonate';
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** One request and its outcome: the tests' independent witness of who wrote what. */
export interface AuditEntry extends Attributes {
  readonly verb: Verb;
  /** Wall time, ms. */
  readonly at: number;
  readonly cluster: string;
  /** The user that `user` acted as (Impersonate-User). */
  readonly impersonated?: string;
  readonly code: number;
  readonly dryRun: boolean;
  /** It made a new version; a write that changes nothing, or failed, did not. */
  readonly changed: boolean;
  /** The body of a mutation; values of Secrets are redacted. */
  readonly body?: string;
}
