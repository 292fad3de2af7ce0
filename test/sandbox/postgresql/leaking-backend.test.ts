import assert from 'node:assert/strict';
import { createPrimary } from '../../../src/sandbox/postgresql/create.ts';
import { query } from '../../../src/sandbox/postgresql/query.ts';
import type { Server } from '../../../src/sandbox/postgresql/server.ts';
import { leakBackend } from '../../support/leaking-backend.ts';
import { asAdministrator, asShop, createPostgresqlBed } from '../../support/postgresql.ts';
import type { PostgresqlBed } from '../../support/postgresql.ts';

describe('A backend past its authentication, not yet listed', function () {
  this.timeout(120_000);
  let bed: PostgresqlBed;
  let server: Server;

  before(async () => {
    bed = await createPostgresqlBed();
    server = await createPrimary(bed.options('east'));
  });
  after(async () => {
    await bed.end();
  });
  afterEach(async () => {
    await asAdministrator(bed, server, 'ALTER ROLE shop LOGIN');
  });

  /** What a fence of one pass does: no login, and an end to every session that is listed. */
  const fenceOnce = async (): Promise<void> => {
    await asAdministrator(bed, server, 'ALTER ROLE shop NOLOGIN');
    await asAdministrator(bed, server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'`);
  };
  const leaked = async (): Promise<readonly { id: string }[]> =>
    await asAdministrator<{ id: string }>(bed, server, `SELECT id::text FROM orders WHERE client = 'leaked'`);

  it('writes a row after a fence of one pass', async () => {
    const backend = await leakBackend(bed, server);
    await fenceOnce();
    await assert.rejects(asShop(bed, server, 'SELECT 1'), /not permitted to log in/);
    assert.deepEqual(await leaked(), []);
    backend.release();
    const outcome = await backend.outcome;
    assert.ok('wrote' in outcome);
    assert.deepEqual(await leaked(), [{ id: outcome.wrote }]);
    await backend.end();
  });

  it('is missed by the views of sessions, shows by its lock, and can be ended by an operator that is no superuser', async () => {
    const backend = await leakBackend(bed, server);
    await fenceOnce();
    const operator = { user: 'maestro', password: bed.credentials.maestro, database: 'postgres', ca: bed.ca };
    const [session] = await query(server, operator, 'SELECT usename, state FROM pg_stat_activity WHERE pid = $1', [
      backend.pid,
    ]);
    assert.deepEqual(session, { usename: null, state: 'starting' });
    const [ended] = await query(
      server,
      operator,
      `SELECT pg_terminate_backend(pid) AS ended FROM pg_locks WHERE locktype = 'virtualxid' AND pid = $1`,
      [backend.pid],
    );
    assert.deepEqual(ended, { ended: true });
    const outcome = await backend.outcome;
    assert.ok('refused' in outcome);
    assert.match(outcome.refused.message, /terminating connection|Connection terminated/);
    assert.equal((await leaked()).length, 1, 'the row of the test above, and none of this one');
    await backend.end();
  });
});
