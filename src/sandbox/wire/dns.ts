import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { DnsServerModel } from '../models/dns-server.ts';
import { readQuery, writeReply } from './dns-message.ts';

export interface DnsServerOptions {
  readonly model: DnsServerModel;
  readonly host: string;
  /** 0 for any port that is free for both UDP and TCP. */
  readonly port: number;
}

export interface DnsListener {
  /** The name server's name, as in the DelegationSet. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface DnsServers {
  readonly listeners: readonly DnsListener[];
  close(): Promise<void>;
}

const IDLE_MS = 10_000;
const PORT_ATTEMPTS = 20;

/** Each server on UDP and TCP at the same port. @throws Error when an address cannot be listened on. */
export async function serveDns(servers: readonly DnsServerOptions[]): Promise<DnsServers> {
  const open: Pair[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(open.map(async (pair) => closePair(pair)));
  };
  try {
    for (const server of servers) open.push(await listen(server));
  } catch (error) {
    await close();
    throw error;
  }
  return { listeners: open.map(({ listener }) => listener), close };
}

interface Pair {
  readonly listener: DnsListener;
  readonly udp: UdpSocket;
  readonly tcp: Server;
  readonly connections: Set<Socket>;
}

async function listen({ model, host, port }: DnsServerOptions): Promise<Pair> {
  for (let attempt = 1; ; attempt += 1) {
    const connections = new Set<Socket>();
    const tcp = createServer((socket) => {
      connections.add(socket);
      socket.on('close', () => connections.delete(socket));
      serveConnection(model, socket);
    });
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      const chosen = await listenTcp(tcp, host, port);
      await bindUdp(udp, host, chosen);
      serveDatagrams(model, udp);
      return { listener: { name: model.name, host, port: chosen }, udp, tcp, connections };
    } catch (error) {
      await closePair({ listener: { name: model.name, host, port }, udp, tcp, connections });
      // Any port was wanted, and the one TCP got is taken for UDP: draw again.
      if (port !== 0 || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

async function listenTcp(tcp: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(port, host, () => {
      tcp.off('error', reject);
      resolve();
    });
  });
  return (tcp.address() as AddressInfo).port;
}

async function bindUdp(udp: UdpSocket, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind({ address: host, port, exclusive: true }, () => {
      udp.off('error', reject);
      resolve();
    });
  });
}

async function closePair({ udp, tcp, connections }: Pair): Promise<void> {
  for (const socket of connections) socket.destroy();
  await Promise.all([
    new Promise<void>((resolve) => {
      if (tcp.listening) tcp.close(() => resolve());
      else resolve();
    }),
    new Promise<void>((resolve) => {
      udp.close(() => resolve());
    }),
  ]);
}

function serveDatagrams(model: DnsServerModel, udp: UdpSocket): void {
  udp.on('error', (error) => console.error(`dns sandbox ${model.name}:`, error));
  udp.on('message', (message, from) => {
    const reply = replyTo(model, message, 'udp');
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
}

/** RFC 7766: two octets of length before each message, any number of queries on a connection. */
function serveConnection(model: DnsServerModel, socket: Socket): void {
  let pending = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  // The client went away; 'close' follows and forgets the connection.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const reply = replyTo(model, pending.subarray(2, end), 'tcp');
      pending = pending.subarray(end);
      if (reply !== undefined) socket.write(framed(reply));
    }
  });
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  message.copy(frame, 2);
  return frame;
}

function replyTo(model: DnsServerModel, message: Buffer, transport: 'udp' | 'tcp'): Buffer | undefined {
  const query = readQuery(message);
  if (query.kind === 'ignore') return undefined;
  const answered = query.kind === 'question' ? model.answer(query.question) : undefined;
  if (query.kind === 'refuse') return query.reply;
  return answered === undefined ? undefined : writeReply(query.packet, answered, transport);
}
