import type { Clock } from '../../../ports/clock.ts';
import type { Sql, SqlRow, SqlTarget } from '../../../ports/sql.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import { PortError } from '../../../ports/port-error.ts';
import { SqlError } from '../../../ports/sql.ts';
import { textOf } from './rows.ts';
import { entrantsStatement, obstaclesStatement } from './statements.ts';

/** What writes to the other databases of a server: a promotion takes all of them along, and a fence closes none. */
export interface OtherDatabases {
  /** Rows as of the statement `obstacles`, with the database in their names. */
  obstacles(question: Question, signal: AbortSignal): Promise<readonly SqlRow[]>;
}

export interface Question {
  readonly target: SqlTarget;
  readonly keep: readonly string[];
  readonly databases: readonly string[];
  /** Named already, for a superuser writes everywhere. */
  readonly named: readonly string[];
  /** How old an answer may be, ms. */
  readonly servesMs: number;
  /** For all of them, ms. What is not reached in that time is named, and asked for the next time. */
  readonly withinMs: number;
}

interface Answer {
  readonly asked: string;
  readonly at: number;
  readonly found: readonly Found[];
}

/** Sessions at one time: each is a connection of the server's, of which applications have need too. */
const AT_ONCE = 4;

export function createOtherDatabases(sql: Sql, clock: Clock): OtherDatabases {
  const seen = new Map<string, Answer>();
  return {
    async obstacles({ target, keep, databases, named, servesMs, withinMs }, signal) {
      const at = clock.monotonic();
      const asked = JSON.stringify([target.user, keep, named]);
      const ask = async (database: string): Promise<readonly Found[]> => {
        const key = `${target.host}:${String(target.port)}/${database}`;
        const before = seen.get(key);
        if (before?.asked === asked && at - before.at < servesMs) return before.found;
        const left = Math.max(0, withinMs - (clock.monotonic() - at));
        try {
          const found = await withDeadline(clock, left, signal, (call) =>
            look({ sql, target, database, keep, signal: call }),
          );
          seen.set(key, { asked, at, found });
          return found;
        } catch (error) {
          // The plan's own database has answered: what is unknown of another one is no reason to forget that.
          return [unseen(`${database}, which could not be looked into: ${causeOf(error)}`)];
        }
      };
      const found: Found[] = [];
      for (let from = 0; from < databases.length; from += AT_ONCE) {
        found.push(...(await Promise.all(databases.slice(from, from + AT_ONCE).map(ask))).flat());
      }
      return found.filter(({ of }) => !named.includes(of)).map(({ row }) => row);
    },
  };
}

function unseen(name: string): Found {
  return { of: name, row: { kind: 'UnseenDatabase', name } };
}

/** Without the server's words, which may hold what nobody is to read. */
function causeOf(error: unknown): string {
  if (error instanceof SqlError) return `${error.sqlState} at ${error.statement}`;
  return error instanceof PortError ? error.why : 'its answer cannot be read';
}

/** `of`: who or what, without the database. */
interface Found {
  readonly of: string;
  readonly row: SqlRow;
}

/** One other database, and whose session looks into it. */
interface Looking {
  readonly sql: Sql;
  readonly target: SqlTarget;
  readonly database: string;
  readonly keep: readonly string[];
  readonly signal: AbortSignal;
}

async function look(looking: Looking): Promise<readonly Found[]> {
  const { sql, target, database, keep, signal } = looking;
  try {
    const [rows] = await sql.run({ ...target, database }, [obstaclesStatement(keep)], signal);
    return (rows ?? []).map((row) => {
      const of = textOf(row, 'name');
      return { of, row: { ...row, name: `${of} in database ${database}` } };
    });
  } catch (error) {
    if (!(error instanceof SqlError) || error.statement !== 'connect') throw error;
    // It was dropped meanwhile.
    if (error.sqlState === '3D000') return [];
    if (!/^(28|42501)/.test(error.sqlState)) throw error;
    return await closed(looking);
  }
}

/**
 * A provider keeps a database of its own beside those of its customers, and lets nobody in: `rdsadmin`, `azure_maintenance`.
 * Where nobody may enter but the roles that the plan lists, it is as if it had been looked into.
 */
async function closed({ sql, target, database, keep, signal }: Looking): Promise<readonly Found[]> {
  const [rows] = await sql.run(target, [entrantsStatement(database, keep)], signal);
  const entrants = (rows ?? []).map((row) => textOf(row, 'name'));
  if (entrants.length === 0) return [];
  const name = `${database}, which ${entrants.join(', ')} may enter: GRANT CONNECT there to ${target.user}`;
  return [unseen(name)];
}
