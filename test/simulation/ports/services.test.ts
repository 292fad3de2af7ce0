import assert from 'node:assert/strict';
import { AwsError } from '../../../src/ports/aws.ts';
import type { DnsQuery } from '../../../src/ports/dns.ts';
import type { SqlRow, SqlStatement, SqlTarget } from '../../../src/ports/sql.ts';
import { SqlError } from '../../../src/ports/sql.ts';
import { createDnsServer } from '../../../src/sandbox/models/dns-server.ts';
import { createRoute53, route53Aws } from '../../../src/sandbox/models/route53/index.ts';
import type { Fault, Kernel, KernelOptions } from '../kernel/index.ts';
import { killAt } from '../kernel/index.ts';
import { createSimPorts } from './index.ts';
import type { SqlEndpoint, World } from './index.ts';
import { deadline, forever, kernelOf, observe, steady } from './support.ts';
import type { Observed } from './support.ts';

const record = (value: string): Record<string, unknown> => ({
  Name: 'checkout.example.com.',
  Type: 'CNAME',
  TTL: 30,
  ResourceRecords: [{ Value: value }],
});
const change = (value: string): Record<string, unknown> => ({
  HostedZoneId: 'Z1',
  ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record(value) }] },
});

describe('simulated Aws and Dns over Route 53’s model', () => {
  const query: DnsQuery = { server: '10.0.0.53', port: 53, name: 'checkout.example.com', type: 'CNAME' };
  const worldOf = (kernel: Kernel): { readonly world: World; readonly model: ReturnType<typeof createRoute53> } => {
    const model = createRoute53({
      time: kernel.time,
      insyncDelayMs: 500,
      zones: [{ id: 'Z1', name: 'example.com', nameServers: [{ name: 'ns1.example.net', delayMs: 200 }] }],
    });
    const server = createDnsServer(model, 'ns1.example.net');
    const world: World = {
      latency: steady,
      aws: { route53: { handle: route53Aws(model) } },
      dns: { '10.0.0.53:53': { handle: (question) => server.answer(question), region: 'east' } },
      resolve: (host) => (host === 'ns1.example.net' ? ['10.0.0.53'] : undefined),
    };
    return { world, model };
  };

  it('changes a record, which the DNS server learns after its delay', async () => {
    const kernel = kernelOf();
    const { world } = worldOf(kernel);
    const seen: string[] = [];
    kernel.spawn('operator', async (process) => {
      const { aws, dns, clock } = createSimPorts(process, world);
      const [address = ''] = await dns.resolve('ns1.example.net', forever());
      assert.deepEqual(await dns.resolve(address, forever()), [address]);
      await aws.send(
        { service: 'route53', operation: 'ChangeResourceRecordSets', input: change('west.example.org'), region: 'x' },
        forever(),
      );
      for (let turn = 0; turn < 2; turn += 1) {
        const { rcode, authoritative, answers } = await dns.query({ ...query, server: address }, forever());
        seen.push(
          `${rcode} ${String(authoritative)} ${answers.map(({ value, ttl }) => `${value} ${String(ttl)}`).join()} @${String(kernel.now())}`,
        );
        await clock.sleep(200);
      }
    });
    assert.equal((await kernel.run()).why, 'finished');
    assert.deepEqual(seen, ['NXDOMAIN true  @60', 'NOERROR true west.example.org 30 @280']);
    assert.deepEqual(
      kernel.mutations().map(({ label, destination }) => `${label} ${destination}`),
      ['route53.ChangeResourceRecordSets route53'],
    );
  });

  it('fails as the real ports do: silence, refusal, errors, lost replies', async () => {
    const asked = async (how: {
      readonly options?: Partial<KernelOptions>;
      readonly silent?: boolean;
      readonly port?: number;
      readonly ms?: number;
    }): Promise<readonly string[]> => {
      const kernel = kernelOf(how.options ?? {});
      const { world, model } = worldOf(kernel);
      if (how.silent === true) model.faults.setOutage('silent');
      const seen: string[] = [];
      kernel.spawn('operator', async (process) => {
        const { aws, dns } = createSimPorts(process, { ...world, awsTimeoutMs: 100 });
        const tell = (error: unknown): void => {
          const what =
            error instanceof AwsError
              ? `${error.code} ${error.ambiguous ? 'ambiguous' : 'certain'}`
              : error instanceof Error
                ? error.message
                : 'answered';
          seen.push(`${what} @${String(kernel.now())}`);
        };
        const signal = how.ms === undefined ? forever() : deadline(process, how.ms);
        await aws
          .send(
            { service: 'route53', operation: 'ChangeResourceRecordSets', input: change('west'), region: 'x' },
            signal,
          )
          .then(tell, tell);
        await dns.query({ ...query, port: how.port ?? 53 }, deadline(process, 50)).then(tell, tell);
      });
      assert.equal((await kernel.run()).why, 'finished');
      const known = model.currentZone('Z1')?.records.values();
      return [...seen, [...(known ?? [])].some(({ Name }) => Name.startsWith('checkout')) ? 'changed' : 'unchanged'];
    };
    const error: Fault = {
      label: 'route53.*',
      do: 'error',
      error: { awsCode: 'Throttling', httpStatus: 400, ambiguous: false },
    };
    assert.deepEqual(await asked({}), ['answered @20', 'answered @40', 'changed']);
    assert.deepEqual(await asked({ silent: true }), ['Timeout ambiguous @100', 'answered @120', 'unchanged']);
    assert.deepEqual(await asked({ silent: true, ms: 30 }), ['Timeout ambiguous @30', 'answered @50', 'unchanged']);
    assert.deepEqual(await asked({ port: 54 }), [
      'answered @20',
      'DNS server 10.0.0.53 port 54: connection refused @40',
      'changed',
    ]);
    assert.deepEqual(await asked({ options: { faults: [error] } }), [
      'Throttling certain @20',
      'answered @40',
      'unchanged',
    ]);
    assert.deepEqual(await asked({ options: { faults: [{ label: 'route53.*', do: 'drop-reply' }] } }), [
      'Timeout ambiguous @100',
      'answered @120',
      'changed',
    ]);
    assert.deepEqual(await asked({ options: { cuts: [{ match: { region: 'east' }, how: 'hang' }] } }), [
      'answered @20',
      'no DNS answer before the deadline @70',
      'changed',
    ]);
    assert.deepEqual(await asked({ options: { cuts: [{ match: { kind: 'aws' }, how: 'refuse' }] } }), [
      'Unreachable certain @20',
      'answered @40',
      'unchanged',
    ]);
  });

  it('is certain that nothing happened only where nothing was sent', async () => {
    const world: World = { aws: { rds: { handle: () => ({}) } } };
    const { seen, kernel } = await observe(world, async ({ aws }, tell) => {
      const request = { service: 'rds', operation: 'DeleteDBInstance', input: {}, region: 'east' } as const;
      await aws.send(request, AbortSignal.abort()).catch(tell);
    });
    assert.deepEqual(seen, ['Timeout 0 certain @0']);
    assert.deepEqual(kernel.mutations(), []);
  });

  it('serves a service by region where the world has it so', async () => {
    const world: World = {
      aws: {
        'rds/east': { handle: async () => Promise.resolve({ from: 'east' }), region: 'east' },
        'rds/west': { handle: () => ({ from: 'west' }), region: 'west' },
      },
    };
    const { seen, kernel } = await observe(
      world,
      async ({ aws }, tell, process) => {
        for (const region of ['east', 'west', 'north']) {
          const request = { service: 'rds', operation: 'DescribeDBInstances', input: {}, region } as const;
          await aws.send(request, deadline(process, 100)).then(tell, tell);
        }
      },
      { cuts: [{ match: { region: 'east' }, how: 'hang' }] },
    );
    assert.deepEqual(seen, ['Timeout 0 ambiguous @100', '{"from":"west"} @120', 'UnknownService 0 certain @140']);
    assert.deepEqual(kernel.mutations(), []);
  });
});

