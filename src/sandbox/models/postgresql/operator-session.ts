import type { SqlRow, SqlStatement, SqlTarget } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import { ACTING } from './acting.ts';
import type { Surroundings } from './acting.ts';
import { mayEnter } from './catalogue.ts';
import { OBSERVING } from './observing.ts';
import type { Server } from './server.ts';
import { endSession, openSession } from './server.ts';

/** Whoever was authenticated, statement by statement. */
export interface OperatorSession {
  /** @throws SqlError, also `57P01` where the session was ended meanwhile. */
  answer(statement: SqlStatement): readonly SqlRow[];
  close(): void;
}

export function operatorSession(
  server: Server,
  { user: role, database }: Pick<SqlTarget, 'user' | 'database'>,
  around: Surroundings,
): OperatorSession {
  if (!mayEnter(server.catalogue, role, database)) {
    throw new SqlError('42501', `permission denied for database "${database}"`, 'connect');
  }
  const session = openSession(server, role, true, () => undefined);

  return {
    answer(statement) {
      if (!server.sessions.has(session.pid)) {
        throw new SqlError('57P01', 'terminating connection due to administrator command', statement.name);
      }
      const asking = { server, role, database, pid: session.pid, now: around.time.now() };
      const observing = Object.entries(OBSERVING).find(([name]) => name === statement.name)?.[1];
      if (observing !== undefined) return observing(asking, statement);
      const acting = Object.entries(ACTING).find(([name]) => name === statement.name)?.[1];
      if (acting === undefined) throw new TypeError(`the model knows no statement ${statement.name}`);
      return acting(asking, statement, around);
    },
    close() {
      endSession(server, session);
    },
  };
}
