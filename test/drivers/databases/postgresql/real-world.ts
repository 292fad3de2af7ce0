import { appendFile } from 'node:fs/promises';
import pg from 'pg';
import { layout } from '../../../../src/sandbox/postgresql/configuration.ts';
import { query } from '../../../../src/sandbox/postgresql/query.ts';
import { createPrimary } from '../../../../src/sandbox/postgresql/create.ts';
import { createLink } from '../../../../src/sandbox/link.ts';
import type { Link } from '../../../../src/sandbox/link.ts';
import type { Server } from '../../../../src/sandbox/postgresql/server.ts';
import { createClock } from '../../../../src/system/clock.ts';
import { createSql } from '../../../../src/system/sql.ts';
import type { DatabaseWorld, Region } from '../../../contract/database-world.ts';
import { recordingSql } from '../../../contract/database-world.ts';
import { asAdministrator, createPostgresqlPair, until } from '../../../support/postgresql.ts';
import type { PostgresqlPair } from '../../../support/postgresql.ts';
import { newClient, openClient, worldClient } from './real-client.ts';
import { createIntruders } from './real-intruders.ts';
import { createLeaks } from './real-leak.ts';

/** Just beside what the sandbox gives: transactions that survive, and readers that nothing but the operator ends. */
const EXTRA = 'max_prepared_transactions = 5\nmax_standby_streaming_delay = -1\n';

/** Real servers, each of which the operator reaches through a path of its own that can be held and cut. */
export async function createRealWorld(): Promise<DatabaseWorld> {
  const pair = await createPostgresqlPair();
  try {
    // A standby must allow at least what its primary does, so it comes first.
    for (const server of [pair.west, pair.east]) await reconfigure(server, EXTRA);
    const stranger = await createPrimary(pair.options('stranger'));
    // It publishes what a subscription of another cluster reads.
    await reconfigure(stranger, 'wal_level = logical\n');
    const servers = { east: pair.east, west: pair.west, stranger };
    const paths = {
      east: await createLink({ target: pair.east }),
      west: await createLink({ target: pair.west }),
      stranger: await createLink({ target: stranger }),
    };
    return realWorld(pair, servers, paths);
  } catch (error) {
    await pair.end();
    throw error;
  }
}

async function reconfigure(server: Server, text: string): Promise<void> {
  await appendFile(layout(server.folder).configuration, text);
  await server.stop('fast');
  await server.start();
}

type Of<T> = Readonly<Record<Region, T>>;

