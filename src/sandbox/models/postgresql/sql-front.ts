import { PortError } from '../../../ports/port-error.ts';
import type { Sql, SqlRow } from '../../../ports/sql.ts';
import type { ModelTime } from '../time.ts';
import type { PostgresqlModel } from './model.ts';

/**
 * The Sql port over models, answering as src/system/sql.ts does. `latencyMs`: for the connection and for each
 * statement, so that the world goes on between them. What was sent takes effect even if the caller has gone.
 */
export function postgresqlSql(models: readonly PostgresqlModel[], time: ModelTime, latencyMs = 0): Sql {
  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(late());
        return;
      }
      const cancel = time.after(latencyMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      const stop = (): void => {
        cancel();
        reject(late());
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  return {
    async run(target, statements, signal) {
      const where = `${target.host}:${String(target.port)}`;
      await wait(signal);
      const session = models.find((model) => model.serves(target))?.connect(target) ?? 'Silent';
      if (session === 'Refused') throw new PortError('Unreachable', `${where}: connect: connection refused`);
      if (session === 'Silent') return await aborted(signal);
      try {
        const results: (readonly SqlRow[])[] = [];
        for (const statement of statements) {
          results.push(session.answer(statement));
          await wait(signal);
        }
        return results;
      } finally {
        session.close();
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      reject(late());
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

function late(): PortError {
  return new PortError('Timeout', 'no answer in time');
}
