import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { connect, isIP } from 'node:net';
import type { Dns, DnsQuery } from '../ports/dns.ts';
import { PortError } from '../ports/port-error.ts';
import { decodeReply, encodeQuery } from './dns/message.ts';
import type { Reply } from './dns/message.ts';

/**
 * Asks one server directly: RD=0, EDNS with 1,232 octets, TCP when the answer says it was truncated. A fresh socket
 * for each query, so that its source port is random, connected, so that the kernel drops what comes from elsewhere
 * and reports a refusal.
 */
export function createDns(): Dns {
  return {
    async query(query, signal) {
      const id = randomInt(0x1_0000);
      const message = encodeQuery(id, query);
      const reply = await overUdp(query, id, message, signal);
      if (!reply.truncated) return reply.answer;
      return (await overTcp(query, id, message, signal)).answer;
    },
    resolve: async (host, signal) => (isIP(host) === 0 ? resolveHost(host, signal) : [host]),
  };
}

/** Settles once: by `start`, or by the signal; `stop` frees what was opened either way. */
async function cancellable<T>(
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: PortError) => void) => () => void,
): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    let stop = (): void => undefined;
    const onAbort = (): void => {
      stop();
      reject(cancelled());
    };
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      stop();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stop = start(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
  });
}

const cancelled = (): PortError => new PortError('Timeout', 'no DNS answer before the deadline');
const where = ({ server, port }: DnsQuery): string => `DNS server ${server} port ${port}`;
const unreachable = (query: DnsQuery, error: Error): PortError =>
  new PortError('Unreachable', `${where(query)}: ${'code' in error ? String(error.code) : error.message}`);

async function overUdp(query: DnsQuery, id: number, message: Buffer, signal: AbortSignal): Promise<Reply> {
  return cancellable<Reply>(signal, (resolve, reject) => {
    const socket = createSocket(isIP(query.server) === 6 ? 'udp6' : 'udp4');
    let open = true;
    socket.on('error', (error) => reject(unreachable(query, error)));
    socket.on('message', (datagram) => {
      const reply = decodeReply(datagram, id, query);
      if (reply.kind === 'reply') resolve(reply);
      if (reply.kind === 'malformed') reject(new PortError('Malformed', `${where(query)}: ${reply.why}`));
      // `foreign`: another id or question, late or forged. The right answer may still come.
    });
    socket.connect(query.port, query.server, () => {
      if (open) socket.send(message);
    });
    return () => {
      if (open) socket.close();
      open = false;
    };
  });
}

async function overTcp(query: DnsQuery, id: number, message: Buffer, signal: AbortSignal): Promise<Reply> {
  return cancellable<Reply>(signal, (resolve, reject) => {
    const socket = connect({ host: query.server, port: query.port });
    const malformed = (why: string): void => reject(new PortError('Malformed', `${where(query)} over TCP: ${why}`));
    let received = Buffer.alloc(0);
    socket.on('error', (error) => reject(unreachable(query, error)));
    socket.on('connect', () => {
      const frame = Buffer.alloc(2 + message.length);
      frame.writeUInt16BE(message.length, 0);
      message.copy(frame, 2);
      socket.write(frame);
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const reply = decodeReply(received.subarray(2, 2 + received.readUInt16BE(0)), id, query);
      if (reply.kind !== 'reply') {
        malformed(reply.kind === 'malformed' ? reply.why : 'the answer is to another question');
      } else if (reply.truncated) malformed('the answer is truncated');
      else resolve(reply);
    });
    socket.on('end', () => malformed('the connection ended inside the answer'));
    return () => socket.destroy();
  });
}

/** getaddrinfo cannot be cancelled: its late result is dropped. */
async function resolveHost(host: string, signal: AbortSignal): Promise<readonly string[]> {
  return cancellable<readonly string[]>(signal, (resolve, reject) => {
    lookup(host, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error === null) resolve(addresses.map(({ address }) => address));
      else {
        reject(new PortError('Unreachable', `the host name ${host} was not resolved: ${error.code ?? error.message}`));
      }
    });
    return () => undefined;
  });
}
