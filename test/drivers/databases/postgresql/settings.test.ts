import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
import { layout } from '../../../../src/sandbox/postgresql/configuration.ts';
import type { Server } from '../../../../src/sandbox/postgresql/server.ts';
import { createClock } from '../../../../src/system/clock.ts';
import { createSql } from '../../../../src/system/sql.ts';
import { createRig } from '../../../contract/database-world.ts';
import type { Rig } from '../../../contract/database-world.ts';
import { asAdministrator, createPostgresqlPair, until } from '../../../support/postgresql.ts';
import type { PostgresqlPair } from '../../../support/postgresql.ts';

/** What people set in their servers, in databases and for roles, on real ones: the model has no settings. */
describe('settings of a real server', function () {
  this.timeout(120_000);
  let pair: PostgresqlPair;
  let rig: Rig;
  before(async () => {
    pair = await createPostgresqlPair();
    const { east, west, ca, credentials } = pair;
    const servers = { east, west, stranger: east };
    rig = createRig(
      {
        clock: createClock(),
        sql: createSql(),
        ca,
        address: (region) => servers[region],
        password: (role) => credentials[role],
      },
      (options) => ({ observer: createPostgresqlObserver(options), actuator: createPostgresqlActuator(options) }),
    );
    // Else its own changes would wait, too.
    await onEast('ALTER ROLE postgres SET synchronous_commit = local');
  });
  after(async () => {
    await pair.end();
  });
  const onEast = async (...texts: readonly string[]): Promise<void> => {
    for (const text of texts) await asAdministrator(pair, pair.east, text);
  };

  it('count the synchronous standbys that stream against those that are asked for', async () => {
    const cases: readonly (readonly [names: string, found: string | undefined])[] = [
      ['west', undefined],
      ['*', undefined],
      ['ANY 1 (west, elsewhere)', undefined],
      ['first 2 (west, elsewhere)', '1 of 2'],
      ['2 (west, elsewhere)', '1 of 2'],
      ['elsewhere', '0 of 1'],
    ];
    for (const [names, found] of cases) {
      await onEast(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`, 'SELECT pg_reload_conf()');
      await until(`${names}: ${found ?? 'enough'}`, async () => {
        const words = (await rig.state('east')).commitObstacles.join();
        return found === undefined ? words === '' : words.includes(`'${names}' and ${found} streams`);
      });
    }
  });

  it('ask whose commits wait: of the role in the database, the role, the database, the server', async () => {
    const waits = async (): Promise<boolean> => (await rig.state('east')).commitObstacles.length > 0;
    assert.equal(await waits(), true, 'by default');
    await onEast(
      `ALTER DATABASE shop SET synchronous_commit = 'off'`,
      `ALTER ROLE maestro SET synchronous_commit = on`,
    );
    assert.equal(await waits(), false);
    await onEast(`ALTER ROLE shop SET synchronous_commit = remote_apply`);
    assert.equal(await waits(), true);
    await onEast(`ALTER ROLE shop IN DATABASE shop SET synchronous_commit = 'LOCAL'`);
    assert.equal(await waits(), false);
    await onEast(
      'ALTER ROLE shop IN DATABASE shop RESET ALL',
      'ALTER ROLE shop RESET ALL',
      'ALTER ROLE maestro RESET synchronous_commit',
      'ALTER DATABASE shop RESET ALL',
      'ALTER SYSTEM RESET synchronous_standby_names',
      'SELECT pg_reload_conf()',
    );
  });

  it('let a plan that names no database find the writers of all, and the database that it may not look into', async () => {
    await onEast('CREATE ROLE unlisted LOGIN', 'GRANT INSERT ON orders TO unlisted', 'CREATE DATABASE closed');
    await onEast('REVOKE CONNECT ON DATABASE closed FROM PUBLIC', 'GRANT CONNECT ON DATABASE closed TO unlisted');
    assert.deepEqual((await rig.state('east', { database: 'postgres' })).fenceObstacles, [
      { kind: 'UnseenDatabase', name: 'closed, which unlisted may enter: GRANT CONNECT there to maestro' },
      { kind: 'UnlistedWriter', name: 'unlisted in database shop' },
    ]);
    await onEast('REVOKE INSERT ON orders FROM unlisted', 'DROP DATABASE closed', 'DROP ROLE unlisted');
  });

  it('do not blind the operator on a standby where serializable is the default', async () => {
    await onEast(`ALTER DATABASE shop SET default_transaction_isolation = 'serializable'`);
    await until('the setting replicates', async () => {
      return await asAdministrator(pair, pair.west, 'SELECT 1').then(
        () => false,
        (error: unknown) => String(error).includes('cannot use serializable mode in a hot standby'),
      );
    });
    assert.equal((await rig.state('west')).role, 'Replica');
    await onEast(`ALTER DATABASE shop RESET default_transaction_isolation`);
  });

  it('stop a standby that allows less than its primary: nobody is told to resume it, for that would end it', async () => {
    await reconfigure(pair.east, 'max_connections = 150\n');
    const { replayObstacles } = await rig.until('west', 'paused', (state) => state.replayObstacles.length > 0);
    assert.match(replayObstacles.join(), /^replay is paused: if its log says "insufficient parameter settings", /);
    await reconfigure(pair.west, 'max_connections = 150\n');
    await rig.until('west', 'going on', (state) => state.replayObstacles.length === 0);
  });

  it('pause a standby at its recovery target: nobody is told to resume it, for that would promote it', async () => {
    await reconfigure(pair.west, `recovery_target_lsn = '0/7000000'\n`);
    const target = (await rig.state('west')).replayObstacles.join();
    assert.match(target, /^recovery_target_lsn is set: take it out .* and restart it; .* may promote it$/);
    await onEast('CREATE TABLE much AS SELECT g, repeat(md5(g::text), 30) FROM generate_series(1, 70000) g');
    await until('it is reached', async () => {
      const [row] = await asAdministrator<{ state: string }>(
        pair,
        pair.west,
        'SELECT pg_get_wal_replay_pause_state() AS state',
      );
      return row?.state === 'paused';
    });
    assert.deepEqual((await rig.state('west')).replayObstacles, [target]);
  });
});

async function reconfigure(server: Server, text: string): Promise<void> {
  await appendFile(layout(server.folder).configuration, text);
  await server.stop('fast');
  await server.start();
}
