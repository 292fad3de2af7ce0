import assert from 'node:assert/strict';
import { createOtherDatabases } from '../../../../src/drivers/databases/postgresql/other-databases.ts';
import { createClock } from '../../../../src/system/clock.ts';
import type { Sql } from '../../../../src/ports/sql.ts';

describe('the other databases of a server', () => {
  const target = { host: 'pg', port: 5432, database: 'shop', user: 'maestro', password: 'secret' };
  const question = { target, keep: [], databases: ['postgres', 'billing'], named: [] };
  const signal = new AbortController().signal;

  it('are looked into again once what is known of them is older than it may be, or was another question', async () => {
    let now = 0;
    const clock = { ...createClock(), monotonic: () => now };
    const looked: string[] = [];
    const sql: Sql = {
      run: ({ database }) => {
        looked.push(database);
        return Promise.resolve([[]]);
      },
    };
    const others = createOtherDatabases(sql, clock);
    const looks = async (servesMs: number, more: Partial<typeof question> = {}): Promise<number> => {
      looked.length = 0;
      await others.obstacles({ ...question, ...more, servesMs }, signal);
      return looked.length;
    };
    assert.equal(await looks(60_000), 2);
    now += 59_999;
    assert.equal(await looks(60_000), 0);
    assert.equal(await looks(15_000), 2, 'too old for who asks now');
    assert.equal(await looks(60_000, { databases: ['billing'] }), 1);
    assert.equal(await looks(0), 2, 'behind a fence');
    assert.equal(await looks(0), 2);
  });
});
