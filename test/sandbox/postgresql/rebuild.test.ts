import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSlot, identify } from '../../../src/sandbox/postgresql/base-backup.ts';
import { layout } from '../../../src/sandbox/postgresql/configuration.ts';
import { readControlData } from '../../../src/sandbox/postgresql/control-file.ts';
import { readPreserved } from '../../../src/sandbox/postgresql/preserved.ts';
import { passwordOf, readRebuildRequest } from '../../../src/sandbox/postgresql/rebuild-request.ts';
import { rebuild } from '../../../src/sandbox/postgresql/rebuild.ts';
import type { RebuildRequest } from '../../../src/sandbox/postgresql/rebuild.ts';
import { asAdministrator, asShop, createPostgresqlPair, until } from '../../support/postgresql.ts';
import type { PostgresqlPair } from '../../support/postgresql.ts';

describe('A rebuild that is interrupted goes on where it ended', function () {
  this.timeout(180_000);
  let pair: PostgresqlPair;
  let request: RebuildRequest;
  const lost = randomUUID();

  before(async () => {
    pair = await createPostgresqlPair();
    const { east, west, link } = pair;
    link.hold();
    await asShop(pair, east, 'INSERT INTO orders (id) VALUES ($1)', [lost]);
    await east.kill();
    link.cut();
    await asAdministrator(pair, west, 'SELECT pg_promote()');
    await east.start();
    const source = { host: west.host, port: west.port, ca: pair.ca, password: pair.credentials.replicator };
    request = {
      folder: east.folder,
      run: 'checkout-2',
      epoch: 2,
      source,
      systemIdentifier: (await identify(source)).systemIdentifier,
      timeline: 2,
      switchpoint: '',
      slot: 'east',
    };
  });
  after(async () => {
    await pair.end();
  });

  const interrupted = async (at: RegExp): Promise<void> => {
    const crash = (message: string): void => {
      if (at.test(message)) throw new Error('killed here');
    };
    await assert.rejects(rebuild(request, pair.installation, crash), /killed here/);
  };
  const preservedFolders = async (): Promise<readonly string[]> =>
    (await readdir(pair.east.folder)).filter((name) => name.includes('.diverged'));

  it('before it stops the server: nothing has happened', async () => {
    await interrupted(/^stopping/);
    const [row] = await asAdministrator(pair, pair.east, 'SELECT pg_is_in_recovery() AS standby');
    assert.deepEqual(row, { standby: false });
  });

  it('before it copies: the server is down, its data are where they were', async () => {
    await interrupted(/^copying/);
    assert.equal(await pair.east.pid(), undefined);
    assert.deepEqual(await readControlData(pair.east.data), {
      systemIdentifier: request.systemIdentifier,
      timeline: 1,
      standby: false,
    });
    assert.deepEqual(await preservedFolders(), []);
  });

  it('with half a copy, which is thrown away, and before it starts the standby', async () => {
    const half = `${pair.east.data}.rebuilding-${request.run}`;
    await rm(half, { recursive: true, force: true });
    await writeFile(half, 'half a copy');
    await interrupted(/^preserved/);
    assert.equal(await pair.east.pid(), undefined);
    assert.deepEqual(await preservedFolders(), [`data.diverged-${request.run}`]);
    assert.equal((await readControlData(pair.east.data)).standby, true);
  });

  it('and ends as one that was not: streaming, one preserved copy, which holds the lost order', async () => {
    const result = await rebuild(request, pair.installation, () => undefined);
    assert.equal(result.preservedAt, `${pair.east.data}.diverged-${request.run}`);
    assert.deepEqual(await preservedFolders(), [`data.diverged-${request.run}`]);
    await until('it streams', async () => {
      const rows = await asAdministrator(
        pair,
        pair.east,
        `SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'`,
      );
      return rows.length === 1;
    });
    const reading = { installation: pair.installation, password: pair.credentials.postgres };
    assert.ok((await readPreserved(result.preservedAt, reading)).some(({ id }) => id === lost));
    assert.deepEqual(
      (await readdir(pair.east.folder)).filter((name) => name.startsWith('reading-') || name.includes('rebuilding')),
      [],
    );
  });

  it('takes the swap for done when only the note of it is missing', async () => {
    const preservedAt = `${pair.east.data}.diverged-${request.run}`;
    await pair.east.kill();
    await writeFile(layout(request.folder).rebuild, JSON.stringify({ run: request.run, state: 'Copied', preservedAt }));
    assert.equal((await rebuild(request, pair.installation, () => undefined)).preservedAt, preservedAt);
    assert.deepEqual(await preservedFolders(), [`data.diverged-${request.run}`]);
    const reading = { installation: pair.installation, password: pair.credentials.postgres };
    assert.ok(
      (await readPreserved(preservedAt, reading)).some(({ id }) => id === lost),
      'the old data, not the copy',
    );
  });

  it('is refused for a slot that somebody streams from', async () => {
    await until('the slot is in use', async () => {
      const text = `SELECT FROM pg_replication_slots WHERE slot_name = 'east' AND active`;
      return (await asAdministrator(pair, pair.west, text)).length === 1;
    });
    await assert.rejects(ensureSlot(request.source, 'east'), /Slot east is in use/);
  });
});

