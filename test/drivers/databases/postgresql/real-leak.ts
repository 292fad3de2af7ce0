import { readFile } from 'node:fs/promises';
import type { Server } from '../../../../src/sandbox/postgresql/server.ts';
import type { Region, WorldClient, WorldLeak } from '../../../contract/database-world.ts';
import { until } from '../../../support/postgresql.ts';
import type { Login } from './real-client.ts';
import { newClient, worldClient } from './real-client.ts';

const UNLISTED = `SELECT pid FROM pg_stat_activity WHERE usesysid IS NULL AND backend_type = 'client backend'
  AND wait_event IS NULL`;
/** Seconds, and never waited for: any signal with a handler ends the sleep. */
const DELAY = 600;

/**
 * A backend that has authenticated and looked its role up, and is not yet listed with it: every client may ask for
 * that by `post_auth_delay`. The server's log tells that the authentication is over; the client is not told yet.
 */
export function createLeaks(
  admin: (region: Region, text: string) => Promise<readonly { readonly pid: number }[]>,
  servers: Readonly<Record<Region, Server>>,
  login: Login,
): (region: Region) => Promise<WorldLeak> {
  return async (region) => {
    const client = newClient(servers[region], login, `-c post_auth_delay=${String(DELAY)}`);
    const connected = client.connect().then(
      () => worldClient(client),
      (): WorldClient | undefined => undefined,
    );
    let pid = 0;
    await until('a backend is past authentication and not yet listed', async () => {
      const [found, again] = [await admin(region, UNLISTED), await admin(region, UNLISTED)];
      pid = found[0]?.pid ?? 0;
      return again.some((row) => row.pid === pid) && (await isAuthorized(servers[region], pid));
    });
    return {
      stop: async () => {
        process.kill(pid, 'SIGSTOP');
      },
      proceed: async () => {
        signalIfAlive(pid, 'SIGCONT');
        signalIfAlive(pid, 'SIGUSR1');
        return await connected;
      },
    };
  };
}

/** SIGUSR1 with nothing flagged does nothing but wake it up. */
function signalIfAlive(pid: number, signal: 'SIGCONT' | 'SIGUSR1'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function isAuthorized(server: Server, pid: number): Promise<boolean> {
  const lines = (await readFile(server.log, 'utf8')).split('\n');
  return lines.some((line) => line.includes(`[${String(pid)}]`) && line.includes('connection authorized: user=shop'));
}