function realWorld(pair: PostgresqlPair, servers: Of<Server>, paths: Of<Link>): DatabaseWorld {
  const { credentials } = pair;
  const admin = async <R extends pg.QueryResultRow>(region: Region, text: string, values: readonly unknown[] = []) =>
    await asAdministrator<R>(pair, servers[region], text, values);
  const passwords = new Map<string, string>(Object.entries(credentials));
  const login = (role: string) => ({ user: role, password: passwords.get(role) ?? '', ca: pair.ca });
  const clients = new Set<pg.Client>();
  const open = async (region: Region, role: string, options?: string): Promise<pg.Client> => {
    const client = await openClient(servers[region], login(role), options);
    clients.add(client);
    return client;
  };
  return {
    clock: createClock(),
    ...recordingSql(createSql()),
    address: (region) => ({ host: paths[region].host, port: paths[region].port }),
    password: (role) => credentials[role],
    ca: pair.ca,
    reach: async (region, reach) => {
      if (reach === 'Open') paths[region].restore();
      else if (reach === 'Silent') paths[region].hold();
      else paths[region].cut();
    },
    link: async (state) => {
      if (state === 'Open') pair.link.restore();
      else if (state === 'Held') pair.link.hold();
      else pair.link.cut();
    },
    kill: async (region) => {
      await servers[region].kill();
    },
    start: async (region) => {
      await servers[region].start();
    },
    write: async (region, id, role = 'shop') => {
      try {
        const client = await open(region, role);
        try {
          return await worldClient(client).write(id);
        } finally {
          await client.end();
        }
      } catch (error) {
        // Refused or broken: in either case nobody told the client that it was taken.
        if (error instanceof Error) return false;
        throw error;
      }
    },
    rows: async (region) => (await admin<{ id: string }>(region, 'SELECT id::text FROM orders')).map(({ id }) => id),
    client: async (region, role = 'shop') => worldClient(await open(region, role)),
    leak: createLeaks(async (region, text) => await admin<{ pid: number }>(region, text), servers, login('shop')),
    stall: async (region) => {
      let give = (): void => undefined;
      const asked = new Promise<void>((resolve) => {
        give = resolve;
      });
      const client = newClient(servers[region], login('shop'), undefined, asked);
      clients.add(client);
      const connected = client.connect().then(
        () => worldClient(client),
        () => undefined,
      );
      await until('a login waits for its password', async () => {
        const found = await admin(
          region,
          `SELECT FROM pg_stat_activity WHERE state = 'starting' AND wait_event = 'ClientRead'`,
        );
        return found.length > 0;
      });
      return async () => {
        give();
        return await connected;
      };
    },
    holdReplay: async () => {
      const reader = await open('west', 'shop');
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reader.query('SELECT count(*) FROM orders');
      await admin('east', 'INSERT INTO orders DEFAULT VALUES');
      await admin('east', 'DELETE FROM orders WHERE client IS NULL AND amount IS NULL');
      await admin('east', 'VACUUM orders');
      await until('replay waits for the reader', async () => {
        const found = await admin(
          'west',
          `SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event LIKE 'RecoveryConflict%'`,
        );
        return found.length > 0;
      });
      return worldClient(reader);
    },
    synchronous: async (region, name) => {
      await admin(region, `ALTER SYSTEM SET synchronous_standby_names = ${pg.escapeLiteral(name)}`);
      await admin(region, 'SELECT pg_reload_conf()');
      await until('the setting counts', async () => {
        const [row] = await admin<{ now: string }>(
          region,
          `SELECT current_setting('synchronous_standby_names') AS now`,
        );
        return row?.now === name;
      });
    },
    commits: async (region) => {
      const client = await open(region, 'shop');
      let returned = false;
      const insert = client.query('INSERT INTO orders DEFAULT VALUES').then(
        () => (returned = true),
        () => undefined,
      );
      const held = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop' AND wait_event = 'SyncRep'`;
      await until('it returns, or waits', async () => returned || (await admin(region, held)).length > 0);
      const answer = returned;
      await insert;
      await client.end();
      return answer;
    },
    upkeep: async (region) => {
      await admin(region, 'ANALYZE orders');
      await admin(region, 'VACUUM orders');
    },
    timelineSwitches: async (region) => await timelineSwitches(pair, servers[region]),
    createRole: async (name, { password, login: may = true, memberOf, administered = false, operates }) => {
      passwords.set(name, password);
      const text = pg.escapeLiteral(password);
      const role = pg.escapeIdentifier(name);
      await admin('east', `CREATE ROLE ${role} ${may ? 'LOGIN' : 'NOLOGIN'} PASSWORD ${text}`);
      if (memberOf !== undefined) await admin('east', `GRANT ${pg.escapeIdentifier(memberOf)} TO ${role}`);
      if (operates === true) await admin('east', operatorRights(role));
      if (administered) await admin('east', `GRANT ${role} TO maestro WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    },
    alterRole: async (name, { login: may, superuser }) => {
      const words = [
        ...(may === undefined ? [] : [may ? 'LOGIN' : 'NOLOGIN']),
        ...(superuser === undefined ? [] : [superuser ? 'SUPERUSER' : 'NOSUPERUSER']),
      ];
      await admin('east', `ALTER ROLE ${pg.escapeIdentifier(name)} ${words.join(' ')}`);
    },
    dropRole: async (name) => {
      await admin('east', `DROP OWNED BY ${pg.escapeIdentifier(name)}; DROP ROLE ${pg.escapeIdentifier(name)}`);
    },
    scratch: async (role) => {
      const client = await open('east', role);
      await client.query('CREATE TEMPORARY TABLE scratch (a integer)');
      return async () => {
        await client.end();
      };
    },
    tenant: async (name, access) => {
      const id = pg.escapeIdentifier(name);
      await admin('east', `CREATE ROLE ${id} LOGIN`);
      await admin('east', `CREATE DATABASE ${id} OWNER ${id}`);
      if (access === 'Locked') await admin('east', `REVOKE CONNECT ON DATABASE ${id} FROM PUBLIC`);
      const login = { user: 'postgres', password: credentials.postgres, ca: pair.ca };
      await query(
        servers.east,
        { ...login, database: name },
        `CREATE TABLE bills (); ALTER TABLE bills OWNER TO ${id}`,
      );
      return async () => {
        await admin('east', `DROP DATABASE ${id}`);
        await admin('east', `DROP ROLE ${id}`);
      };
    },
    prepare: async (name) => {
      await admin('east', `BEGIN; INSERT INTO orders DEFAULT VALUES; PREPARE TRANSACTION ${pg.escapeLiteral(name)}`);
    },
    rollbackPrepared: async (name) => {
      await admin('east', `ROLLBACK PREPARED ${pg.escapeLiteral(name)}`);
    },
    grant: async (role, member) => {
      const words = 'WITH ADMIN OPTION, INHERIT FALSE, SET FALSE';
      await admin('east', `GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(member)} ${words}`);
    },
    ...createIntruders(pair, servers.east, servers.stranger),
    crowd: async (region) => {
      await admin(region, 'ALTER ROLE maestro CONNECTION LIMIT 0');
      return async () => {
        await admin(region, 'ALTER ROLE maestro CONNECTION LIMIT -1');
      };
    },
    forgetWal: async (region) => {
      await admin(region, `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active`);
      for (let segment = 0; segment < 4; segment++) {
        await admin(region, 'CREATE TABLE filler (); DROP TABLE filler');
        await admin(region, 'SELECT pg_switch_wal()');
      }
      await admin(region, 'CHECKPOINT');
    },
    end: async () => {
      for (const client of clients) client.connection.stream.destroy();
      for (const path of Object.values(paths)) await path.close();
      await pair.end();
    },
  };
}

function operatorRights(role: string): string {
  return `ALTER ROLE ${role} CREATEROLE; GRANT pg_signal_backend, pg_monitor, pg_checkpoint TO ${role};
    GRANT shop TO ${role} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
    GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer), pg_get_wal_records_info(pg_lsn, pg_lsn) TO ${role}`;
}

/** PostgreSQL's own account: the history file of its newest timeline. */
async function timelineSwitches(
  pair: PostgresqlPair,
  server: Server,
): Promise<readonly { readonly timeline: number; readonly switchpoint: string }[]> {
  const files = await asAdministrator<{ name: string }>(
    pair,
    server,
    `SELECT name FROM pg_ls_waldir() WHERE name LIKE '%.history' ORDER BY 1 DESC LIMIT 1`,
  );
  const name = files[0]?.name;
  if (name === undefined) return [];
  const [row] = await asAdministrator<{ text: string }>(pair, server, 'SELECT pg_read_file($1) AS text', [
    `pg_wal/${name}`,
  ]);
  const lines = (row?.text ?? '').split('\n').filter((line) => /^\d/.test(line));
  return lines.map((line) => {
    const [parent = '', switchpoint = ''] = line.split('\t');
    return { timeline: Number(parent) + 1, switchpoint };
  });
}
