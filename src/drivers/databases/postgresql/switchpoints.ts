import type { Sql } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { DatabaseState, Lsn } from '../driver.ts';
import type { Connection } from './connection.ts';
import { booleanOf, textOf } from './rows.ts';
import { switchpointStatement, timelineStartStatement } from './statements.ts';

/** Where the timelines of primaries began. Asked once: it never changes, and costs a session, or a segment of WAL. */
export interface Switchpoints {
  /**
   * Undefined for a replica, for timeline 1, and where it cannot be read (no pg_walinspect, no right to it, WAL gone).
   * `recoveredTo`: where the server's last recovery ended, if it had one since its start.
   */
  find(
    connection: Connection,
    state: DatabaseState,
    recoveredTo: Lsn | undefined,
    signal: AbortSignal,
  ): Promise<Lsn | undefined>;
}

export function createSwitchpoints(sql: Sql): Switchpoints {
  const found = new Map<string, { readonly timeline: number; readonly systemIdentifier: string; readonly lsn: Lsn }>();
  return {
    async find(connection, { role, timeline, systemIdentifier }, recoveredTo, signal) {
      const { host, port } = connection.target;
      const server = `${host}:${String(port)}`;
      if (role === 'Replica') {
        // Whatever it becomes next may have branched elsewhere, with the same number.
        found.delete(server);
        return undefined;
      }
      if (timeline < 2) return undefined;
      const before = found.get(server);
      if (before?.timeline === timeline && before.systemIdentifier === systemIdentifier) return before.lsn;
      const lsn = await read(sql, connection, recoveredTo, signal);
      if (lsn !== undefined) found.set(server, { timeline, systemIdentifier, lsn });
      return lsn;
    },
  };
}

/** Sessions of their own, for a session fails as a whole where pg_walinspect is missing or the WAL is gone. */
async function read(
  sql: Sql,
  { target }: Connection,
  recoveredTo: Lsn | undefined,
  signal: AbortSignal,
): Promise<Lsn | undefined> {
  try {
    if (recoveredTo !== undefined) {
      const [rows] = await sql.run(target, [switchpointStatement(recoveredTo)], signal);
      if (rows?.[0] !== undefined && booleanOf(rows[0], 'switched')) return recoveredTo;
    }
    const [rows] = await sql.run(target, [timelineStartStatement()], signal);
    return rows?.[0] === undefined ? undefined : textOf(rows[0], 'lsn');
  } catch (error) {
    // The server's own refusal means that it cannot be read there; a broken session spoils the whole observation.
    const refused = error instanceof SqlError && error.statement !== 'connect' && /^(42|58|22|0A)/.test(error.sqlState);
    if (refused) return undefined;
    throw error;
  }
}
