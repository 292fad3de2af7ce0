import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as packet from 'dns-packet';
import { request } from 'undici';
import { createPrimary } from '../../../src/sandbox/postgresql/create.ts';
import type { Server } from '../../../src/sandbox/postgresql/server.ts';
import { acceptance, acknowledged, lostOrders, parseAttempts } from '../../../src/sandbox/shop/attempts.ts';
import type { Attempt } from '../../../src/sandbox/shop/attempts.ts';
import { createResolver } from '../../../src/sandbox/shop/resolver.ts';
import { asAdministrator, createPostgresqlBed, until } from '../../support/postgresql.ts';
import type { PostgresqlBed } from '../../support/postgresql.ts';

const SHOP = join(import.meta.dirname, '../../../src/sandbox/shop');

interface Zone {
  records: Readonly<Record<string, { readonly type: 'A' | 'CNAME'; readonly ttl: number; readonly data: string }>>;
  questions: string[];
  silent: boolean;
}

async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line;
  throw new Error('It ended without a word.');
}

describe('The shop and its clients', function () {
  this.timeout(120_000);
  let bed: PostgresqlBed;
  let server: Server;
  let dns: Socket;
  const zone: Zone = { records: {}, questions: [], silent: false };
  const children: ChildProcess[] = [];

  before(async () => {
    bed = await createPostgresqlBed();
    server = await createPrimary(bed.options('east'));
    await writeFile(join(bed.root, 'ca.crt'), bed.ca);
    dns = createSocket('udp4', (message, from) => {
      const question = packet.decode(message);
      const name = question.questions?.[0]?.name ?? '';
      zone.questions.push(name);
      if (zone.silent) return;
      const found = zone.records[name];
      const answers = found === undefined ? [] : [{ name, ...found }];
      const id = question.id ?? 0;
      const flags = packet.AUTHORITATIVE_ANSWER | (found === undefined ? 3 : 0);
      dns.send(
        packet.encode({ type: 'response', id, flags, questions: question.questions ?? [], answers }),
        from.port,
        from.address,
      );
    });
    dns.bind(0, '127.0.0.1');
    await once(dns, 'listening');
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    dns.close();
    await bed.end();
  });

  const start = async (
    file: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
  ): Promise<{ child: ChildProcess; first: string }> => {
    const child = spawn(process.execPath, [join(SHOP, file), ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const first = await firstLine(child.stdout);
    return { child, first };
  };
  const startShop = async (region: string): Promise<{ child: ChildProcess; port: number }> => {
    const { child, first } = await start('server-main.ts', [], {
      REGION: region,
      PGHOST: server.host,
      PGPORT: String(server.port),
      PGPASSWORD: bed.credentials.shop,
      PGSSLROOTCERT: join(bed.root, 'ca.crt'),
    });
    const listening = /"port":(\d+)/.exec(first);
    assert.ok(listening !== null, first);
    return { child, port: Number(listening[1]) };
  };
  const call = async (
    port: number,
    method: 'GET' | 'POST',
    path: string,
    body?: string,
  ): Promise<readonly [number, unknown]> => {
    const response = await request(`http://127.0.0.1:${String(port)}${path}`, {
      method,
      reset: true,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(30_000),
    });
    return [response.statusCode, await response.body.json()];
  };
  const attempts = async (log: string): Promise<readonly Attempt[]> => parseAttempts(await readFile(log, 'utf8'));

  it('acknowledges an order that is in the table, once, and refuses what is none', async () => {
    const { port, child } = await startShop('us-east-1');
    const id = '00000000-0000-4000-8000-000000000001';
    const order = JSON.stringify({ id, client: 'somebody', amount: 3 });
    assert.deepEqual(await call(port, 'POST', '/orders', order), [201, { region: 'us-east-1', id }]);
    assert.deepEqual(await call(port, 'POST', '/orders', order), [201, { region: 'us-east-1', id }]);
    const rows = await asAdministrator(bed, server, 'SELECT client, amount, region FROM orders WHERE id = $1', [id]);
    assert.deepEqual(rows, [{ client: 'somebody', amount: 3, region: 'us-east-1' }]);
    for (const bad of ['{', '{}', JSON.stringify({ id: 'x', client: 'c', amount: 1 })]) {
      assert.equal((await call(port, 'POST', '/orders', bad))[0], 400);
    }
    assert.equal((await call(port, 'GET', '/nothing'))[0], 404);
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.equal(child.exitCode, 0);
  });

  it('says 503 under a fence, stays ready, and takes orders again when it is opened', async () => {
    const { port } = await startShop('us-east-1');
    const order = (n: number): string =>
      JSON.stringify({ id: `00000000-0000-4000-8000-00000000010${String(n)}`, client: 'c', amount: 1 });
    assert.equal((await call(port, 'POST', '/orders', order(1)))[0], 201);
    assert.equal((await call(port, 'GET', '/writable'))[0], 200);
    await asAdministrator(bed, server, 'ALTER ROLE shop NOLOGIN');
    await asAdministrator(bed, server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'`);
    await until('the shop notices', async () => (await call(port, 'POST', '/orders', order(2)))[0] === 503);
    assert.deepEqual(await call(port, 'GET', '/readyz'), [
      200,
      { region: 'us-east-1', ready: true, database: 'unavailable' },
    ]);
    assert.equal((await call(port, 'GET', '/writable'))[0], 503);
    await asAdministrator(bed, server, 'ALTER ROLE shop LOGIN');
    await until('it recovers', async () => (await call(port, 'POST', '/orders', order(3)))[0] === 201);
    const before = await asAdministrator(bed, server, 'SELECT FROM orders');
    assert.equal((await call(port, 'GET', '/writable'))[0], 200);
    assert.equal(
      (await asAdministrator(bed, server, 'SELECT FROM orders')).length,
      before.length,
      'a probe leaves nothing',
    );
  });

  it('follows CNAMEs, keeps an answer for the shortest TTL of its chain, and nothing beyond', async () => {
    let now = 0;
    const resolver = createResolver({ host: '127.0.0.1', port: dns.address().port }, () => now);
    zone.records = {
      'shop.example.com': { type: 'CNAME', ttl: 3, data: 'lb-east.example.com' },
      'lb-east.example.com': { type: 'A', ttl: 60, data: '127.0.0.1' },
    };
    zone.questions = [];
    const both = await Promise.all([resolver.resolve('shop.example.com'), resolver.resolve('shop.example.com')]);
    assert.deepEqual(both[0], { address: '127.0.0.1', name: 'lb-east.example.com' });
    assert.deepEqual(zone.questions, ['shop.example.com', 'lb-east.example.com'], 'asked once for both');
    zone.records = { 'shop.example.com': { type: 'A', ttl: 1, data: '127.0.0.2' } };
    now = 2_999;
    assert.equal((await resolver.resolve('shop.example.com')).address, '127.0.0.1');
    now = 3_000;
    assert.deepEqual(await resolver.resolve('shop.example.com'), { address: '127.0.0.2', name: 'shop.example.com' });
    zone.records = {};
    now = 4_000;
    await assert.rejects(resolver.resolve('shop.example.com'), /NXDOMAIN/);
    zone.records = { 'shop.example.com': { type: 'CNAME', ttl: 1, data: 'shop.example.com' } };
    await assert.rejects(resolver.resolve('shop.example.com'), /DNS/);
    zone.silent = true;
    await assert.rejects(resolver.resolve('shop.example.com'), /does not answer/);
    zone.silent = false;
  });

  it('has clients that go where the name points, log every attempt, and lose nothing they were promised', async () => {
    const east = await startShop('us-east-1');
    const west = await startShop('us-west-2');
    const log = join(bed.root, 'clients.log');
    zone.records = {
      'shop.example.com': { type: 'CNAME', ttl: 1, data: 'lb-east.example.com' },
      'lb-east.example.com': { type: 'A', ttl: 1, data: '127.0.0.1' },
      'lb-west.example.com': { type: 'A', ttl: 1, data: '127.0.0.1' },
    };
    const ports = JSON.stringify({ 'lb-east.example.com': east.port, 'lb-west.example.com': west.port });
    const common = ['--clients', '3', '--every', '20', '--timeout', '5000'];
    const { child } = await start(
      'client-main.ts',
      [
        '--log',
        log,
        '--name',
        'shop.example.com',
        '--dns',
        `127.0.0.1:${String(dns.address().port)}`,
        '--ports',
        ports,
        ...common,
      ],
      {},
    );
    await until('orders in the east', async () => acknowledged(await attempts(log)).length > 10);
    east.child.kill('SIGKILL');
    await until('attempts in vain', async () =>
      (await attempts(log)).some(({ error }) => error?.includes('ECONNREFUSED') === true),
    );
    zone.records = { ...zone.records, 'shop.example.com': { type: 'CNAME', ttl: 1, data: 'lb-west.example.com' } };
    await until(
      'orders in the west',
      async () => acknowledged(await attempts(log)).filter(({ region }) => region === 'us-west-2').length > 10,
    );

    const pinnedLog = join(bed.root, 'pinned.log');
    const pinned = await start(
      'client-main.ts',
      ['--log', pinnedLog, '--prefix', 'pinned', '--pinned', `127.0.0.1:${String(east.port)}`, ...common],
      {},
    );
    await until('the pinned clients try', async () => (await attempts(pinnedLog)).length > 3);
    assert.ok(
      (await attempts(pinnedLog)).every(({ acknowledged: yes, client }) => !yes && client.startsWith('pinned-')),
    );

    for (const one of [child, pinned.child]) {
      one.kill('SIGTERM');
      await once(one, 'exit');
      assert.equal(one.exitCode, 0);
    }
    const all = await attempts(log);
    assert.deepEqual(
      acceptance(all).map(({ region }) => region),
      ['us-east-1', 'us-west-2'],
    );
    const rows = await asAdministrator<{ id: string }>(bed, server, 'SELECT id::text FROM orders');
    assert.deepEqual(lostOrders(all, rows), []);
    assert.ok(new Set(all.map(({ client }) => client)).size === 3);
  });

  it('ends with its parent, even one that was killed', async () => {
    const code = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, process.argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.once('data', () => { console.log(child.pid); });`;
    const parent = spawn(
      process.execPath,
      ['-e', code, join(SHOP, 'client-main.ts'), '--log', join(bed.root, 'orphan.log'), '--pinned', '127.0.0.1:1'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(parent);
    const line = await firstLine(parent.stdout);
    const pid = Number(line);
    process.kill(pid, 0);
    parent.kill('SIGKILL');
    await until('the orphan is gone', async () => {
      const state = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => 'gone');
      return state === 'gone' || state.includes(' Z ');
    });
  });
});