describe("A rebuild's request", () => {
  it('reads a password file as libpq does', () => {
    const wanted = { host: 'pg.west', port: '5432' };
    assert.equal(passwordOf('*:*:*:replicator:secret', wanted), 'secret');
    assert.equal(
      passwordOf('# a comment\npg.east:5432:*:replicator:no\npg.west:*:replication:replicator:yes\n', wanted),
      'yes',
    );
    assert.equal(passwordOf(String.raw`*:*:*:replicator:a\:b\\c`, wanted), 'a:b\\c');
    assert.equal(passwordOf('*:*:*:shop:secret\n*:*:shop:replicator:secret\n', wanted), undefined);
    assert.equal(passwordOf('', wanted), undefined);
  });

  it('names the variable that is missing or wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-request-'));
    try {
      await writeFile(layout(folder).passfile, '*:*:*:replicator:secret\n');
      await writeFile(layout(folder).ca, 'a certificate');
      const env = {
        MAESTRO_SANDBOX_SERVER: folder,
        MAESTRO_RUN: 'checkout-2',
        MAESTRO_EPOCH: '2',
        MAESTRO_PRIMARY_HOST: '127.0.0.1',
        MAESTRO_PRIMARY_PORT: '5432',
        MAESTRO_PRIMARY_SSLMODE: 'verify-full',
        MAESTRO_SLOT: 'east',
        MAESTRO_SYSTEM_IDENTIFIER: '7',
        MAESTRO_TIMELINE: '2',
        MAESTRO_SWITCHPOINT: '0/3000148',
      };
      assert.deepEqual(await readRebuildRequest(env), {
        folder,
        run: 'checkout-2',
        epoch: 2,
        source: { host: '127.0.0.1', port: 5432, password: 'secret', ca: 'a certificate' },
        systemIdentifier: '7',
        timeline: 2,
        switchpoint: '0/3000148',
        slot: 'east',
      });
      for (const name of Object.keys(env).filter((one) => !/SSLMODE|SWITCHPOINT/.test(one))) {
        await assert.rejects(readRebuildRequest({ ...env, [name]: '' }), new RegExp(name));
      }
      await assert.rejects(readRebuildRequest({ ...env, MAESTRO_PRIMARY_SSLMODE: 'disable' }), /SSLMODE/);
      await assert.rejects(readRebuildRequest({ ...env, MAESTRO_RUN: '../x' }), /MAESTRO_RUN/);
      await assert.rejects(readRebuildRequest({ ...env, MAESTRO_TIMELINE: '0' }), /MAESTRO_TIMELINE/);
      const passfile = join(folder, 'other.pass');
      await writeFile(passfile, '*:*:*:shop:secret\n');
      await assert.rejects(readRebuildRequest({ ...env, PGPASSFILE: passfile }), /PGPASSFILE.*no entry/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
