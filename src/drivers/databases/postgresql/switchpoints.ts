import { withDeadline } from '../../../ports/deadline.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Sql } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { DatabaseState, Lsn } from '../driver.ts';
import type { Connection, PostgresqlOptions } from './connection.ts';
import { booleanOf, textOf } from './rows.ts';
import { switchpointStatement, timelineStartStatement } from './statements.ts';

/** Where the timelines of primaries began. Asked once: it never changes, and costs a session, or a segment of WAL. */
export interface Switchpoints {
  /**
   * Undefined for a replica, for timeline 1, and where it cannot be read (no pg_walinspect, no right to it, WAL gone,
   * more WAL than can be read in `callMs`); that is not tried again for a while. Never rejects.
   * `recoveredTo`: where the server's last recovery ended, if it had one since its start.
   */
  find(
    connection: Connection,
    state: DatabaseState,
    recoveredTo: Lsn | undefined,
    signal: AbortSignal,
  ): Promise<Lsn | undefined>;
}

/**
 * ms until it is tried again, twice as long each time: what cannot be read just after a promotion may be readable in a
 * moment, and a segment that is read in vain with each look costs a server as long as looks are apart.
 */
const againMs = { first: 1_000, longest: 60_000 };

interface Timeline {
  readonly timeline: number;
  readonly systemIdentifier: string;
}

export function createSwitchpoints(options: Pick<PostgresqlOptions, 'sql' | 'clock' | 'callMs'>): Switchpoints {
  const { sql, clock, callMs } = options;
  const found = new Map<string, Timeline & { readonly lsn: Lsn }>();
  /** By database, for each has extensions and rights of its own. `until`: monotonic ms. */
  const unreadable = new Map<string, Timeline & { readonly waitMs: number; readonly until: number }>();
  return {
    async find(connection, state, recoveredTo, signal) {
      const { role, timeline, systemIdentifier } = state;
      const { host, port, database } = connection.target;
      const server = `${host}:${String(port)}`;
      if (role === 'Replica') {
        // Whatever it becomes next may have branched elsewhere, with the same number.
        found.delete(server);
        return undefined;
      }
      if (timeline < 2) return undefined;
      const before = found.get(server);
      if (isOf(state, before)) return before.lsn;
      const vain = unreadable.get(`${server}/${database}`);
      if (isOf(state, vain) && clock.monotonic() < vain.until) return undefined;
      const answer = await withDeadline(clock, callMs, signal, (call) =>
        read(sql, connection, recoveredTo, call),
      ).catch(whyNot);
      // Cancelled is no answer either.
      if (answer === 'Broken' || signal.aborted) return undefined;
      if (answer === 'Unreadable') {
        const waitMs = isOf(state, vain) ? Math.min(vain.waitMs * 2, againMs.longest) : againMs.first;
        const until = clock.monotonic() + waitMs;
        unreadable.set(`${server}/${database}`, { timeline, systemIdentifier, waitMs, until });
        return undefined;
      }
      found.set(server, { timeline, systemIdentifier, lsn: answer.lsn });
      return answer.lsn;
    },
  };
}

function isOf<T extends Timeline>({ timeline, systemIdentifier }: DatabaseState, kept: T | undefined): kept is T {
  return kept?.timeline === timeline && kept.systemIdentifier === systemIdentifier;
}

/** Sessions of their own, for a session fails as a whole where pg_walinspect is missing or the WAL is gone. */
async function read(
  sql: Sql,
  { target }: Connection,
  recoveredTo: Lsn | undefined,
  signal: AbortSignal,
): Promise<{ readonly lsn: Lsn } | 'Unreadable'> {
  if (recoveredTo !== undefined) {
    const [rows] = await sql.run(target, [switchpointStatement(recoveredTo)], signal);
    if (rows?.[0] !== undefined && booleanOf(rows[0], 'switched')) return { lsn: recoveredTo };
  }
  const [rows] = await sql.run(target, [timelineStartStatement()], signal);
  return rows?.[0] === undefined ? 'Unreadable' : { lsn: textOf(rows[0], 'lsn') };
}

/** The server's own refusal, and more WAL than there is time for, stay; a session that broke does not. */
function whyNot(error: unknown): 'Unreadable' | 'Broken' {
  if (error instanceof PortError) return error.why === 'Timeout' ? 'Unreadable' : 'Broken';
  const refused =
    error instanceof SqlError && error.statement !== 'connect' && /^(42|58|22|0A|57014)/.test(error.sqlState);
  return refused ? 'Unreadable' : 'Broken';
}