describe('simulated Sql', () => {
  const target: SqlTarget = { host: 'pg.east', port: 5432, database: 'shop', user: 'maestro', password: 'hidden' };
  const statement = (name: string): SqlStatement => ({ name, text: `select '${name}'`, parameters: [], bound: true });
  /** What the server saw, with virtual times. */
  const server = (now: () => number): { readonly endpoint: SqlEndpoint; readonly log: string[] } => {
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${what} @${String(now())}`);
    const endpoint: SqlEndpoint = {
      region: 'east',
      mutates: (name) => name === 'fence' || name === 'promote',
      handle: ({ user }) => {
        if (user === 'nobody') throw new SqlError('28P01', 'password authentication failed', 'connect');
        note('connect');
        return {
          run: ({ name }): readonly SqlRow[] => {
            note(name);
            if (name === 'fail') throw new SqlError('42501', 'permission denied', name);
            return [{ name }];
          },
          close: () => note('close'),
        };
      },
    };
    return { endpoint, log };
  };
  const session = async (
    names: readonly string[],
    options: Partial<KernelOptions> & { readonly user?: string; readonly ms?: number } = {},
    prepare?: (kernel: Kernel) => void,
  ): Promise<Observed & { readonly log: readonly string[] }> => {
    let now = (): number => 0;
    const { endpoint, log } = server(() => now());
    const observed = await observe(
      { sql: { 'pg.east:5432': endpoint } },
      async ({ sql }, tell, process, kernel) => {
        now = () => kernel.now();
        const signal = options.ms === undefined ? forever() : deadline(process, options.ms);
        await sql.run({ ...target, user: options.user ?? 'maestro' }, names.map(statement), signal).then(tell, tell);
      },
      options,
      prepare,
    );
    return { ...observed, log };
  };

  it('connects, runs each statement as a request of its own, and closes', async () => {
    const { seen, log, kernel } = await session(['server', 'fence']);
    assert.deepEqual(log, ['connect @10', 'server @30', 'fence @50', 'close @70']);
    assert.deepEqual(seen, ['[[{"name":"server"}],[{"name":"fence"}]] @80']);
    assert.deepEqual(kernel.callCounts(), { 'sql.close': 1, 'sql.connect': 1, 'sql.fence': 1, 'sql.server': 1 });
    assert.deepEqual(
      kernel.mutations().map(({ label, destination }) => `${label} ${destination}`),
      ['sql.fence pg.east:5432'],
    );
    assert.ok(!JSON.stringify(kernel.trace).includes('hidden'));
  });

  it('stops at the statement that failed, and closes', async () => {
    const { seen, log } = await session(['fail', 'promote']);
    assert.deepEqual(seen, ['42501 at fail: permission denied @40']);
    assert.deepEqual(log, ['connect @10', 'fail @30', 'close @50']);
  });

  it('says who refused: the server, or nobody there', async () => {
    assert.deepEqual((await session(['server'], { user: 'nobody' })).seen, [
      '28P01 at connect: password authentication failed @20',
    ]);
    const { seen } = await observe({}, async ({ sql }, tell) => {
      await sql.run(target, [], forever()).catch(tell);
    });
    assert.deepEqual(seen, ['Unreachable: pg.east:5432: connect: ECONNREFUSED @20']);
  });

  it('lets a death fall between two statements; the server notices it', async () => {
    const { kernel } = await session(['fence', 'promote']);
    const promote = kernel.mutations().find(({ label }) => label === 'sql.promote');
    assert.ok(promote !== undefined);
    const before = await session(['fence', 'promote'], { faults: [killAt(promote, 'kill-before')] });
    assert.deepEqual(before.log, ['connect @10', 'fence @30', 'close @50']);
    const after = await session(['fence', 'promote'], { faults: [killAt(promote, 'kill-after-effect')] });
    assert.deepEqual(after.log, ['connect @10', 'fence @30', 'promote @50', 'close @60']);
    assert.deepEqual([...before.seen, ...after.seen], []);
  });

  it('keeps the order of one connection: what was sent before the client gave up still takes effect, then it closes', async () => {
    const delayed = await session(['promote'], { faults: [{ label: 'sql.promote', do: 'delay', ms: 500 }], ms: 100 });
    assert.deepEqual(delayed.seen, ['Timeout: pg.east:5432: no answer to promote in time @100']);
    assert.deepEqual(delayed.log, ['connect @10', 'promote @530', 'close @530']);
  });

  it('leaves the server its session where the network is cut', async () => {
    const { seen, log } = await session(['server', 'promote'], {
      ms: 100,
      cuts: [{ match: { region: 'east' }, how: 'hang', from: 35 }],
    });
    assert.deepEqual(seen, ['Timeout: pg.east:5432: no answer to server in time @100']);
    assert.deepEqual(log, ['connect @10', 'server @30']);
  });

  it('is answered by faults with an SQLSTATE', async () => {
    const fault: Fault = {
      label: 'sql.fence',
      do: 'error',
      error: { sqlState: '57P01', message: 'terminating' },
      effect: 'after',
    };
    const { seen, log } = await session(['fence'], { faults: [fault] });
    assert.deepEqual(seen, ['57P01 at fence: terminating @40']);
    assert.deepEqual(log, ['connect @10', 'fence @30', 'close @50']);
  });
});

describe('simulated Clock, Files, Log, Random, Kubeconfigs and Exit', () => {
  it('belong to one life', async () => {
    const files = new Map([['/token', 'one']]);
    const lines: string[] = [];
    const access = { server: 'https://east.example', tls: {} };
    const kernel = kernelOf();
    const world: World = {
      files,
      kubeconfigs: () => access,
      log: ({ process, level, message }) => void lines.push(`${process} ${level} ${message}`),
    };
    const lives: unknown[] = [];
    kernel.spawn(
      'operator',
      async (process) => {
        const { clock, random, log, exit, kubeconfigs, files: own } = createSimPorts(process, world);
        assert.deepEqual(kubeconfigs.parse('x'), access);
        await assert.rejects(own.read('/none'), /cannot read \/none/);
        const aborted = new AbortController();
        void clock.sleep(10).then(() => aborted.abort(new Error('enough')));
        await assert.rejects(clock.sleep(1000, aborted.signal), /enough/);
        await assert.rejects(clock.sleep(1, aborted.signal), /enough/);
        lives.push([
          clock.incarnation,
          clock.monotonic(),
          clock.wall() - kernel.time.now(),
          await own.read('/token'),
          random.next('x'),
        ]);
        log.log('warn', 'leaving', { error: new TypeError('oops'), big: 1n });
        files.set('/token', 'two');
        exit.exit(1, 'lost the lease');
        log.log('info', 'never said', {});
        await clock.sleep(1);
        lives.push('never reached');
      },
      { restartAfterMs: 100 },
    );
    await kernel.run({ until: () => lives.length === 2 });
    assert.deepEqual(
      lives.map((life) => (Array.isArray(life) ? life.slice(0, 4).join(' ') : life)),
      ['operator#1 10 0 one', 'operator#2 10 0 two'],
    );
    assert.notEqual(JSON.stringify(lives[0]).split(',')[4], JSON.stringify(lives[1]).split(',')[4]);
    assert.deepEqual(lines, ['operator#1 warn leaving', 'operator#2 warn leaving']);
    const told = kernel.trace.filter(({ kind, t }) => kind !== 'note' || t > 0).slice(0, 2);
    assert.deepEqual(
      told.map(({ label, detail }) => `${label}: ${detail}`),
      ['warn: leaving {"error":"TypeError: oops","big":"1"}', 'dies: exit 1: lost the lease'],
    );
  });
});
