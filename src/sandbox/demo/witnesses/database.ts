import { query } from '../../postgresql/query.ts';
import type { Address } from '../../link.ts';

/** SQL as the administrator, past the operator and the shop. */
export interface Administrator {
  readonly address: Address;
  readonly password: string;
  readonly ca: string;
}

export interface OrderRow {
  readonly id: string;
  readonly region: string;
  /** ms, when its transaction began on that server. */
  readonly placedAt: number;
}

function login({ password, ca }: Administrator): { user: string; password: string; ca: string; database: string } {
  return { user: 'postgres', password, ca, database: 'shop' };
}

export async function orderRows(of: Administrator): Promise<readonly OrderRow[]> {
  return await query<OrderRow>(
    of.address,
    login(of),
    `SELECT id::text AS id, region, (extract(epoch FROM placed_at) * 1000)::float8 AS "placedAt" FROM orders`,
  );
}

export interface ServerIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly inRecovery: boolean;
  /** `pg_wal/*.history` of its timeline: one line for each promotion in its past. */
  readonly history: readonly string[];
}

export async function identify(of: Administrator): Promise<ServerIdentity> {
  const [row] = await query<{ id: string; timeline: number; recovering: boolean; history: string | null }>(
    of.address,
    login(of),
    `WITH here AS (
       SELECT CASE WHEN pg_is_in_recovery()
         THEN (SELECT received_tli FROM pg_stat_wal_receiver)
         ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline)
     SELECT (SELECT system_identifier::text FROM pg_control_system()) AS id, here.timeline,
       pg_is_in_recovery() AS recovering,
       pg_read_file(format('pg_wal/%s.history', upper(lpad(to_hex(here.timeline), 8, '0'))), true) AS history
     FROM here`,
  );
  if (row === undefined) throw new Error('the server said nothing about itself');
  return {
    systemIdentifier: row.id,
    timeline: row.timeline,
    inRecovery: row.recovering,
    history: (row.history ?? '').split('\n').filter((line) => line.trim() !== ''),
  };
}

/** One statement of an administrator's. */
export async function execute(of: Administrator, statement: string): Promise<void> {
  await query(of.address, login(of), statement);
}

/** The processes that send WAL to standbys: what the demo stops to slow the replication down. */
export async function walSenders(of: Administrator): Promise<readonly number[]> {
  const rows = await query<{ pid: number }>(of.address, login(of), 'SELECT pid FROM pg_stat_replication');
  return rows.map(({ pid }) => pid);
}
