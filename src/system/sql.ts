import { isIP, Socket } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { Sql, SqlRow, SqlStatement, SqlTarget, SqlValue } from '../ports/sql.ts';
import { SqlError } from '../ports/sql.ts';
import { PortError } from '../ports/port-error.ts';
import { createSecureContexts, type SecureContexts } from './secure-contexts.ts';

/** PostgreSQL's own numbers for the types that do not stay text (`pg_type.dat`). */
const BOOL = 16;
const INT4 = 23;
const FLOAT8 = 701;
const NAME_ARRAY = 1003;
const TEXT_ARRAY = 1009;

/**
 * The real Sql port, by node-postgres. One connection per `run`, closed before it settles; the signal's abort destroys
 * the socket, so no hung server can hold one. For a text of several statements, the rows of all its results in order.
 *
 * A server that hangs in a statement does not notice the destroyed socket: where that matters, the target's settings
 * carry `client_connection_check_interval`.
 */
export function createSql(): Sql {
  const contexts = createSecureContexts();
  return { run: (target, statements, signal) => run(contexts, target, statements, signal) };
}

async function run(
  contexts: SecureContexts,
  target: SqlTarget,
  statements: readonly SqlStatement[],
  signal: AbortSignal,
): Promise<readonly (readonly SqlRow[])[]> {
  if (signal.aborted) {
    throw new PortError('Timeout', `${where(target)}: cancelled before it was asked`);
  }
  const socket = new Socket();
  const client = new pg.Client(configuration(contexts, target, socket));
  let broken: Error | undefined;
  // Without a listener an error between two queries would end the process; with none pending it fails the next query.
  client.on('error', (error) => {
    broken = error;
  });
  const abort = (): void => {
    client.connection.stream.destroy();
    socket.destroy();
  };
  signal.addEventListener('abort', abort, { once: true });
  let at = 'connect';
  try {
    await client.connect();
    const results: (readonly SqlRow[])[] = [];
    for (const statement of statements) {
      at = statement.name;
      results.push(await answer(client, statement));
    }
    // Terminate, and wait until the server has closed: its backend is gone when the caller goes on.
    await client.end();
    return results;
  } catch (error) {
    const first = broken ?? error;
    throw meaning(first, error, { target, at, signal, answered: isAnswer(first, client.connection.stream) });
  } finally {
    signal.removeEventListener('abort', abort);
    abort();
  }
}

function configuration(contexts: SecureContexts, target: SqlTarget, socket: Socket): pg.ClientConfig {
  // Everything is given, for what is missing node-postgres takes from the process's environment and from ~/.pgpass.
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: () => target.password,
    application_name: 'maestro-dr',
    options: sessionOptions({ client_encoding: 'UTF8', datestyle: 'ISO', ...target.settings }),
    ssl: target.tls === undefined ? false : tlsOptions(contexts, target),
    stream: () => socket,
  };
}

/** libpq's rule: blanks and backslashes in a value are escaped by a backslash. */
function sessionOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

function tlsOptions(contexts: SecureContexts, target: SqlTarget): ConnectionOptions {
  const tls = target.tls ?? {};
  const name = tls.serverName ?? target.host;
  return {
    rejectUnauthorized: true,
    secureContext: contexts(tls),
    // Explicit, for the name that counts is the one asked for here, whatever the socket was connected to.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}),
  };
}

async function answer(client: pg.Client, statement: SqlStatement): Promise<readonly SqlRow[]> {
  // Rows come as arrays of text, so that every type is read here and none by node-postgres' own opinions.
  const result = await client.query<unknown[], SqlValue[]>({
    text: statement.text,
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
    ...(statement.bound ? { values: [...statement.parameters] } : {}),
  });
  // Several statements in one text give an array of results, of which the types of node-postgres know nothing.
  return [result].flat().flatMap((one) => one.rows.map((row) => sqlRow(one.fields, row)));
}

function sqlRow(fields: readonly pg.FieldDef[], values: readonly unknown[]): SqlRow {
  return Object.fromEntries(fields.map((field, index) => [field.name, sqlValue(field, values[index])]));
}

function sqlValue(field: pg.FieldDef, value: unknown): SqlValue {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value !== 'string') {
    throw new PortError('Malformed', `column ${field.name} did not come as text`, { answered: true });
  }
  switch (field.dataTypeID) {
    case BOOL:
      return value === 't';
    case INT4:
    case FLOAT8:
      return Number(value);
    case NAME_ARRAY:
    case TEXT_ARRAY:
      return strings(field.name, value);
    default:
      return value;
  }
}

/** PostgreSQL manual, 8.15.6: items by commas in braces, quoted where need be, NULL unquoted. */
function strings(column: string, text: string): readonly string[] {
  const items = [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs)];
  if (!text.startsWith('{') || items.some(([, , bare]) => bare === 'NULL' || bare?.startsWith('{') === true)) {
    const problem = `column ${column} is not a flat array of strings without NULL`;
    throw new PortError('Malformed', problem, { answered: true });
  }
  return items.map(([, quoted, bare]) => bare ?? (quoted ?? '').replace(/\\(.)/gs, '$1'));
}

/**
 * Whether something spoke that is not trusted: a certificate that is not verified, no TLS, a TLS alert, or SASL that does
 * not hold (node-postgres gives its own errors no codes). A server that breaks off in between may as well be on its way down.
 */
function isAnswer(error: unknown, stream: unknown): boolean {
  // Null while nothing was verified, whatever its type says.
  const unverified: unknown = stream instanceof TLSSocket ? stream.authorizationError : null;
  if (unverified !== null && unverified !== undefined) return true;
  if (nodeCode(error).startsWith('ERR_SSL_')) return true;
  return /^SASL|SSL connection/.test(textOf(error));
}

/** How far a run came, for the words of its failure. */
interface Broken {
  readonly target: SqlTarget;
  readonly at: string;
  readonly signal: AbortSignal;
  readonly answered: boolean;
}

/** The server's own answer outranks the broken connection that follows it (a FATAL is both). */
function meaning(first: unknown, second: unknown, { target, at, signal, answered }: Broken): Error {
  for (const error of [second, first]) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) {
      return new SqlError(error.code, error.message, at);
    }
    if (error instanceof PortError) {
      return error;
    }
  }
  if (signal.aborted) {
    return new PortError('Timeout', `${where(target)}: no answer to ${at} in time`);
  }
  const text = textOf(first);
  // A server that proves no knowledge of the password, or asks for a method we refuse, is not the one we trust.
  const why = text.startsWith('SASL') ? 'Malformed' : 'Unreachable';
  return new PortError(why, `${where(target)}: ${at}: ${text === '' ? nodeCode(first) : text}`, { answered });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A host with several addresses fails with an AggregateError, whose message is empty and whose code is not. */
function nodeCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'connection failed';
}

function where(target: SqlTarget): string {
  return `${target.host}:${String(target.port)}`;
}
