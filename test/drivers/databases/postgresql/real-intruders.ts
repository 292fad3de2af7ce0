import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Server } from '../../../../src/sandbox/postgresql/server.ts';
import type { DatabaseWorld } from '../../../contract/database-world.ts';
import { openClient } from './real-client.ts';
import { asAdministrator, until, type PostgresqlPair } from '../../../support/postgresql.ts';

type Intruders = Pick<DatabaseWorld, 'narrowRole' | 'subscribe' | 'schedule'>;

/** What writes past a fence: by rights that are easily overlooked, or without a session that could be ended. */
export function createIntruders(pair: PostgresqlPair, east: Server, stranger: Server): Intruders {
  const onEast = async (text: string): Promise<readonly pg.QueryResultRow[]> => await asAdministrator(pair, east, text);
  const onStranger = async (text: string): Promise<void> => {
    await asAdministrator(pair, stranger, text);
  };
  return {
    narrowRole: async (name, has) => {
      const role = pg.escapeIdentifier(name);
      const view = pg.escapeIdentifier(`view of ${name}`);
      const { rights, write } = narrow(role, view)[has];
      await onEast(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(name)}; ${rights}`);
      return {
        write: async () => {
          const client = await openClient(east, { user: name, password: name, ca: pair.ca });
          try {
            await client.query(write);
            return true;
          } catch (error) {
            if (error instanceof pg.DatabaseError) return false;
            throw error;
          } finally {
            await client.end();
          }
        },
        end: async () => {
          await onEast(`DROP VIEW IF EXISTS ${view}; DROP OWNED BY ${role}; DROP ROLE ${role}`);
        },
      };
    },
    subscribe: async (name) => {
      const id = pg.escapeIdentifier(name);
      const password = pair.credentials.postgres;
      const source = `host=${stranger.host} port=${String(stranger.port)} dbname=shop user=postgres password=${password} sslmode=require`;
      await onStranger(`CREATE PUBLICATION ${id} FOR TABLE orders`);
      await onEast(
        `CREATE SUBSCRIPTION ${id} CONNECTION ${pg.escapeLiteral(source)} PUBLICATION ${id} WITH (copy_data = false)`,
      );
      return {
        enable: async (enabled) => {
          await onEast(`ALTER SUBSCRIPTION ${id} ${enabled ? 'ENABLE' : 'DISABLE'}`);
        },
        send: async (order) => {
          const row = pg.escapeLiteral(order);
          await onStranger(`INSERT INTO orders (id) VALUES (${row})`);
          const arrived = async (): Promise<boolean> =>
            (await onEast(`SELECT FROM orders WHERE id::text = ${row}`)).length > 0;
          await until(`order ${order} comes by subscription ${name}`, arrived);
        },
        end: async () => {
          await onEast(`DROP SUBSCRIPTION ${id}`);
          await onStranger(`DROP PUBLICATION ${id}`);
        },
      };
    },
    schedule: async () => {
      const path = await imitatedExtension(pair.root);
      await onEast(`SET extension_control_path = ${pg.escapeLiteral(path)}; CREATE EXTENSION pg_cron`);
      return async () => {
        await onEast('DROP EXTENSION pg_cron');
      };
    },
  };
}

/** SQL: what gives each of them its rights, and what it writes by them. */
function narrow(role: string, view: string) {
  return {
    Column: { rights: `GRANT UPDATE (amount) ON orders TO ${role}`, write: 'UPDATE orders SET amount = 1' },
    View: {
      rights: `CREATE VIEW ${view} AS SELECT * FROM orders; GRANT INSERT ON ${view} TO ${role}`,
      write: `INSERT INTO ${view} (client) VALUES ('x')`,
    },
    Total: {
      rights: `CREATE VIEW ${view} AS SELECT count(*) AS orders FROM orders; ALTER VIEW ${view} OWNER TO ${role}`,
      write: `INSERT INTO ${view} VALUES (1)`,
    },
  } as const;
}

/**
 * pg_cron itself is in no npm package and is not here: an extension of its name, made by a real CREATE EXTENSION, with a
 * table where it has its jobs and nothing that runs them. The driver goes by the name in `pg_extension` alone, which is
 * what this holds it to; that a job of pg_cron writes past the fence is not shown. PostgreSQL 18 looks for extensions
 * in folders of a session's choice (`extension_control_path`).
 */
async function imitatedExtension(root: string): Promise<string> {
  const folder = join(root, 'imitated');
  await mkdir(join(folder, 'extension'), { recursive: true, mode: 0o755 });
  const control = "comment = 'stands for pg_cron'\ndefault_version = '1.6'\nrelocatable = false\nschema = pg_catalog\n";
  const script = 'CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, schedule text, command text);\n';
  await writeFile(join(folder, 'extension', 'pg_cron.control'), control);
  await writeFile(join(folder, 'extension', 'pg_cron--1.6.sql'), script);
  return folder;
}
