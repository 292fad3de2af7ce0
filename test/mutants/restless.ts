import type { DatabaseObserver } from '../../src/drivers/databases/driver.ts';
import { operatorConnection, type PostgresqlOptions } from '../../src/drivers/databases/postgresql/connection.ts';
import { createPostgresqlObserver as right } from '../../src/drivers/databases/postgresql/observe.ts';
import { announceStatement } from '../../src/drivers/databases/postgresql/statements.ts';

/** Leaves a message behind with each look. */
export function createPostgresqlObserver(options: PostgresqlOptions): DatabaseObserver {
  const looking = right(options);
  return {
    ...looking,
    async observe(ref, signal) {
      const fact = await looking.observe(ref, signal);
      if (fact.known && fact.value.role === 'Primary') {
        const { target } = await operatorConnection(options, ref);
        await options.sql.run(target, [announceStatement('seen')], signal);
      }
      return fact;
    },
  };
}
