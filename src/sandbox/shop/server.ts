import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import pg from 'pg';

export interface ShopOptions {
  readonly region: string;
  /** Default 127.0.0.1 and, for port 0, a free one. */
  readonly host: string;
  readonly port: number;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    /** PEM; absent: no TLS. */
    readonly ca?: string;
  };
}

export interface Shop {
  readonly host: string;
  readonly port: number;
  /** Takes no new order, finishes those under way. */
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const ORDER_MS = 3_000;
const MAX_BODY_BYTES = 4_096;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A region's shop: takes orders and writes them to its region's PostgreSQL.
 *
 * - `POST /orders {id, client, amount}`: 201 only after the COMMIT was acknowledged; 503 where it was not, which does
 *   not say that it did not happen. The same id again is acknowledged again and stands once.
 * - `GET /healthz`: 200 while the process serves.
 * - `GET /readyz`: 200 likewise, with what the database says in the body. Readiness does not hang on a writable
 *   database: the shop of a standby region could then never become ready, so it could be neither scaled up ahead of
 *   the promotion nor be a target to promote for.
 * - `GET /writable`: 200 when an order could be placed now (tried, and rolled back), else 503: for smoke tests.
 */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const pool = createPool(options.database);
  const server = createServer((request, response) => {
    void answer(options.region, pool, request).then((reply) => {
      send(response, options.region, reply);
    });
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The shop listens on no TCP port.');
  return { host: options.host, port: address.port, close: () => close(server, pool) };
}

/** Bounded in sessions, in waiting and in patience: a shop whose database hangs answers 503 and stays alive. */
function createPool(database: ShopOptions['database']): pg.Pool {
  const pool = new pg.Pool({
    host: database.host,
    port: database.port,
    user: database.user,
    password: database.password,
    database: database.database,
    ssl: database.ca === undefined ? false : { ca: database.ca, rejectUnauthorized: true },
    application_name: 'shop',
    options: '-c statement_timeout=2500 -c lock_timeout=2500',
    max: 4,
    connectionTimeoutMillis: 1_500,
    query_timeout: ORDER_MS,
    idleTimeoutMillis: 10_000,
  });
  pool.on('error', (error) => {
    // An idle session was ended (a fence, a failover): the pool drops it and connects anew when it needs one.
    process.stderr.write(`${JSON.stringify({ message: 'idle session ended', error: error.message })}\n`);
  });
  return pool;
}

async function answer(region: string, pool: pg.Pool, request: IncomingMessage): Promise<Reply> {
  try {
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'POST /orders':
        return await placeOrder(region, pool, await readBody(request));
      case 'GET /healthz':
        return { status: 200, body: { ok: true } };
      case 'GET /readyz':
        return { status: 200, body: { ready: true, database: (await tryDatabase(pool)).state } };
      case 'GET /writable': {
        const { state, detail } = await tryDatabase(pool);
        return { status: state === 'writable' ? 200 : 503, body: { database: state, detail } };
      }
      default:
        return { status: 404, body: { error: 'not found' } };
    }
  } catch (error) {
    return { status: 503, body: { error: sentence(error) } };
  }
}

async function placeOrder(region: string, pool: pg.Pool, text: string): Promise<Reply> {
  const order = readOrder(text);
  if (order === undefined) {
    return { status: 400, body: { error: 'id must be a UUID, client a string, amount a whole number' } };
  }
  // One statement is one transaction: its answer comes after the commit is durable.
  await pool.query(
    'INSERT INTO orders (id, client, amount, region) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
    [order.id, order.client, order.amount, region],
  );
  return { status: 201, body: { id: order.id } };
}

function readOrder(
  text: string,
): { readonly id: string; readonly client: string; readonly amount: number } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('id' in value) || !('client' in value) || !('amount' in value)) return undefined;
  const { id, client, amount } = value;
  const valid = typeof id === 'string' && UUID.test(id) && typeof client === 'string' && Number.isInteger(amount);
  return valid ? { id, client, amount: Number(amount) } : undefined;
}

async function tryDatabase(
  pool: pg.Pool,
): Promise<{ readonly state: 'writable' | 'read-only' | 'unavailable'; readonly detail: string }> {
  try {
    await pool.query('BEGIN; INSERT INTO orders DEFAULT VALUES; ROLLBACK');
    return { state: 'writable', detail: '' };
  } catch (error) {
    const readOnly = error instanceof pg.DatabaseError && error.code === '25006';
    return { state: readOnly ? 'read-only' : 'unavailable', detail: sentence(error) };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('the order is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, region: string, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-region': region });
  response.end(JSON.stringify({ region, ...body }));
}

async function close(server: Server, pool: pg.Pool): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => {
    server.closeAllConnections();
  }, ORDER_MS);
  await closed;
  clearTimeout(late);
  await pool.end();
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

/**
 * The environment of a pod of image `maestro-sandbox/shop`: `REGION`, `HOST`, `PORT`, `PGHOST`, `PGPORT`, `PGUSER`
 * (shop), `PGPASSWORD`, `PGDATABASE` (shop), `PGSSLROOTCERT` (a file). @throws Error that names the variable.
 */
export function readShopOptions(env: Readonly<Record<string, string | undefined>>): ShopOptions {
  const get = (name: string, otherwise?: string): string => {
    const value = env[name] ?? otherwise;
    if (value === undefined || value === '') throw new Error(`${name} is not set.`);
    return value;
  };
  const ca = env['PGSSLROOTCERT'];
  return {
    region: get('REGION'),
    host: get('HOST', '127.0.0.1'),
    port: Number(get('PORT', '0')),
    database: {
      host: get('PGHOST'),
      port: Number(get('PGPORT', '5432')),
      user: get('PGUSER', 'shop'),
      password: get('PGPASSWORD'),
      database: get('PGDATABASE', 'shop'),
      ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }),
    },
  };
}
