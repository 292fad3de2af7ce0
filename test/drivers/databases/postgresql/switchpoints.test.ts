import assert from 'node:assert/strict';
import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import { PortError } from '../../../../src/ports/port-error.ts';
import type { Sql } from '../../../../src/ports/sql.ts';
import { SqlError } from '../../../../src/ports/sql.ts';
import { createRig } from '../../../contract/database-world.ts';
import type { CreateDriver, DatabaseWorld, Rig } from '../../../contract/database-world.ts';
import { createModelWorld } from './model-world.ts';

const createDriver: CreateDriver = (options) => ({
  observer: createPostgresqlObserver(options),
  actuator: createPostgresqlActuator(options),
});

const callMs = 4_000;

/** West, promoted and restarted since, so that only its WAL tells where its timeline began. */
async function restarted(walIs: 'There' | 'Gone'): Promise<DatabaseWorld> {
  const world = await createModelWorld();
  const { apply, until } = createRig(world, createDriver);
  assert.equal((await apply('west', 'Promote', 5)).kind, 'Accepted');
  await until('west', 'promoted', ({ role }) => role === 'Primary');
  if (walIs === 'Gone') await world.forgetWal('west');
  await world.kill('west');
  await world.start('west');
  return world;
}

/** How often the statement was run, by one driver whose Sql port goes through `meddle` first. */
function counting(world: DatabaseWorld, meddle: (signal: AbortSignal) => Promise<void>): Rig & { asked: () => number } {
  let asked = 0;
  const sql: Sql = {
    run: async (target, statements, signal) => {
      if (statements.some(({ name }) => name === 'timeline-start')) {
        asked += 1;
        await meddle(signal);
      }
      return await world.sql.run(target, statements, signal);
    },
  };
  return { ...createRig(world, createDriver, { sql, callMs }), asked: () => asked };
}

const untouched = async (): Promise<void> => undefined;

describe('where a timeline began', () => {
  it('is asked once where it can be read', async () => {
    const world = await restarted('There');
    const { state, asked } = counting(world, untouched);
    const [{ switchpoint }] = [await state('west'), await state('west')];
    assert.deepEqual(await world.timelineSwitches('west'), [{ timeline: 2, switchpoint }]);
    assert.equal(asked(), 1);
  });

  it('is asked again where it cannot, soon and then ever less often, but at least each minute', async () => {
    const world = await restarted('Gone');
    const { state, asked } = counting(world, untouched);
    const begun = world.clock.monotonic();
    const at: number[] = [];
    while (at.length < 10) {
      const before = asked();
      assert.equal((await state('west')).switchpoint, undefined);
      if (asked() > before) at.push(Math.round((world.clock.monotonic() - begun) / 1_000));
      await world.clock.sleep(1_000);
    }
    const waits = at.slice(1).map((seconds, index) => seconds - (at[index] ?? NaN));
    // A look comes each second, and a little later each time.
    const wanted = [1, 2, 4, 8, 16, 32, 60, 60, 60];
    for (const [index, wait] of waits.entries()) assert.ok(Math.abs(wait - (wanted[index] ?? NaN)) <= 1, String(waits));
  });

  const slow = new SqlError('57014', 'canceling statement due to statement timeout', 'timeline-start');
  const silent = async (signal: AbortSignal): Promise<void> =>
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new PortError('Timeout', 'no answer in time'));
      });
    });
  const hindrances: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
    'the server gives up reading': () => Promise.reject(slow),
    'nobody answers': silent,
  };
  for (const [name, meddle] of Object.entries(hindrances)) {
    it(`spoils no look at the rest, and is not asked at each, when ${name}`, async () => {
      const world = await restarted('There');
      const { state, asked } = counting(world, meddle);
      for (let look = 0; look < 2; look++) {
        const { role, timeline, switchpoint } = await state('west');
        assert.deepEqual([role, timeline, switchpoint], ['Primary', 2, undefined]);
      }
      assert.equal(asked(), 1);
    });
  }

  it('is asked again at once when the session broke', async () => {
    const world = await restarted('There');
    let broken = false;
    const { state, asked } = counting(world, async () => {
      if (broken) return;
      broken = true;
      throw new PortError('Unreachable', 'the connection broke');
    });
    assert.equal((await state('west')).switchpoint, undefined);
    assert.notEqual((await state('west')).switchpoint, undefined);
    assert.equal(asked(), 2);
  });
});
