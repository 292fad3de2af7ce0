import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Address } from '../link.ts';
import type { Credentials } from './configuration.ts';
import { query } from './query.ts';

/** The shop's table. `id` is the client's own, so that an order that was acknowledged can be found again anywhere. */
const ORDERS = `
  SET ROLE shop;
  CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client text,
    amount integer,
    region text,
    placed_at timestamptz NOT NULL DEFAULT now()
  );
  RESET ROLE;`;

/** Just what the operator needs and no more: it is no superuser, reads no order and can never become `shop`. */
const OPERATOR = `
  GRANT pg_signal_backend, pg_monitor, pg_checkpoint TO maestro;
  GRANT shop TO maestro WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
  ALTER ROLE maestro SET log_statement = 'ddl';`;

/** In each database that the operator may connect to: rights on functions are a database's own. */
const IN_DATABASE = `
  GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO maestro;
  CREATE EXTENSION pg_walinspect;
  GRANT EXECUTE ON FUNCTION pg_get_wal_records_info(pg_lsn, pg_lsn), pg_get_wal_record_info(pg_lsn) TO maestro;`;

export async function createRoles(address: Address, ca: string, credentials: Credentials): Promise<void> {
  const administrator = { user: 'postgres', password: credentials.postgres, ca };
  const role = (name: 'maestro' | 'replicator' | 'shop', rights: string): string =>
    `CREATE ROLE ${escapeIdentifier(name)} LOGIN ${rights} PASSWORD ${escapeLiteral(credentials[name])};`;
  const roles = [role('maestro', 'CREATEROLE'), role('replicator', 'REPLICATION'), role('shop', '')].join('\n');
  await query(address, { ...administrator, database: 'postgres' }, roles + OPERATOR + IN_DATABASE);
  await query(address, { ...administrator, database: 'postgres' }, 'CREATE DATABASE shop OWNER shop');
  await query(address, { ...administrator, database: 'shop' }, ORDERS + IN_DATABASE);
}
