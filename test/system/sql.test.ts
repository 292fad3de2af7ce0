import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { PortError } from '../../src/ports/port-error.ts';
import { SqlError } from '../../src/ports/sql.ts';
import type { SqlRow, SqlStatement, SqlTarget } from '../../src/ports/sql.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { createLink } from '../../src/sandbox/link.ts';
import { createPrimary } from '../../src/sandbox/postgresql/create.ts';
import { freePort } from '../../src/sandbox/postgresql/server.ts';
import type { Server } from '../../src/sandbox/postgresql/server.ts';
import { createSql } from '../../src/system/sql.ts';
import { asAdministrator, createPostgresqlBed, sqlTarget, until } from '../support/postgresql.ts';
import type { PostgresqlBed } from '../support/postgresql.ts';

describe('The real Sql port, on a real PostgreSQL', function () {
  this.timeout(120_000);
  const sql = createSql();
  let bed: PostgresqlBed;
  let server: Server;
  let target: SqlTarget;

  before(async () => {
    bed = await createPostgresqlBed();
    server = await createPrimary(bed.options('east'));
    target = sqlTarget(bed, server, 'shop', 'shop');
  });
  after(async () => {
    await bed.end();
  });

  const statement = (text: string, parameters?: SqlStatement['parameters']): SqlStatement => ({
    name: 'test',
    text,
    parameters: parameters ?? [],
    bound: parameters !== undefined,
  });
  const run = (
    to: SqlTarget,
    text: string,
    parameters?: SqlStatement['parameters'],
    signal = AbortSignal.timeout(60_000),
  ): Promise<readonly (readonly SqlRow[])[]> => sql.run(to, [statement(text, parameters)], signal);
  const sessions = async (): Promise<number> => {
    const [row] = await asAdministrator<{ count: number }>(
      bed,
      server,
      `SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'shop' OR state = 'starting'`,
    );
    return row?.count ?? -1;
  };
  const failure = async (work: Promise<unknown>): Promise<SqlError | PortError> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof SqlError || error instanceof PortError) return error;
      throw error;
    }
    throw new Error('It was expected to fail.');
  };

  it('gives booleans, int4 and float8 as such, text[] as strings, and everything else as text', async () => {
    const [[row] = []] = await run(
      target,
      `SELECT true AS yes, 7 AS int4, 1.5::float8 AS float8, '{"a b",c,"d\\"e,\\\\f",""}'::text[] AS list, '{}'::text[] AS empty,
        ARRAY['n']::name[] AS names, 9007199254740993::int8 AS int8, '0/1A2B'::pg_lsn AS lsn, 1.10::numeric AS number,
        NULL::int AS nothing, '2026-01-02 03:04:05+00'::timestamptz AS at`,
    );
    assert.deepEqual(row, {
      yes: true,
      int4: 7,
      float8: 1.5,
      list: ['a b', 'c', 'd"e,\\f', ''],
      empty: [],
      names: ['n'],
      int8: '9007199254740993',
      lsn: '0/1A2B',
      number: '1.10',
      nothing: null,
      at: '2026-01-02 03:04:05+00',
    });
  });

  it('refuses an array that is none of flat strings', async () => {
    for (const text of [`SELECT ARRAY['a', NULL]::text[] AS list`, `SELECT '{{a},{b}}'::text[] AS list`]) {
      const error = await failure(run(target, text));
      assert.ok(error instanceof PortError);
      assert.deepEqual([error.why, error.answered], ['Malformed', true]);
      assert.match(error.message, /column list/);
    }
  });

  it('binds parameters of every kind', async () => {
    const [[row] = []] = await run(
      target,
      'SELECT $1::text AS text, $2::int AS int, $3::bool AS bool, $4::text AS nothing, $5::text[] AS list',
      [`it's; DROP`, 3, false, null, ['a,b', 'c"d', '']],
    );
    assert.deepEqual(row, { text: `it's; DROP`, int: 3, bool: false, nothing: null, list: ['a,b', 'c"d', ''] });
  });

  it('runs the statements in order and gives the rows of each', async () => {
    const results = await sql.run(
      target,
      [
        statement('SELECT 1 AS a'),
        statement('SELECT 2 AS b UNION SELECT 3 ORDER BY 1'),
        statement('SELECT 4 AS c WHERE false'),
      ],
      AbortSignal.timeout(60_000),
    );
    assert.deepEqual(results, [[{ a: 1 }], [{ b: 2 }, { b: 3 }], []]);
  });

  it('runs a text of several statements in one transaction', async () => {
    const count = async (): Promise<unknown> =>
      (await run(target, 'SELECT count(*)::int AS n FROM orders'))[0]?.[0]?.['n'];
    const before = await count();
    const error = await failure(run(target, 'INSERT INTO orders DEFAULT VALUES; SELECT 1/0; SELECT 1'));
    assert.ok(error instanceof SqlError);
    assert.equal(error.sqlState, '22012');
    assert.equal(await count(), before);
    await run(target, 'BEGIN; INSERT INTO orders DEFAULT VALUES; ROLLBACK');
    assert.equal(await count(), before);
    const [rows] = await run(target, 'INSERT INTO orders DEFAULT VALUES; SELECT 1 AS one; SELECT 2 AS two');
    assert.deepEqual(rows, [{ one: 1 }, { two: 2 }]);
    assert.equal(await count(), Number(before) + 1);
  });

  it('passes settings on, blanks and backslashes included', async () => {
    const settings = { synchronous_commit: 'local', search_path: '"a b", public', 'maestro.note': 'x\\y z' };
    const [[row] = []] = await run(
      { ...target, settings },
      `SELECT current_setting('synchronous_commit') AS a, current_setting('search_path') AS b, current_setting('maestro.note') AS c`,
    );
    assert.deepEqual(row, { a: 'local', b: '"a b", public', c: 'x\\y z' });
  });

  it('tells a wrong password (28P01) from a role that may not log in (28000)', async () => {
    const wrong = await failure(run({ ...target, password: 'not-this-one' }, 'SELECT 1'));
    assert.ok(wrong instanceof SqlError);
    assert.deepEqual([wrong.sqlState, wrong.statement], ['28P01', 'connect']);
    assert.ok(!wrong.message.includes('not-this-one'));
    await asAdministrator(bed, server, 'ALTER ROLE shop NOLOGIN');
    try {
      const closed = await failure(run(target, 'SELECT 1'));
      assert.ok(closed instanceof SqlError);
      assert.equal(closed.sqlState, '28000');
      assert.equal(closed.message, 'role "shop" is not permitted to log in');
      const both = await failure(run({ ...target, password: 'not-this-one' }, 'SELECT 1'));
      assert.ok(both instanceof SqlError && both.sqlState === '28P01', 'the fence shows only with the right password');
    } finally {
      await asAdministrator(bed, server, 'ALTER ROLE shop LOGIN');
    }
  });

  it('never connects without TLS, nor to a server whose certificate it cannot verify', async () => {
    const plain = await failure(
      run(
        { host: target.host, port: target.port, database: 'shop', user: 'shop', password: target.password },
        'SELECT 1',
      ),
    );
    assert.ok(plain instanceof SqlError);
    assert.deepEqual([plain.sqlState, plain.statement], ['28000', 'connect']);
    assert.match(plain.message, /no encryption/);

    const stranger = await failure(run({ ...target, tls: { ca: (await createAuthority('stranger')).ca } }, 'SELECT 1'));
    assert.ok(stranger instanceof PortError);
    assert.equal(stranger.why, 'Unreachable');
    assert.equal(stranger.answered, true, 'it is not trusted, and it runs');
    assert.match(stranger.message, /unable to verify|self-signed/);

    const other = await failure(run({ ...target, tls: { ca: bed.ca, serverName: 'pg.example.com' } }, 'SELECT 1'));
    assert.ok(other instanceof PortError);
    assert.equal(other.why, 'Unreachable');
    assert.equal(other.answered, true);
    assert.match(other.message, /pg\.example\.com/);

    for (const tls of [
      { ca: bed.ca, serverName: 'localhost' },
      { ca: bed.ca, serverName: '127.0.0.1' },
    ]) {
      assert.deepEqual(await run({ ...target, tls }, 'SELECT 1 AS a'), [[{ a: 1 }]]);
    }
    assert.deepEqual(await run({ ...target, host: 'localhost' }, 'SELECT 1 AS a'), [[{ a: 1 }]]);
  });

  it('verifies an address against the addresses of the certificate', async () => {
    const authority = await createAuthority('names only');
    const certificate = await authority.issue({ names: ['localhost'] });
    const port = await freePort('127.0.0.1');
    // The administrator's own client already refuses it: what counts is that the port does too.
    await assert.rejects(
      createPrimary({ ...bed.options('named'), ca: authority.ca, certificate, port }),
      /does not match certificate's altnames/,
    );
    const error = await failure(run({ ...target, port, tls: { ca: authority.ca } }, 'SELECT 1'));
    assert.ok(error instanceof PortError);
    assert.match(error.message, /127\.0\.0\.1/);
  });

  it('says Unreachable where nobody listens, and where something else does', async () => {
    const silent = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    assert.ok(address !== null && typeof address === 'object');
    const hangsUp = await failure(run({ ...target, port: address.port }, 'SELECT 1'));
    silent.close();
    await once(silent, 'close');
    const refused = await failure(run({ ...target, port: address.port }, 'SELECT 1'));
    for (const error of [hangsUp, refused]) {
      assert.ok(error instanceof PortError);
      assert.equal(error.why, 'Unreachable');
      assert.equal(error.answered, undefined);
    }
    assert.match(refused.message, /ECONNREFUSED/);
  });

  it('gives up at its deadline while it connects through a black hole, and leaks no socket', async () => {
    const link = await createLink({ target: server });
    try {
      link.hold();
      const error = await failure(run({ ...target, port: link.port }, 'SELECT 1', [], AbortSignal.timeout(200)));
      assert.ok(error instanceof PortError);
      assert.equal(error.why, 'Timeout');
      assert.equal(error.answered, undefined);
      assert.match(error.message, /no answer to connect in time/);
      link.release();
      await until('the connection is gone', () => link.connections() === 0);
    } finally {
      await link.close();
    }
  });

  it('gives up at its deadline in the middle of a statement', async () => {
    const link = await createLink({ target: server });
    try {
      const settings = { client_connection_check_interval: '50ms' };
      const hung = failure(
        run({ ...target, port: link.port, settings }, 'SELECT pg_sleep(300)', [], AbortSignal.timeout(1_500)),
      );
      await until('the statement runs', async () => (await sessions()) > 0);
      const error = await hung;
      assert.ok(error instanceof PortError);
      assert.equal(error.why, 'Timeout');
      assert.match(error.message, /no answer to test in time/);
      await until('the connection is gone', () => link.connections() === 0);
      await until('the backend noticed', async () => (await sessions()) === 0);
    } finally {
      await link.close();
    }
  });

  it('does nothing for a signal that is aborted already', async () => {
    const error = await failure(run(target, 'SELECT 1', [], AbortSignal.abort()));
    assert.ok(error instanceof PortError && error.why === 'Timeout');
  });

  it('says which statement failed, and takes the server’s FATAL for the answer it is', async () => {
    const ended = failure(run(target, 'SELECT pg_sleep(300)'));
    await until('it runs', async () => {
      const rows = await asAdministrator(
        bed,
        server,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop' AND query LIKE '%pg_sleep%'`,
      );
      return rows.length > 0;
    });
    const error = await ended;
    assert.ok(error instanceof SqlError);
    assert.deepEqual([error.sqlState, error.statement], ['57P01', 'test']);
  });

  it('has left no session behind', async () => {
    await Promise.all(Array.from({ length: 8 }, () => run(target, 'SELECT 1')));
    assert.equal(await sessions(), 0);
  });

  it('passes on what a server says that takes no more connections, or none yet', async () => {
    await asAdministrator(bed, server, 'ALTER ROLE shop CONNECTION LIMIT 0');
    const full = await failure(run(target, 'SELECT 1'));
    await asAdministrator(bed, server, 'ALTER ROLE shop CONNECTION LIMIT -1');
    assert.ok(full instanceof SqlError);
    assert.equal(full.sqlState, '53300');
  });
});

