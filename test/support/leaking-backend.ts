import pg from 'pg';
import type { Server } from '../../src/sandbox/postgresql/server.ts';
import { asAdministrator, until } from './postgresql.ts';
import type { PostgresqlBed } from './postgresql.ts';

/** A session of the shop that is past its authentication and past the check of `rolcanlogin`, and not yet listed. */
export interface LeakingBackend {
  readonly pid: number;
  /** Lets it go on at once. */
  release(): void;
  /** The id of the row it wrote, or the error that kept it from writing. */
  readonly outcome: Promise<{ readonly wrote: string } | { readonly refused: Error }>;
  /** Gives the connection up, whatever became of it. */
  end(): Promise<void>;
}

/** Longer than it ever lasts: it is a signal that ends the delay, not time. */
const DELAY_S = 600;

/**
 * Holds a backend where a fence of one pass loses it. `post_auth_delay` may be set by any role for its own session
 * (PGC_BACKEND), and sleeps right after the authentication, before the session gets its role in pg_stat_activity: there
 * it is, on version 18, as `starting` with `usename` null (up to 17 not at all), and in pg_locks with a virtualxid.
 * NOLOGIN comes too late for it. The sleep ends with any signal that has a handler: SIGUSR1 (with nothing flagged, it
 * does nothing else) releases it, pg_terminate_backend ends it, and the alarm of authentication_timeout (60 s)
 * releases it too: a test that needs longer raises that on its server.
 */
export async function leakBackend(
  bed: Pick<PostgresqlBed, 'ca' | 'credentials'>,
  server: Server,
): Promise<LeakingBackend> {
  const known = await startingBackends(bed, server);
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    user: 'shop',
    password: bed.credentials.shop,
    database: 'shop',
    ssl: { ca: bed.ca, rejectUnauthorized: true },
    options: `-c post_auth_delay=${String(DELAY_S)}`,
  });
  client.on('error', () => {
    // The outcome tells.
  });
  const outcome = write(client);
  let pid: number | undefined;
  await until('a backend past its authentication', async () => {
    pid = (await startingBackends(bed, server)).find((one) => !known.includes(one));
    return pid !== undefined;
  });
  const held = pid;
  if (held === undefined) throw new Error('unreachable: it was found');
  return {
    pid: held,
    outcome,
    release: () => {
      process.kill(held, 'SIGUSR1');
    },
    end: async () => {
      client.connection.stream.destroy();
      await outcome;
    },
  };
}

async function write(client: pg.Client): Promise<{ readonly wrote: string } | { readonly refused: Error }> {
  try {
    await client.connect();
    const { rows } = await client.query<{ id: string }>('INSERT INTO orders (client) VALUES ($1) RETURNING id::text', [
      'leaked',
    ]);
    await client.end();
    return { wrote: rows[0]?.id ?? '' };
  } catch (error) {
    return { refused: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Client backends that hold a virtual transaction (so are past authentication) and have no role in any view. */
async function startingBackends(
  bed: Pick<PostgresqlBed, 'ca' | 'credentials'>,
  server: Server,
): Promise<readonly number[]> {
  const rows = await asAdministrator<{ pid: number }>(
    bed,
    server,
    `SELECT DISTINCT l.pid FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'virtualxid' AND l.pid IS NOT NULL AND a.usesysid IS NULL
       AND coalesce(a.backend_type, 'client backend') = 'client backend'`,
  );
  return rows.map(({ pid }) => pid);
}
