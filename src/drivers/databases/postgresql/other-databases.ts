import type { Clock } from '../../../ports/clock.ts';
import type { Sql, SqlRow, SqlTarget } from '../../../ports/sql.ts';
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
}

export function createOtherDatabases(sql: Sql, clock: Clock): OtherDatabases {
  const seen = new Map<string, { readonly asked: string; readonly at: number; readonly rows: readonly SqlRow[] }>();
  return {
    async obstacles({ target, keep, databases, named, servesMs }, signal) {
      const server = `${target.host}:${String(target.port)}/${target.database}`;
      const asked = JSON.stringify([target.user, databases, keep, named]);
      const before = seen.get(server);
      const at = clock.monotonic();
      if (before?.asked === asked && at - before.at < servesMs) return before.rows;
      const rows: SqlRow[] = [];
      for (const database of databases) {
        const found = await look(sql, target, database, keep, signal);
        rows.push(...found.filter(({ of }) => !named.includes(of)).map(({ row }) => row));
      }
      seen.set(server, { asked, at, rows });
      return rows;
    },
  };
}

/** `of`: who or what, without the database. */
interface Found {
  readonly of: string;
  readonly row: SqlRow;
}

async function look(
  sql: Sql,
  target: SqlTarget,
  database: string,
  keep: readonly string[],
  signal: AbortSignal,
): Promise<readonly Found[]> {
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
    return await closed(sql, target, database, keep, signal);
  }
}

/**
 * A provider keeps a database of its own beside those of its customers, and lets nobody in: `rdsadmin`, `azure_maintenance`.
 * Where nobody may enter but the roles that the plan lists, it is as if it had been looked into.
 */
async function closed(
  sql: Sql,
  target: SqlTarget,
  database: string,
  keep: readonly string[],
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const [rows] = await sql.run(target, [entrantsStatement(database, keep)], signal);
  const entrants = (rows ?? []).map((row) => textOf(row, 'name'));
  if (entrants.length === 0) return [];
  const name = `${database}, which ${entrants.join(', ')} may enter: GRANT CONNECT there to ${target.user}`;
  return [{ of: name, row: { kind: 'UnseenDatabase', name } }];
}
