import { PortError } from '../../../src/ports/port-error.ts';
import type { Sql, SqlRow, SqlStatement, SqlTarget } from '../../../src/ports/sql.ts';
import { SqlError } from '../../../src/ports/sql.ts';
import { hash32 } from '../kernel/index.ts';
import type { Answer, Call, Destination, InjectedError, Process } from '../kernel/index.ts';
import { destinationOf, latencyOf, located } from './world.ts';
import type { SqlEndpoint, SqlSession, World } from './world.ts';

/**
 * Connects (`sql.connect`), runs each statement as a request of its own (`sql.<name>`), closes (`sql.close`) and waits
 * until the server has, as src/system/sql.ts does. However the run ends, the server learns of it when the network lets it,
 * and after everything that was sent before.
 */
export function simSql(process: Process, world: World): Sql {
  return { run: (target, statements, signal) => run(process, world, target, statements, signal) };
}

interface Connection {
  readonly process: Process;
  readonly endpoint: SqlEndpoint | undefined;
  readonly destination: Destination;
  readonly where: string;
  readonly signal: AbortSignal;
  session: SqlSession | undefined;
  /** Virtual ms: one connection keeps its order. */
  lastArrival: number;
}

async function run(
  process: Process,
  world: World,
  target: SqlTarget,
  statements: readonly SqlStatement[],
  signal: AbortSignal,
): Promise<readonly (readonly SqlRow[])[]> {
  const id = located(world, world.sql, target.host, target.port);
  const endpoint = world.sql?.[id];
  const destination = destinationOf('sql', id, target.host, endpoint);
  const where = `${target.host}:${String(target.port)}`;
  const connection: Connection = { process, endpoint, destination, where, signal, session: undefined, lastArrival: 0 };
  const hangUp = (): void => {
    const latency = latencyOf(world, endpoint);
    const ms = Math.max(latency.thereMs + latency.jitterMs, connection.lastArrival - process.now());
    process.send(destination, ms, () => close(connection));
  };
  const forget = process.onEnd(hangUp);
  try {
    await request(connection, world, {
      label: 'sql.connect',
      detail: `${target.database} as ${target.user}`,
      mutating: false,
      perform: () => connect(connection, target),
      describe: () => 'connected',
    });
    const results: (readonly SqlRow[])[] = [];
    for (const statement of statements) results.push(await execute(connection, world, target, statement));
    await request(connection, world, {
      label: 'sql.close',
      detail: '',
      mutating: false,
      perform: () => close(connection),
      describe: () => 'closed',
    });
    return results;
  } catch (error) {
    hangUp();
    throw error;
  } finally {
    forget();
  }
}

type Exchange<T> = Pick<Call<T>, 'label' | 'detail' | 'mutating' | 'perform' | 'describe'>;

async function request<T>(connection: Connection, world: World, exchange: Exchange<T>): Promise<T> {
  const { process, endpoint, destination, where, signal } = connection;
  return await process.call<T>({
    ...exchange,
    perform: () => exchange.perform(),
    describe: (value) => exchange.describe(value),
    destination,
    latency: latencyOf(world, endpoint),
    signal,
    failure: (why) => failure(where, exchange.label, why),
    inject: (error) => injected(where, exchange.label, error),
    sent: (arrivesAt) => {
      connection.lastArrival = Math.max(connection.lastArrival, arrivesAt);
    },
  });
}

function connect(connection: Connection, target: SqlTarget): Answer<true> | Promise<Answer<true>> {
  const { endpoint, where } = connection;
  if (endpoint === undefined) throw new PortError('Unreachable', `${where}: connect: ECONNREFUSED`);
  const opened = (session: Answer<SqlSession>): Answer<true> => {
    if (typeof session === 'symbol') return session;
    connection.session = session;
    return true;
  };
  const session = endpoint.handle(target);
  return session instanceof Promise ? session.then(opened) : opened(session);
}

function execute(
  connection: Connection,
  world: World,
  target: SqlTarget,
  statement: SqlStatement,
): Promise<readonly SqlRow[]> {
  const { name, text, parameters } = statement;
  const hash = hash32(JSON.stringify([text, parameters]))
    .toString(16)
    .padStart(8, '0');
  return request<readonly SqlRow[]>(connection, world, {
    label: `sql.${name}`,
    detail: `${target.database} as ${target.user} #${hash}`,
    mutating: connection.endpoint?.mutates(name) ?? false,
    perform: () => {
      const { session, where } = connection;
      if (session === undefined) throw new PortError('Unreachable', `${where}: ${name}: Connection terminated`);
      return session.run(statement);
    },
    describe: (rows) => `${String(rows.length)} rows #${hash32(JSON.stringify(rows)).toString(16).padStart(8, '0')}`,
  });
}

function close(connection: Connection): true {
  const { session } = connection;
  connection.session = undefined;
  session?.close();
  return true;
}

function failure(where: string, label: string, why: 'cancelled' | 'refused' | 'reset'): PortError {
  const at = label.slice('sql.'.length);
  switch (why) {
    case 'cancelled':
      return new PortError('Timeout', `${where}: no answer to ${at} in time`);
    case 'refused':
      return new PortError('Unreachable', `${where}: ${at}: connect ECONNREFUSED`);
    case 'reset':
      return new PortError('Unreachable', `${where}: ${at}: Connection terminated unexpectedly`);
  }
}

function injected(where: string, label: string, error: InjectedError): never {
  const at = label.slice('sql.'.length);
  if ('sqlState' in error) throw new SqlError(error.sqlState, error.message ?? 'an injected fault', at);
  if ('why' in error) throw new PortError(error.why, `${where}: ${at}: ${error.message ?? 'an injected fault'}`);
  throw new Error(`a SQL statement cannot be answered by ${JSON.stringify(error)}: give sqlState or why`);
}
