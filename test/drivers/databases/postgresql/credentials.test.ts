import assert from 'node:assert/strict';
import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
import type { PostgresqlOptions } from '../../../../src/drivers/databases/postgresql/connection.ts';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import { PortError } from '../../../../src/ports/port-error.ts';
import { createRig } from '../../../contract/database-world.ts';
import { createModelWorld } from './model-world.ts';

type Secrets = PostgresqlOptions['secrets'];

describe('a database whose Secret cannot be read', () => {
  const hindrances: Readonly<Record<string, Secrets>> = {
    'never comes': async () => await new Promise(() => undefined),
    'is with an API server that is not reached': async () => {
      throw new PortError('Unreachable', 'connect ECONNREFUSED');
    },
    'is not there': async () => {
      throw new Error('secrets "maestro" not found');
    },
  };
  for (const [name, secrets] of Object.entries(hindrances)) {
    it(`is not called silent where the Secret ${name}: nobody asked it`, async () => {
      const world = await createModelWorld();
      const createDriver = (options: PostgresqlOptions) => ({
        observer: createPostgresqlObserver({ ...options, secrets }),
        actuator: createPostgresqlActuator(options),
      });
      const { observer, ref, signal } = createRig(world, createDriver, { callMs: 4_000 });
      const fact = await observer.observe(ref('west'), signal);
      assert(!fact.known);
      assert.deepEqual([fact.why, fact.answered], ['Malformed', undefined]);
      assert.match(fact.detail, /Secret|secrets/);
    });
  }
});
