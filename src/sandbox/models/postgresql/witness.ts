import type { SqlStatement } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { ModelTime } from '../time.ts';
import { ACTING } from './acting.ts';
import { mayWrite } from './catalogue.ts';
import type { OperatorSession } from './operator-session.ts';
import type { Server } from './server.ts';

/** What the servers saw of one change asked of them by SQL, or of a rebuild: a witness that no operator can talk to. */
export interface Witnessed {
  /** Wall ms. */
  readonly at: number;
  readonly server: string;
  /** Role of the session that asked; of `rebuild` who had it done, `Job` or a person's role. */
  readonly by: string;
  /** An acting statement's name, or `rebuild`. */
  readonly statement: string;
  /** As given; for `rebuild` the primary's name. */
  readonly parameters: SqlStatement['parameters'];
  /** SQLSTATE where it was refused. */
  readonly refused?: string;
  /** Just before: whether the server was in recovery, and every server of the cluster that an application could write to. */
  readonly recovering: boolean;
  readonly writers: readonly string[];
  /** Of `rebuild`: the rows that only the rebuilt server held, and where what it held was moved aside. */
  readonly only?: readonly string[];
  readonly keptAt?: string;
}

/** `by`: default the Job. `keepAt`: what the server held is moved aside to there; default: it is overwritten. */
export interface Rebuild {
  readonly by?: string;
  readonly keepAt?: string;
}

export interface Witness {
  readonly seen: readonly Witnessed[];
  session(server: Server, role: string, session: OperatorSession): OperatorSession;
  rebuild(server: Server, primary: Server, how: Rebuild): void;
}

/** Reads change nothing and are not written down. */
export function createWitness(time: ModelTime, servers: readonly Server[]): Witness {
  const seen: Witnessed[] = [];
  const before = (server: Server): Pick<Witnessed, 'at' | 'server' | 'recovering' | 'writers'> => ({
    at: time.now(),
    server: server.name,
    recovering: server.recovering,
    writers: servers.filter(takesWrites).map(({ name }) => name),
  });
  return {
    seen,
    session: (server, role, session) => ({
      close: () => {
        session.close();
      },
      answer(statement) {
        if (!Object.hasOwn(ACTING, statement.name)) return session.answer(statement);
        const { name, parameters } = statement;
        const entry = { ...before(server), by: role, statement: name, parameters };
        try {
          const rows = session.answer(statement);
          seen.push(entry);
          return rows;
        } catch (error) {
          if (error instanceof SqlError) seen.push({ ...entry, refused: error.sqlState });
          throw error;
        }
      },
    }),
    rebuild(server, primary, { by = 'Job', keepAt }) {
      const only = [...server.rows.keys()].filter((row) => !primary.rows.has(row));
      const kept = keepAt === undefined ? {} : { keptAt: keepAt };
      seen.push({ ...before(server), by, statement: 'rebuild', parameters: [primary.name], only, ...kept });
    },
  };
}

function takesWrites({ state, recovering, catalogue }: Server): boolean {
  if (state !== 'Running' || recovering) return false;
  return Object.entries(catalogue.roles).some(
    ([name, role]) => role.login && !role.superuser && role.writes && mayWrite(catalogue, name),
  );
}
