import assert from 'node:assert/strict';
import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import { PortError } from '../../../../src/ports/port-error.ts';
import type { Sql, SqlTarget } from '../../../../src/ports/sql.ts';
import { SqlError } from '../../../../src/ports/sql.ts';
import { createRig } from '../../../contract/database-world.ts';
import type { DatabaseWorld, Rig } from '../../../contract/database-world.ts';
import { createModelWorld } from './model-world.ts';

const [callMs, divergenceMs] = [4_000, 300_000];

/** A server that reads for so long, or until its statement_timeout. */
function reading(world: DatabaseWorld, ms: number): Rig {
  const allowedMs = ({ settings }: SqlTarget): number => Number(settings?.['statement_timeout']);
  const sql: Sql = {
    run: async (target, statements, signal) => {
      const results = await world.sql.run(target, statements, signal);
      await world.clock.sleep(Math.min(ms, allowedMs(target)), signal).catch(() => {
        throw new PortError('Timeout', 'no answer in time');
      });
      if (ms > allowedMs(target)) {
        throw new SqlError('57014', 'canceling statement due to statement timeout', 'divergence');
      }
      return results;
    },
  };
  return createRig(
    world,
    (options) => ({
      observer: createPostgresqlObserver({ ...options, divergenceMs }),
      actuator: createPostgresqlActuator(options),
    }),
    { sql, callMs },
  );
}

describe('reading what diverged', () => {
  it('may take a server longer than a look', async () => {
    const { observer, ref, signal } = reading(await createModelWorld(), 60_000);
    assert.equal((await observer.divergence(ref('east'), '0/3000028', signal)).known, true);
    assert.equal((await observer.observe(ref('east'), signal)).known, false, 'which has the usual time');
  });

  it('is given up by the server itself, which shows that it is there', async () => {
    const { observer, ref, signal } = reading(await createModelWorld(), 600_000);
    const fact = await observer.divergence(ref('east'), '0/3000028', signal);
    assert.deepEqual(!fact.known && [fact.why, fact.answered], ['Timeout', true]);
  });

  it('shows nothing of a server that does not answer', async () => {
    const world = await createModelWorld();
    await world.reach('east', 'Silent');
    const { observer, ref, signal } = reading(world, 0);
    const fact = await observer.divergence(ref('east'), '0/3000028', signal);
    assert.deepEqual(!fact.known && [fact.why, fact.answered], ['Timeout', undefined]);
  });
});
