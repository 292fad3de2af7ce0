import type { PostgresqlDatabase, PostgresqlServer } from '../../../api/plan.ts';
import type { Clock } from '../../../ports/clock.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Sql, SqlTarget } from '../../../ports/sql.ts';
import type { DatabaseRef } from '../driver.ts';

/** What the driver is made of. `callMs` bounds each call of observer and actuator, Secrets and pauses included. */
export interface PostgresqlOptions {
  readonly sql: Sql;
  readonly clock: Clock;
  /** The values of a Secret by key, decoded. Rejects where it is absent. */
  readonly secrets: (namespace: string, name: string) => Promise<Readonly<Record<string, string>>>;
  readonly callMs: number;
  /** For the server to read what diverged; default `callMs`. */
  readonly divergenceMs?: number;
  /** Told of a Secret whose credentials brought nothing. */
  readonly distrust?: (namespace: string, name: string) => void;
}

/** A session to be: where to, and what must appear in no message. */
export interface Connection {
  readonly target: SqlTarget;
  readonly secrets: readonly string[];
}

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly ca?: string;
}

/** As the operator, to change something: what it commits waits for no synchronous standby, which may be dead. */
export async function operatorConnection(options: PostgresqlOptions, ref: DatabaseRef): Promise<Connection> {
  const { target, secrets } = await observerConnection(options, ref, options.callMs);
  return { target: { ...target, settings: { ...target.settings, synchronous_commit: 'local' } }, secrets };
}

/**
 * As the operator, in the plan's database: roles, sessions and WAL are the whole server's, what a role may write is
 * each database's own. It commits nothing, and sees the setting that the applications' commits go by.
 */
export async function observerConnection(
  options: PostgresqlOptions,
  ref: DatabaseRef,
  statementMs: number,
): Promise<Connection> {
  const server = serverOf(ref);
  const credentials = await readSecret(options, ref.namespace, server.secretRef.name);
  return connection(ref.database, server, credentials, {
    // Else the operator's own ALTER ROLE fails where read-only is a default.
    default_transaction_read_only: 'off',
    // A standby answers nothing where serializable is the default.
    default_transaction_isolation: 'read committed',
    // The server drops what a vanished client left behind.
    statement_timeout: String(statementMs),
    TimeZone: 'UTC',
    search_path: 'pg_catalog,public',
  });
}

/** As the application, with its own defaults: what it may do is the question. */
export async function applicationConnection(
  options: PostgresqlOptions,
  ref: DatabaseRef,
  secretName: string,
): Promise<Connection> {
  const server = serverOf(ref);
  const application = await readSecret(options, ref.namespace, secretName);
  if (application.ca !== undefined || server.sslMode === 'disable') {
    return connection(ref.database, server, application, {});
  }
  const { ca } = await readSecret(options, ref.namespace, server.secretRef.name);
  return connection(ref.database, server, ca === undefined ? application : { ...application, ca }, {});
}

/** A session failed: its Secrets may have been rotated, and an hour would be long to wait for the new ones. */
export function distrustSecrets(options: PostgresqlOptions, ref: DatabaseRef): void {
  const { servers, applicationProbe } = ref.database;
  for (const secret of [servers[ref.region]?.secretRef, applicationProbe?.secretRef]) {
    if (secret !== undefined) options.distrust?.(ref.namespace, secret.name);
  }
}

function connection(
  database: PostgresqlDatabase,
  server: PostgresqlServer,
  { username, password, ca }: Credentials,
  settings: Readonly<Record<string, string>>,
): Connection {
  const tls = server.sslMode === 'disable' ? {} : { tls: ca === undefined ? {} : { ca } };
  return {
    target: {
      host: server.host,
      port: server.port,
      database: database.database,
      user: username,
      password,
      ...tls,
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
    },
    secrets: [password],
  };
}

function serverOf(ref: DatabaseRef): PostgresqlServer {
  const server = ref.database.servers[ref.region];
  if (server === undefined) {
    throw new PortError(
      'Malformed',
      `database ${ref.database.name} has no server in region ${ref.region}: add servers.${ref.region}`,
    );
  }
  return server;
}

async function readSecret(options: PostgresqlOptions, namespace: string, name: string): Promise<Credentials> {
  const values = await options.secrets(namespace, name);
  const { username, password, 'ca.crt': ca } = values;
  if (username === undefined || password === undefined) {
    const key = username === undefined ? 'username' : 'password';
    throw new PortError('Malformed', `Secret ${namespace}/${name} has no key ${key}: add it`);
  }
  return ca === undefined ? { username, password } : { username, password, ca };
}
