import type { Fact } from '../../../api/fact.ts';
import { known, mapFact, unknown } from '../../../api/fact.ts';
import { instant } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { SqlRow } from '../../../ports/sql.ts';
import { SqlError } from '../../../ports/sql.ts';
import type { DatabaseObserver, DatabaseRef, DatabaseState, Divergence, Lsn } from '../driver.ts';
import type { Connection, PostgresqlOptions } from './connection.ts';
import { distrustSecrets, observerConnection } from './connection.ts';
import type { Failure } from './failure.ts';
import { describeFailure } from './failure.ts';
import { identityHash } from '../../../api/identity.ts';
import { createOtherDatabases, type OtherDatabases } from './other-databases.ts';
import { booleanOf, numberOf, onlyRow, orNull, textOf, textsOf } from './rows.ts';
import { stateOf } from './state.ts';
import { createSwitchpoints } from './switchpoints.ts';
import {
  divergenceStatement,
  markersStatement,
  obstaclesStatement,
  rightsStatement,
  rolesStatement,
  serverStatement,
  sessionsStatement,
  slotsStatement,
} from './statements.ts';

/** Reads one server as the operator's role; changes nothing on it. */
export function createPostgresqlObserver(options: PostgresqlOptions): DatabaseObserver {
  const switchpoints = createSwitchpoints(options);
  const others = createOtherDatabases(options.sql, options.clock);
  return {
    observe: async (ref, signal) => {
      const fact = await asked(options, ref, usual(options), signal, async (connection, call) => ({
        connection,
        ...(await readState(options, others, connection, ref, call)),
      }));
      if (!fact.known) return mapFact(fact, ({ state }) => state);
      // In a time of its own: what was seen of the server stands without it.
      const { connection, state, recoveredTo } = fact.value;
      const switchpoint = await switchpoints.find(connection, state, recoveredTo, signal);
      return { ...fact, value: switchpoint === undefined ? state : { ...state, switchpoint } };
    },
    divergence: async (ref, switchpoint, signal) =>
      await asked(options, ref, patient(options), signal, async (connection, call) => {
        return await readDivergence(options, connection, switchpoint, call);
      }),
  };
}

/** ms that the server has for a statement, and that the whole call has. */
interface Patience {
  readonly statementMs: number;
  readonly callMs: number;
}

function usual({ callMs }: PostgresqlOptions): Patience {
  return { statementMs: callMs, callMs };
}

/** The server gives up first, and says so: to be told from one that does not answer. */
function patient({ callMs, divergenceMs = callMs }: PostgresqlOptions): Patience {
  return { statementMs: divergenceMs, callMs: divergenceMs + callMs };
}

/** Dated from before the first byte was sent; every failure becomes an unknown. */
async function asked<T>(
  options: PostgresqlOptions,
  ref: DatabaseRef,
  { statementMs, callMs }: Patience,
  signal: AbortSignal,
  read: (connection: Connection, signal: AbortSignal) => Promise<T>,
): Promise<Fact<T>> {
  const at = instant(options.clock);
  let open: Connection | undefined;
  try {
    const value = await withDeadline(options.clock, callMs, signal, async (call) => {
      open = await observerConnection(options, ref, statementMs);
      return await read(open, call);
    });
    return known(value, at, ref.generation);
  } catch (error) {
    distrustSecrets(options, ref);
    const { why, detail, answered } = open === undefined ? notAskedYet(error) : describeFailure(error, open.secrets);
    return { ...unknown(why, detail, at), ...(answered === undefined ? {} : { answered }) };
  }
}

/** Without its credentials the server was asked nothing: that these came too late is no silence of its own. */
function notAskedYet(error: unknown): Failure {
  const failure = describeFailure(error);
  const silent = failure.why === 'Timeout' || failure.why === 'Unreachable';
  return silent ? { why: 'Malformed', detail: `its Secret was not read: ${failure.detail}` } : failure;
}

/** As long as nothing is fenced, and nobody says otherwise, ms. */
const othersMs = 15_000;

interface Read {
  readonly state: DatabaseState;
  /** Where a recovery ended on what is a primary now: a switchpoint, if that recovery ended in a promotion. */
  readonly recoveredTo?: Lsn;
}

async function readState(
  { sql, callMs }: PostgresqlOptions,
  others: OtherDatabases,
  { target }: Connection,
  ref: DatabaseRef,
  signal: AbortSignal,
): Promise<Read> {
  const { applicationRoles, administrativeRoles, replicationRoles } = ref.database;
  const keep = [...applicationRoles, ...administrativeRoles, ...replicationRoles];
  const [server, roles, markers, sessions, slots, obstacles, rights] = await sql.run(
    target,
    [
      serverStatement(),
      rolesStatement(applicationRoles),
      markersStatement(identityHash(ref.identity)),
      sessionsStatement(applicationRoles),
      slotsStatement(),
      obstaclesStatement(keep),
      rightsStatement(),
    ],
    signal,
  );
  const row = onlyRow(server, 'server');
  const right = onlyRow(rights, 'rights');
  const here = obstacles ?? [];
  const fenced = (markers ?? []).some((marker) => textOf(marker, 'kind') === 'fence');
  const question = {
    target,
    keep,
    databases: textsOf(right, 'databases'),
    named: here.map((one) => textOf(one, 'name')),
    // Each costs a session for every database; behind a fence nothing is taken from before.
    servesMs: fenced ? 0 : (ref.othersMs ?? othersMs),
    withinMs: callMs / 2,
  };
  const elsewhere = booleanOf(row, 'recovering') ? [] : await others.obstacles(question, signal);
  const state = stateOf({
    server: row,
    roles: roles ?? [],
    markers: markers ?? [],
    sessions: sessions ?? [],
    slots: slots ?? [],
    obstacles: [...here, ...elsewhere],
    rights: right,
  });
  const recoveredTo = orNull(row, 'recovered_to', textOf);
  return { state, ...(recoveredTo === undefined ? {} : { recoveredTo }) };
}

async function readDivergence(
  { sql }: PostgresqlOptions,
  { target }: Connection,
  switchpoint: Lsn,
  signal: AbortSignal,
): Promise<Divergence> {
  try {
    const [rows] = await sql.run(target, [divergenceStatement(switchpoint)], signal);
    return divergenceOf(onlyRow(rows, 'divergence'));
  } catch (error) {
    if (error instanceof SqlError && error.sqlState === '58P01') {
      throw new PortError('Malformed', `WAL is gone: nothing from ${switchpoint} on can be read any more`);
    }
    // The record there is still being written: soon it can be read.
    if (error instanceof SqlError && error.message.includes('could not find a valid record')) {
      throw new PortError('Unreachable', `no complete record after ${switchpoint} yet`);
    }
    throw error;
  }
}

function divergenceOf(row: SqlRow): Divergence {
  const optional = (key: keyof Divergence, column: string): Partial<Divergence> => {
    const value = orNull(row, column, numberOf);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    lostCommits: numberOf(row, 'lost'),
    postReturnCommits: numberOf(row, 'late'),
    ...optional('firstLostAt', 'first_lost_ms'),
    ...optional('lastLostAt', 'last_lost_ms'),
    ...optional('firstPostReturnAt', 'first_late_ms'),
    ...optional('lastPostReturnAt', 'last_late_ms'),
  };
}
