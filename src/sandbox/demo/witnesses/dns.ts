import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import * as packet from 'dns-packet';

/** From `at` on (ms; when it was asked) this server answered so. */
export interface Answer {
  readonly at: number;
  readonly server: string;
  /**
   * The CNAME's target, or `-` for none; undefined where there was no answer: one lost packet, or a server that nobody
   * gave the processor in time, leads nobody anywhere.
   */
  readonly says: string | undefined;
}

export interface DnsWitness {
  /** Changes only. */
  readonly answers: () => readonly Answer[];
  stop(): Promise<void>;
}

const EVERY_MS = 200;
const TIMEOUT_MS = 1_000;

/** Asks each of the zone's own servers again and again, without a cache. */
export function watchDns(
  name: string,
  servers: readonly { readonly name: string; readonly port: number }[],
): DnsWitness {
  const seen: Answer[] = [];
  const stopping = new AbortController();
  const watching = servers.map(async (server) => {
    // Nothing was heard yet, which is not the same as no answer.
    let last: Pick<Answer, 'says'> | undefined;
    while (!stopping.signal.aborted) {
      const at = Date.now();
      const says = await ask(name, server.port);
      if (last === undefined || says !== last.says) seen.push({ at, server: server.name, says });
      last = { says };
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  });
  return {
    answers: () => [...seen],
    stop: async () => {
      stopping.abort();
      await Promise.all(watching);
    },
  };
}

async function ask(name: string, port: number): Promise<string | undefined> {
  const socket = createSocket('udp4');
  const id = randomInt(65_536);
  const query = packet.encode({ type: 'query', id, flags: 0, questions: [{ type: 'CNAME', name }] });
  try {
    return await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => {
        resolve(undefined);
      }, TIMEOUT_MS);
      const settle = (says: string | undefined): void => {
        clearTimeout(timer);
        resolve(says);
      };
      socket.on('error', () => {
        settle(undefined);
      });
      socket.on('message', (message) => {
        const reply = packet.decode(message);
        if (reply.id !== id) return;
        const targets = (reply.answers ?? []).flatMap((answer) => (answer.type === 'CNAME' ? [answer.data] : []));
        settle(targets[0]?.replace(/\.$/, '') ?? '-');
      });
      socket.connect(port, '127.0.0.1', () => {
        socket.send(query);
      });
    });
  } finally {
    socket.close();
  }
}
