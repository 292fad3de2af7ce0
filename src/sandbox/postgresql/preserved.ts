import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { configurationText } from './configuration.ts';
import type { Installation } from './installation.ts';
import { query } from './query.ts';
import { freePort, runPostmaster, stopPostmaster } from './server.ts';

/** An order as it stands in the table; `amount` in whole units of the shop's currency, `placedAt` ms since the epoch. */
export interface Order {
  readonly id: string;
  readonly client: string | null;
  readonly amount: number | null;
  readonly region: string | null;
  readonly placedAt: number;
}

export const ORDERS_TEXT = `SELECT id::text AS id, client, amount, region,
  (extract(epoch FROM placed_at) * 1000)::float8 AS "placedAt" FROM orders ORDER BY placed_at, id`;

/**
 * The orders in a preserved data folder. A server runs for it, on a copy beside it, for starting one on the original
 * would write to the evidence; the copy and its server are gone when this settles.
 * `password`: of `postgres`, as it was in that database.
 */
export async function readPreserved(
  preserved: string,
  options: { readonly installation: Installation; readonly password: string },
): Promise<readonly Order[]> {
  return await queryPreserved<Order & pg.QueryResultRow>(preserved, { ...options, text: ORDERS_TEXT });
}

/** The same for any query of the shop's database. */
export async function queryPreserved<R extends pg.QueryResultRow>(
  preserved: string,
  options: { readonly installation: Installation; readonly password: string; readonly text: string },
): Promise<readonly R[]> {
  const { installation, password, text } = options;
  const scratch = await mkdtemp(join(dirname(preserved), 'reading-'));
  const data = join(scratch, 'data');
  try {
    await mkdir(data, { mode: 0o700 });
    await cp(preserved, data, { recursive: true, mode: 0 });
    // It is to open as it is, not to follow anybody.
    for (const name of ['standby.signal', 'recovery.signal']) await rm(join(data, name), { force: true });
    const address = { host: '127.0.0.1', port: await freePort('127.0.0.1') };
    const access = join(scratch, 'pg_hba.conf');
    const configuration = join(scratch, 'postgresql.conf');
    await writeFile(access, 'host shop postgres 127.0.0.1/32 scram-sha-256\n');
    await writeFile(
      configuration,
      configurationText({
        listen_addresses: address.host,
        port: String(address.port),
        unix_socket_directories: '',
        hba_file: access,
        fsync: 'off',
        dynamic_shared_memory_type: 'mmap',
        io_method: 'sync',
        autovacuum: 'off',
        max_connections: '100',
        max_wal_senders: '8',
        shared_buffers: '16MB',
      }),
    );
    await installation.adopt(scratch);
    await runPostmaster(installation, data, join(scratch, 'postgresql.log'), [`config_file=${configuration}`]);
    return await query<R>(address, { user: 'postgres', password, database: 'shop' }, text);
  } finally {
    await stopPostmaster(data, 'immediate');
    await rm(scratch, { recursive: true, force: true });
  }
}
