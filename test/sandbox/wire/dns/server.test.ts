import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { Packet } from 'dns-packet';
import { createDnsServer } from '../../../../src/sandbox/models/dns-server.ts';
import { serveDns } from '../../../../src/sandbox/wire/dns.ts';
import type { DnsServers } from '../../../../src/sandbox/wire/dns.ts';
import * as w from '../../../contract/route53-world.ts';

const HOST = '127.0.0.1';

describe("the sandbox's DNS on the wire", () => {
  let servers: DnsServers;
  beforeEach(async () => {
    const texts = [1, 2, 3, 4, 5, 6].map((n) => ({ Value: `"${String(n).repeat(200)}"` }));
    const wide = { Name: 'wide.example.com', Type: 'TXT', TTL: 30, ResourceRecords: texts.slice(0, 4) } as const;
    const wider = { Name: 'wider.example.com', Type: 'TXT', TTL: 30, ResourceRecords: texts } as const;
    const nameServers = [
      { name: w.NEAR, delayMs: 0 },
      { name: w.FAR, delayMs: 0 },
    ];
    const { model } = w.shopWorld({
      zones: [{ id: w.ZONE, name: 'example.com', nameServers, records: [w.EAST, wide, wider] }],
    });
    servers = await serveDns([
      { model: createDnsServer(model, w.NEAR), host: HOST, port: 0 },
      { model: createDnsServer(model, w.FAR), host: HOST, port: 0 },
    ]);
  });
  afterEach(async () => servers.close());

  const portOf = (index: number): number => servers.listeners[index]?.port ?? 0;
  const udp = async (message: Buffer, port = portOf(0)): Promise<Buffer> => {
    const socket = createSocket('udp4');
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        socket.on('error', reject);
        socket.on('message', resolve);
        socket.send(message, port, HOST);
      });
    } finally {
      socket.close();
    }
  };
  const query = (name: string, more: Partial<Packet> = {}): Buffer =>
    encode({ type: 'query', id: 7, flags: 0, questions: [{ name, type: 'TXT' }], ...more });
  const edns = (udpPayloadSize: number): Partial<Packet> => ({
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  const rcode = (reply: Buffer): number => reply.readUInt16BE(2) & 0xf;

  it('listens once for each name server', async () => {
    assert.deepEqual(
      servers.listeners.map(({ name, host }) => [name, host]),
      [
        [w.NEAR, HOST],
        [w.FAR, HOST],
      ],
    );
    assert.notEqual(portOf(0), portOf(1));
    const reply = decode(await udp(query('checkout.example.com'), portOf(1)));
    assert.equal(reply.flag_aa, true);
  });

  it('truncates to what the client can take: 512, or what EDNS says up to 1,232', async () => {
    const outcome = async (name: string, more?: Partial<Packet>): Promise<readonly unknown[]> => {
      const packet = decode(await udp(query(name, more)));
      return [packet.flag_tc, packet.answers?.length, packet.additionals?.length];
    };
    assert.deepEqual(await outcome('wide.example.com'), [true, 0, 0]);
    assert.deepEqual(await outcome('wide.example.com', edns(1232)), [false, 4, 1]);
    assert.deepEqual(await outcome('wide.example.com', edns(600)), [true, 0, 1]);
    assert.deepEqual(await outcome('wider.example.com', edns(4096)), [true, 0, 1]);
  });

  it('answers several queries on one TCP connection, however they are cut', async () => {
    const frame = (message: Buffer): Buffer =>
      Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
    const both = Buffer.concat([frame(query('wider.example.com')), frame(query('checkout.example.com', { id: 8 }))]);
    const socket = connect(portOf(0), HOST);
    socket.write(both.subarray(0, 20));
    socket.write(both.subarray(20));
    const replies: (readonly unknown[])[] = [];
    let pending = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const packet = decode(pending.subarray(2, end));
        replies.push([packet.id, packet.flag_tc, packet.answers?.length]);
        pending = pending.subarray(end);
      }
      if (replies.length === 2) break;
    }
    assert.deepEqual(replies, [
      [7, false, 6],
      [8, false, 1],
    ]);
  });

  it('refuses what is no question of the Internet class', async () => {
    const FORMERR = 1;
    const NOTIMP = 4;
    const REFUSED = 5;
    const question = { name: 'example.com', type: 'TXT' } as const;
    assert.equal(rcode(await udp(query('example.com', { flags: 4 << 11 }))), NOTIMP);
    assert.equal(rcode(await udp(query('example.com', { questions: [] }))), FORMERR);
    assert.equal(rcode(await udp(query('example.com', { questions: [question, question] }))), FORMERR);
    assert.equal(rcode(await udp(query('example.com').subarray(0, 20))), FORMERR);
    assert.equal(rcode(await udp(query('example.com', { questions: [{ ...question, class: 'CH' }] }))), REFUSED);
    assert.equal(rcode(await udp(query('example.org'))), REFUSED);
  });

  it('does not answer answers', async () => {
    const socket = createSocket('udp4');
    try {
      const ids: number[] = [];
      const done = new Promise<void>((resolve) => {
        socket.on('message', (message) => {
          ids.push(message.readUInt16BE(0));
          resolve();
        });
      });
      socket.send(
        encode({ type: 'response', id: 1, questions: [{ name: 'example.com', type: 'TXT' }] }),
        portOf(0),
        HOST,
      );
      socket.send(query('example.com', { id: 2 }), portOf(0), HOST);
      await done;
      assert.deepEqual(ids, [2]);
    } finally {
      socket.close();
    }
  });

  it('says where it cannot listen, and keeps nothing open', async () => {
    const { model } = w.shopWorld();
    const dns = createDnsServer(model, w.NEAR);
    const taken = portOf(0);
    await assert.rejects(
      serveDns([
        { model: dns, host: HOST, port: 0 },
        { model: dns, host: HOST, port: taken },
      ]),
      /EADDRINUSE/,
    );
  });
});
