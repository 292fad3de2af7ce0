import pg from 'pg';
import type { Address } from '../link.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Absent: no TLS. */
  readonly ca?: string;
}

const DEADLINE_MS = 30_000;

/** For the sandbox and its witnesses; the operator has its own port. One connection, closed whatever happens. */
export async function withClient<T>(
  address: Address,
  login: Login,
  work: (client: pg.Client) => Promise<T>,
  extra: { readonly replication?: 'true'; readonly deadlineMs?: number; readonly options?: string } = {},
): Promise<T> {
  const configuration: pg.ClientConfig & { readonly replication?: string } = {
    host: address.host,
    port: address.port,
    user: login.user,
    password: () => login.password,
    database: login.database,
    application_name: 'sandbox',
    options: extra.options ?? '-c datestyle=ISO',
    ssl: login.ca === undefined ? false : { ca: login.ca, rejectUnauthorized: true },
    connectionTimeoutMillis: 10_000,
    query_timeout: extra.deadlineMs ?? DEADLINE_MS,
    ...(extra.replication === undefined ? {} : { replication: extra.replication }),
  };
  const client = new pg.Client(configuration);
  client.on('error', () => {
    // The pending query fails with it, or the next one does.
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @returns the rows, values as node-postgres reads them. */
export async function query<R extends pg.QueryResultRow>(
  address: Address,
  login: Login,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  return await withClient(address, login, async (client) => (await client.query<R>(text, [...values])).rows);
}