/** Greets whoever asks with `reply`, once. */
async function stranger(reply: Buffer): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(reply));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port, close: () => server.close() };
}

/** PostgreSQL manual, 55.7: AuthenticationSASL. */
function saslBy(mechanism: string): Buffer {
  const names = Buffer.from(`${mechanism}\0\0`);
  const head = Buffer.alloc(9);
  head.write('R');
  head.writeInt32BE(8 + names.length, 1);
  head.writeInt32BE(10, 5);
  return Buffer.concat([head, names]);
}

describe('The real Sql port, where something answers that cannot be trusted', () => {
  const to = { host: '127.0.0.1', database: 'shop', user: 'shop', password: 'secret' };
  const rows: readonly (readonly [string, Buffer, Partial<SqlTarget>, RegExp])[] = [
    ['offers no TLS', Buffer.from('N'), { tls: {} }, /does not support SSL/],
    ['is no PostgreSQL', Buffer.from('HTTP/1.1 400 Bad Request'), { tls: {} }, /establishing an SSL connection/],
    ['logs in by what is not safe', saslBy('SCRAM-SHA-1'), {}, /SASL/],
  ];
  for (const [name, reply, more, words] of rows) {
    it(`says that it answered, which ${name}`, async () => {
      const { port, close } = await stranger(reply);
      const asked = createSql().run({ ...to, port, ...more }, [], AbortSignal.timeout(10_000));
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof PortError);
        assert.match(error.message, words);
        assert.equal(error.answered, true);
        return true;
      });
      close();
    });
  }
});
