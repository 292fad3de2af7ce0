import assert from 'node:assert/strict';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
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
});
