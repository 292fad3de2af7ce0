import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readPreserved } from '../../../src/sandbox/postgresql/preserved.ts';
import type { Server } from '../../../src/sandbox/postgresql/server.ts';
import { asAdministrator, asShop, createPostgresqlPair, until } from '../../support/postgresql.ts';
import type { PostgresqlPair } from '../../support/postgresql.ts';

const REBUILD = join(import.meta.dirname, '../../../src/sandbox/postgresql/rebuild-main.ts');

interface Outcome {
  readonly code: number;
  readonly last: Readonly<Record<string, unknown>>;
}

/** One story, told in order: each test begins where the one before it ended. */
describe('PostgreSQL of the sandbox: a real outage and the way back', function () {
  this.timeout(180_000);
  let pair: PostgresqlPair;
  const lost = ['l-1', 'l-2', 'l-3'].map(() => randomUUID());
  const late = randomUUID();
  let switchpoint = '';
  let preservedAt = '';

  before(async () => {
    pair = await createPostgresqlPair();
  });
  after(async () => {
    await pair.end();
  });

  const place = async (server: Server, id: string): Promise<void> => {
    await asShop(pair, server, 'INSERT INTO orders (id, client, amount, region) VALUES ($1, $2, 7, $3)', [
      id,
      'test',
      server.name,
    ]);
  };
  const ids = async (server: Server): Promise<readonly string[]> =>
    (await asAdministrator<{ id: string }>(pair, server, 'SELECT id::text FROM orders')).map(({ id }) => id);
  const value = async (server: Server, expression: string): Promise<string> => {
    const [row] = await asAdministrator<{ value: string }>(pair, server, `SELECT (${expression})::text AS value`);
    return row?.value ?? 'null';
  };
  const timeline = (server: Server): Promise<string> =>
    value(server, `('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int`);
  const runRebuild = async (server: Server, change: Readonly<Record<string, string>> = {}): Promise<Outcome> => {
    const env = {
      // With what decides as whom PostgreSQL runs, which a pod of the sandbox inherits too.
      ...process.env,
      MAESTRO_SANDBOX_SERVER: server.folder,
      MAESTRO_RUN: 'checkout-7',
      MAESTRO_EPOCH: '7',
      MAESTRO_PRIMARY_HOST: pair.west.host,
      MAESTRO_PRIMARY_PORT: String(pair.west.port),
      MAESTRO_PRIMARY_SSLMODE: 'verify-full',
      MAESTRO_SYSTEM_IDENTIFIER: await value(pair.west, '(SELECT system_identifier FROM pg_control_system())'),
      MAESTRO_TIMELINE: '2',
      MAESTRO_SWITCHPOINT: switchpoint,
      MAESTRO_SLOT: 'east',
      ...change,
    };
    const done = await promisify(execFile)(process.execPath, [REBUILD], { env, timeout: 120_000 }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: unknown) => ({
        code: error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : -1,
        stdout: error instanceof Error && 'stdout' in error ? String(error.stdout) : '',
      }),
    );
    const line: unknown = JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '{}');
    assert.ok(typeof line === 'object' && line !== null);
    return { code: done.code, last: { ...line } };
  };

  it('replicates', async () => {
    const id = randomUUID();
    await place(pair.east, id);
    await until('the order is replicated', async () => (await ids(pair.west)).includes(id));
    assert.equal(await value(pair.west, 'pg_is_in_recovery()'), 'true');
    const [stream] = await asAdministrator<{ ssl: boolean; application_name: string }>(
      pair,
      pair.east,
      'SELECT s.ssl, r.application_name FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)',
    );
    assert.deepEqual(stream, { ssl: true, application_name: 'west' });
  });

  it('refuses to rebuild the current primary, and changes nothing', async () => {
    const refused = await runRebuild(pair.east, { MAESTRO_TIMELINE: '1', MAESTRO_SWITCHPOINT: '' });
    assert.equal(refused.code, 1);
    assert.match(String(refused.last['message']), /^Refused: .* is a standby itself/);
    const self = await runRebuild(pair.east, {
      MAESTRO_PRIMARY_PORT: String(pair.east.port),
      MAESTRO_TIMELINE: '1',
      MAESTRO_SWITCHPOINT: '',
    });
    assert.match(String(self.last['message']), /is the server to rebuild itself/);
    assert.equal(await value(pair.east, 'pg_is_in_recovery()'), 'false');
  });

  it('loses what was committed while the link was held, when the primary is killed', async () => {
    pair.link.hold();
    for (const id of lost) await place(pair.east, id);
    const pid = await pair.east.pid();
    await pair.east.kill();
    assert.ok(pid !== undefined);
    assert.equal(await pair.east.pid(), undefined);
    pair.link.cut();
    await assert.rejects(asShop(pair, pair.east, 'SELECT 1'), /ECONNREFUSED/);
    assert.equal(await value(pair.west, 'pg_promote()'), 'true');
    assert.equal(await timeline(pair.west), '2');
    switchpoint = await value(pair.west, 'pg_last_wal_replay_lsn()');
    await place(pair.west, randomUUID());
    const present = await ids(pair.west);
    assert.deepEqual(
      lost.filter((id) => present.includes(id)),
      [],
    );
  });

  it('brings the old primary back with its own history', async () => {
    await pair.east.start();
    await place(pair.east, late);
    assert.equal(await timeline(pair.east), '1');
    const records = await asAdministrator<{ record_type: string }>(
      pair,
      pair.east,
      `SELECT record_type FROM pg_get_wal_records_info('${switchpoint}', pg_current_wal_flush_lsn())
       WHERE record_type IN ('COMMIT', 'CHECKPOINT_SHUTDOWN', 'END_OF_RECOVERY') ORDER BY start_lsn`,
    );
    assert.deepEqual(
      records.map(({ record_type }) => record_type),
      ['COMMIT', 'COMMIT', 'COMMIT', 'CHECKPOINT_SHUTDOWN', 'COMMIT'],
    );
  });

  it('refuses to rebuild from another database, and from the wrong switchpoint', async () => {
    const other = await runRebuild(pair.east, { MAESTRO_SYSTEM_IDENTIFIER: '1' });
    assert.match(String(other.last['message']), /it is another database/);
    const position = await runRebuild(pair.east, { MAESTRO_SWITCHPOINT: '0/1' });
    assert.match(String(position.last['message']), /timeline 2 of .* began at .*, expected 0\/1/);
    const current = await runRebuild(pair.west, {
      MAESTRO_PRIMARY_PORT: String(pair.east.port),
      MAESTRO_TIMELINE: '1',
      MAESTRO_SWITCHPOINT: '',
    });
    assert.match(String(current.last['message']), /it is the current primary, not an old one/);
    assert.equal(current.code, 1);
    assert.equal(await value(pair.east, 'pg_is_in_recovery()'), 'false');
    assert.equal(await value(pair.west, 'pg_is_in_recovery()'), 'false');
  });

  it('rebuilds it as a standby while the new primary takes writes', async () => {
    const done = new AbortController();
    const written: string[] = [];
    const writing = (async () => {
      while (!done.signal.aborted || written.length < 50) {
        const id = randomUUID();
        await place(pair.west, id);
        written.push(id);
      }
    })();
    const rebuilt = await runRebuild(pair.east).finally(() => {
      done.abort();
    });
    await writing;
    assert.equal(rebuilt.code, 0, JSON.stringify(rebuilt.last));
    assert.ok(typeof rebuilt.last['preservedAt'] === 'string');
    preservedAt = rebuilt.last['preservedAt'];
    assert.equal(preservedAt, `${pair.east.data}.diverged-checkout-7`);
    await until('every order is on the rebuilt standby', async () => {
      const present = new Set(await ids(pair.east));
      return written.every((id) => present.has(id));
    });
    assert.equal(await value(pair.east, 'pg_is_in_recovery()'), 'true');
    assert.equal(await value(pair.east, '(SELECT received_tli FROM pg_stat_wal_receiver)'), '2');
    const [slot] = await asAdministrator(
      pair,
      pair.west,
      `SELECT active, wal_status FROM pg_replication_slots WHERE slot_name = 'east'`,
    );
    assert.deepEqual(slot, { active: true, wal_status: 'reserved' });
  });

  it('does nothing when it is run again', async () => {
    const pid = await pair.east.pid();
    const again = await runRebuild(pair.east);
    assert.equal(again.code, 0);
    assert.equal(again.last['rebuilt'], false);
    assert.equal(again.last['preservedAt'], preservedAt);
    assert.equal(await pair.east.pid(), pid);
  });

  it('keeps exactly the lost orders and the late one, beside what both have, in the preserved copy', async () => {
    const before = await readFile(join(preservedAt, 'global', 'pg_control'));
    const preserved = await readPreserved(preservedAt, {
      installation: pair.installation,
      password: pair.credentials.postgres,
    });
    const present = new Set(await ids(pair.west));
    const only = preserved.map(({ id }) => id).filter((id) => !present.has(id));
    assert.deepEqual(only.toSorted(), [...lost, late].toSorted());
    assert.deepEqual(await readFile(join(preservedAt, 'global', 'pg_control')), before, 'the evidence was written to');
    await assert.rejects(access(join(preservedAt, 'postmaster.pid')));
  });

  it('leads back: the rebuilt standby can be promoted in its turn', async () => {
    const id = randomUUID();
    await place(pair.west, id);
    await until('replayed', async () => (await ids(pair.east)).includes(id));
    await pair.west.stop('fast');
    assert.equal(await value(pair.east, 'pg_promote()'), 'true');
    assert.equal(await timeline(pair.east), '3');
    await place(pair.east, randomUUID());
  });
});
