import type { TlsOptions } from './http.ts';

export interface SqlTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Absent: no TLS, which only a plan that says `sslMode: disable` gets. */
  readonly tls?: TlsOptions;
  /** Session settings, sent as `options='-c name=value …'`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export type SqlValue = string | number | boolean | null | readonly string[];
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * A statement from a driver's catalogue, never free text: `name` is what a model answers by, `text` is what a real
 * server runs. `parameters` are bound ($1…) when `bound`, else they were rendered into `text` by the catalogue (utility
 * statements take no parameters). A text of several statements runs in one transaction (simple protocol).
 */
export interface SqlStatement {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly SqlValue[];
  readonly bound: boolean;
}

/**
 * One connection, the statements in order, each result's rows, then close. Values come as text except booleans, int4
 * and float8 (numbers) and text[] (arrays of strings); LSNs and bigints stay strings.
 * @throws SqlError for an answer of the server; PortError `Unreachable` or `Timeout` where none came, `answered` where
 * one did come by which the server cannot be trusted (its certificate, no TLS, its way to log in).
 */
export interface Sql {
  run(
    target: SqlTarget,
    statements: readonly SqlStatement[],
    signal: AbortSignal,
  ): Promise<readonly (readonly SqlRow[])[]>;
}

/**
 * @field sqlState five characters (PostgreSQL manual, appendix A).
 * @field statement the catalogue name it failed at, or `connect`.
 */
export class SqlError extends Error {
  readonly sqlState: string;
  readonly statement: string;
  constructor(sqlState: string, message: string, statement: string) {
    super(message);
    this.name = 'SqlError';
    this.sqlState = sqlState;
    this.statement = statement;
  }
}
