import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import { databaseSuite } from '../../../contract/database-suite.ts';
import type { CreateDriver } from '../../../contract/database-world.ts';
import { createModelWorld } from './model-world.ts';
import { createRealWorld } from './real-world.ts';

const createDriver: CreateDriver = (options) => ({
  observer: createPostgresqlObserver(options),
  actuator: createPostgresqlActuator(options),
});

describe('PostgreSQL driver x model', () => {
  databaseSuite('postgresql', 'model', createDriver, createModelWorld);
});

describe('PostgreSQL driver x real', function () {
  this.timeout(180_000);
  databaseSuite('postgresql', 'real', createDriver, createRealWorld);
});
