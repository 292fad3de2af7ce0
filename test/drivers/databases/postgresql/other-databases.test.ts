import assert from 'node:assert/strict';
import { createOtherDatabases } from '../../../../src/drivers/databases/postgresql/other-databases.ts';
import { PortError } from '../../../../src/ports/port-error.ts';
import { SqlError } from '../../../../src/ports/sql.ts';
import { createClock } from '../../../../src/system/clock.ts';
import type { Sql } from '../../../../src/ports/sql.ts';

describe('the other databases of a server', () => {
  const target = { host: 'pg', port: 5432, database: 'shop', user: 'maestro', password: 'secret' };
  const question = { target, keep: [] as string[], databases: ['postgres', 'billing'], named: [], withinMs: 2_000 };
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
    assert.equal(await looks(60_000, { keep: ['ana'] }), 2, 'asked for other roles');
    assert.equal(await looks(0), 2, 'behind a fence');
    assert.equal(await looks(0), 2);
  });

  it('are named where they cannot be looked into, each by itself, and asked for again', async () => {
    const broken = new Set(['full', 'locked', 'hung']);
    const looked: string[] = [];
    const sql: Sql = {
      run: async ({ database }, statements, call) => {
        looked.push(database);
        if (!broken.has(database)) return [[{ kind: 'UnlistedWriter', name: 'ana' }]];
        if (database === 'full') throw new SqlError('53300', 'too many connections', 'connect');
        if (database === 'locked') throw new SqlError('57014', 'canceled', statements[0]?.name ?? '');
        return await new Promise((_resolve, reject) => {
          call.addEventListener('abort', () => {
            reject(new PortError('Timeout', 'no answer'));
          });
        });
      },
    };
    const others = createOtherDatabases(sql, createClock());
    const ask = async (): Promise<readonly unknown[]> => {
      const databases = ['full', 'locked', 'hung', 'billing', 'after'];
      const rows = await others.obstacles({ ...question, databases, servesMs: 60_000, withinMs: 20 }, signal);
      return rows.map(({ name }) => name);
    };
    const unseen = (database: string, why: string): string => `${database}, which could not be looked into: ${why}`;
    assert.deepEqual((await ask()).slice(0, 4), [
      unseen('full', '53300 at connect'),
      unseen('locked', '57014 at obstacles'),
      unseen('hung', 'Timeout'),
      'ana in database billing',
    ]);
    broken.clear();
    looked.length = 0;
    assert.deepEqual(
      await ask(),
      ['full', 'locked', 'hung', 'billing', 'after'].map((database) => `ana in database ${database}`),
    );
    assert.equal(looked.includes('billing'), false, 'what was seen serves');
  });
});
