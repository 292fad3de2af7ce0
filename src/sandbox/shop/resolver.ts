import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import * as packet from 'dns-packet';

export interface Resolved {
  readonly address: string;
  /** The name at the end of the CNAME chain. */
  readonly name: string;
}

/** A stub resolver with a cache of its own that honours TTLs, as the clients of a real shop have. */
export interface Resolver {
  /** @throws Error when the name cannot be resolved now; what has expired is never used. */
  resolve(name: string): Promise<Resolved>;
}

const TIMEOUT_MS = 1_000;
const MAX_CHAIN = 8;

/**
 * Over UDP from one given server, following CNAMEs. A chain is as long-lived as the shortest TTL in it. Concurrent
 * questions for one name are one question. `now`: ms, for the ages of answers.
 */
export function createResolver(server: { readonly host: string; readonly port: number }, now: () => number): Resolver {
  const cache = new Map<string, { readonly value: Resolved; readonly until: number }>();
  const pending = new Map<string, Promise<Resolved>>();

  const fetch = async (name: string): Promise<Resolved> => {
    const asked = now();
    const found = await lookUp(server, name);
    // From when it was asked: counting from the answer would keep it for longer than was granted.
    cache.set(name, { value: { address: found.address, name: found.name }, until: asked + found.ttlMs });
    return { address: found.address, name: found.name };
  };
  return {
    resolve: async (name) => {
      const cached = cache.get(name);
      if (cached !== undefined && now() < cached.until) return cached.value;
      const underWay = pending.get(name);
      if (underWay !== undefined) return await underWay;
      const question = fetch(name).finally(() => pending.delete(name));
      pending.set(name, question);
      return await question;
    },
  };
}

async function lookUp(
  server: { readonly host: string; readonly port: number },
  asked: string,
): Promise<Resolved & { readonly ttlMs: number }> {
  let name = asked.toLowerCase();
  let ttl = Number.POSITIVE_INFINITY;
  for (let question = 0; question < MAX_CHAIN; question++) {
    const answers = await ask(server, name);
    const start = name;
    for (let link = 0; link < MAX_CHAIN; link++) {
      const of = answers.filter((answer) => answer.name === name);
      const address = of.find((answer) => answer.type === 'A');
      if (address !== undefined) {
        return { address: address.value, name, ttlMs: Math.min(ttl, address.ttl) * 1_000 };
      }
      const alias = of.find((answer) => answer.type === 'CNAME');
      if (alias === undefined) break;
      ttl = Math.min(ttl, alias.ttl);
      name = alias.value.toLowerCase();
    }
    if (name === start) throw new Error(`DNS: ${name} has no address`);
  }
  throw new Error(`DNS: the chain of ${asked} does not end`);
}

interface Answer {
  readonly name: string;
  readonly type: 'A' | 'CNAME';
  readonly ttl: number;
  readonly value: string;
}

async function ask(server: { readonly host: string; readonly port: number }, name: string): Promise<readonly Answer[]> {
  const id = randomInt(65_536);
  const query = packet.encode({ type: 'query', id, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name }] });
  const reply = await exchange(server, query, (message) => message.id === id);
  if (reply.rcode !== 'NOERROR') throw new Error(`DNS: ${name}: ${reply.rcode}`);
  return reply.answers;
}

interface Reply {
  readonly id: number;
  readonly rcode: string;
  readonly answers: readonly Answer[];
}

async function exchange(
  server: { readonly host: string; readonly port: number },
  query: Buffer,
  fits: (reply: Reply) => boolean,
): Promise<Reply> {
  // A socket of its own for each question: an unconnected, shared one would not hear that nobody listens.
  const socket = createSocket('udp4');
  try {
    return await new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`DNS: ${server.host}:${String(server.port)} does not answer`));
      }, TIMEOUT_MS);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(new Error(`DNS: ${error.message}`));
      };
      socket.on('error', fail);
      socket.on('message', (message) => {
        const reply = decode(message);
        // Anything else on this port is not the answer to this question.
        if (reply === undefined || !fits(reply)) return;
        clearTimeout(timer);
        resolve(reply);
      });
      socket.connect(server.port, server.host, () => {
        socket.send(query);
      });
    });
  } finally {
    socket.close();
  }
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;

function decode(message: Buffer): Reply | undefined {
  let decoded: packet.DecodedPacket;
  try {
    decoded = packet.decode(message);
  } catch {
    return undefined;
  }
  return {
    id: decoded.id ?? -1,
    // The low four bits of the flags (RFC 1035, 4.1.1).
    rcode: RCODES[(decoded.flags ?? 0) & 0xf] ?? 'OTHER',
    answers: (decoded.answers ?? []).flatMap((answer) =>
      answer.type === 'A' || answer.type === 'CNAME'
        ? [{ name: answer.name.toLowerCase(), type: answer.type, ttl: answer.ttl ?? 0, value: answer.data }]
        : [],
    ),
  };
}
