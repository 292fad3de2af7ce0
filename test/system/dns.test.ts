import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet';
import type { DnsAnswer, DnsType } from '../../src/ports/dns.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createDnsServer } from '../../src/sandbox/models/dns-server.ts';
import type { DnsServerModel } from '../../src/sandbox/models/dns-server.ts';
import { serveDns } from '../../src/sandbox/wire/dns.ts';
import type { DnsServers } from '../../src/sandbox/wire/dns.ts';
import { createDns } from '../../src/system/dns.ts';
import * as w from '../contract/route53-world.ts';

const HOST = '127.0.0.1';
const patient = (): AbortSignal => AbortSignal.timeout(20_000);
const fails = async (work: Promise<unknown>, why: string, text = /./): Promise<void> =>
  assert.rejects(work, (error) => error instanceof PortError && error.why === why && text.test(error.message));

describe('the Dns port', () => {
  describe("asking the sandbox's servers", () => {
    let model: DnsServerModel;
    let servers: DnsServers;
    before(async () => {
      const strings = Array.from({ length: 20 }, (_, index) => `"${String.fromCharCode(97 + index).repeat(200)}"`);
      const wide = {
        Name: 'wide.example.com',
        Type: 'TXT',
        TTL: 30,
        ResourceRecords: [{ Value: strings.join(' ') }],
      } as const;
      const six = { ...w.a('six.example.com', '2001:db8::1'), Type: 'AAAA' } as const;
      const records = [
        w.EAST,
        w.a('lb-use1.example.com', '192.0.2.1'),
        w.txt('Mixed.example.com', 'Case Kept'),
        wide,
        six,
      ];
      const nameServers = [{ name: w.NEAR, delayMs: 0 }];
      const world = w.shopWorld({ zones: [{ id: w.ZONE, name: 'example.com', nameServers, records }] });
      model = createDnsServer(world.model, w.NEAR);
      servers = await serveDns([{ model, host: HOST, port: 0 }]);
    });
    after(async () => servers.close());

    const ask = async (name: string, type: DnsType, signal = patient()): Promise<DnsAnswer> =>
      createDns().query({ server: HOST, port: servers.listeners[0]?.port ?? 0, name, type }, signal);

    it('reads every type in presentation form', async () => {
      const one = async (name: string, type: DnsType): Promise<unknown> => (await ask(name, type)).answers;
      assert.deepEqual(await ask('CHECKOUT.example.com.', 'A'), {
        rcode: 'NOERROR',
        authoritative: true,
        answers: [
          { name: 'checkout.example.com', type: 'CNAME', ttl: 30, value: 'lb-use1.example.com' },
          { name: 'lb-use1.example.com', type: 'A', ttl: 30, value: '192.0.2.1' },
        ],
      });
      assert.deepEqual(await one('six.example.com', 'AAAA'), [
        { name: 'six.example.com', type: 'AAAA', ttl: 30, value: '2001:db8::1' },
      ]);
      assert.deepEqual(await one('mixed.example.com', 'TXT'), [
        { name: 'mixed.example.com', type: 'TXT', ttl: 30, value: 'Case Kept' },
      ]);
      assert.deepEqual(await one('example.com', 'NS'), [
        { name: 'example.com', type: 'NS', ttl: 172_800, value: w.NEAR },
      ]);
      assert.deepEqual(await one('example.com', 'SOA'), [
        {
          name: 'example.com',
          type: 'SOA',
          ttl: 900,
          value: `${w.NEAR} awsdns-hostmaster.amazon.com 1 7200 900 1209600 86400`,
        },
      ]);
    });

    it('tells NXDOMAIN, NODATA and REFUSED apart', async () => {
      assert.deepEqual(await ask('none.example.com', 'A'), { rcode: 'NXDOMAIN', authoritative: true, answers: [] });
      assert.deepEqual(await ask('lb-use1.example.com', 'TXT'), { rcode: 'NOERROR', authoritative: true, answers: [] });
      assert.deepEqual(await ask('example.org', 'A'), { rcode: 'REFUSED', authoritative: false, answers: [] });
    });

    it('comes back over TCP when the answer was truncated', async () => {
      const { answers } = await ask('wide.example.com', 'TXT');
      assert.equal(answers[0]?.value.length, 4000);
    });

    it('gives up at its deadline on a server that never answers', async () => {
      model.setState('silent');
      try {
        await fails(ask('example.com', 'NS', AbortSignal.timeout(100)), 'Timeout');
      } finally {
        model.setState('up');
      }
    });

    it('asks nothing once cancelled', async () => {
      await fails(ask('example.com', 'NS', AbortSignal.abort()), 'Timeout');
    });
  });

  describe('against odd servers', () => {
    type Answering = (query: Buffer, from: RemoteInfo, socket: Socket) => void;
    const withServer = async (answering: Answering, work: (port: number) => Promise<void>): Promise<void> => {
      const socket = createSocket('udp4');
      socket.on('message', (message, from) => answering(message, from, socket));
      await new Promise<void>((resolve) => {
        socket.bind(0, HOST, resolve);
      });
      try {
        await work(socket.address().port);
      } finally {
        socket.close();
      }
    };
    const ask = async (port: number, signal = patient()): Promise<DnsAnswer> =>
      createDns().query({ server: HOST, port, name: 'x.example.com', type: 'A' }, signal);
    const reply = (query: Buffer, address: string, change: { id?: number; name?: string } = {}): Buffer => {
      const { id = query.readUInt16BE(0), name = 'x.example.com' } = change;
      return encode({
        type: 'response',
        id,
        flags: AUTHORITATIVE_ANSWER,
        questions: [{ name, type: 'A' }],
        answers: [{ name, type: 'A', ttl: 1, data: address }],
      });
    };

    it('asks without recursion, with EDNS, under a random id', async () => {
      const queries: Buffer[] = [];
      const answering: Answering = (query, from, socket) => {
        queries.push(query);
        socket.send(reply(query, '192.0.2.1'), from.port, from.address);
      };
      await withServer(answering, async (port) => {
        for (let count = 0; count < 8; count += 1) await ask(port);
      });
      const packets = queries.map((query) => decode(query));
      assert.ok(packets.every(({ flag_rd }) => !flag_rd));
      assert.ok(packets.every(({ additionals }) => additionals?.[0]?.type === 'OPT'));
      assert.ok(new Set(packets.map(({ id }) => id)).size > 1, 'the ids are all the same');
    });

    it('waits past forged answers for the right one', async () => {
      const forger = createSocket('udp4');
      const answering: Answering = (query, from, socket) => {
        const { port, address } = from;
        // From another socket with the right id; then from the right one with another id, another name, and no answer.
        forger.send(reply(query, '203.0.113.1'), port, address, () => {
          socket.send(reply(query, '203.0.113.2', { id: query.readUInt16BE(0) ^ 1 }), port, address);
          socket.send(reply(query, '203.0.113.3', { name: 'y.example.com' }), port, address);
          socket.send(query, port, address);
          socket.send(reply(query, '192.0.2.1'), port, address);
        });
      };
      try {
        await withServer(answering, async (port) => {
          assert.deepEqual(
            (await ask(port)).answers.map(({ value }) => value),
            ['192.0.2.1'],
          );
        });
      } finally {
        forger.close();
      }
    });

    it('calls garbage malformed', async () => {
      const send = async (answer: (query: Buffer) => Buffer): Promise<void> =>
        withServer(
          (query, from, socket) => socket.send(answer(query), from.port, from.address),
          async (port) => fails(ask(port), 'Malformed', /DNS server 127\.0\.0\.1 port \d+/),
        );
      await send(() => Buffer.from([1, 2, 3]));
      await send((query) => reply(query, '192.0.2.1').subarray(0, -3));
      await send((query) => reply(query, '192.0.2.1').subarray(0, -12));
      const text = { name: 'x.example.com', type: 'TXT', ttl: 1, data: 'epoch=12' } as const;
      await send((query) => encode({ type: 'response', id: query.readUInt16BE(0), answers: [text] }).subarray(0, -2));
    });

    it('says at once that nobody listens', async () => {
      let closed = 0;
      await withServer(
        () => undefined,
        async (port) => {
          closed = port;
        },
      );
      await fails(ask(closed), 'Unreachable', /ECONNREFUSED/);
    });

    it('calls a truncated answer without TCP behind it unreachable', async () => {
      const truncated: Answering = (query, from, socket) => {
        const answer = reply(query, '192.0.2.1');
        answer.writeUInt16BE(answer.readUInt16BE(2) | 0x0200, 2);
        socket.send(answer, from.port, from.address);
      };
      await withServer(truncated, async (port) => fails(ask(port), 'Unreachable', /ECONNREFUSED/));
    });
  });

  describe('resolving a host', () => {
    it('gives an address back, whatever resolvers there are', async () => {
      assert.deepEqual(await createDns().resolve('192.0.2.9', patient()), ['192.0.2.9']);
      assert.deepEqual(await createDns().resolve('::1', patient()), ['::1']);
    });

    it('asks the system', async () => {
      assert.ok(
        (await createDns().resolve('localhost', patient())).some((address) => ['127.0.0.1', '::1'].includes(address)),
      );
      await fails(createDns().resolve('nothing.invalid', patient()), 'Unreachable', /nothing\.invalid/);
    });

    it('honours its signal', async () => {
      await fails(createDns().resolve('localhost', AbortSignal.abort()), 'Timeout');
    });
  });
});
