import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A TCP path between two parties that can be held back or cut, with both of them unaware. */
export interface Link extends Address {
  readonly state: () => State;
  /** Connections that exist through it now. */
  readonly connections: () => number;
  /** Keeps connections, takes new ones, forwards nothing in either direction: a black hole. Back-pressure bounds what is buffered. */
  hold(): void;
  /** Forwards what was held, in order. */
  release(): void;
  /** Resets every connection; new ones are reset at once. */
  cut(): void;
  /** Takes new connections again, after `cut` or `hold`. */
  restore(): void;
  close(): Promise<void>;
}

export interface LinkOptions {
  /** Where it leads; a function is asked for each connection, and `undefined` resets it (a balancer without members). */
  readonly target: Address | (() => Address | undefined);
  /** Default 127.0.0.1 and a free port. */
  readonly listen?: Partial<Address>;
  /** One-way latency in ms added to each chunk. */
  readonly delayMs?: number;
}

interface Pair {
  readonly near: Socket;
  far: Socket | undefined;
}

export async function createLink(options: LinkOptions): Promise<Link> {
  const gate = createGate();
  const pairs = new Set<Pair>();
  const forget = (pair: Pair): void => {
    pairs.delete(pair);
    pair.near.destroy();
    pair.far?.destroy();
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (near) => {
    const pair: Pair = { near, far: undefined };
    pairs.add(pair);
    let failed = false;
    near.on('error', () => {
      failed = true;
    });
    near.on('close', () => {
      tellOther(pair, gate, forget, failed);
    });
    if (gate.state() === 'Cut') {
      near.resetAndDestroy();
      return;
    }
    void gate.opened().then(() => {
      if (!near.destroyed) join(pair, options, gate, forget);
    });
  });
  const address = await listen(server, options.listen);
  return {
    ...address,
    state: gate.state,
    connections: () => pairs.size,
    hold: () => {
      gate.set('Held');
    },
    release: () => {
      gate.set('Open');
    },
    restore: () => {
      gate.set('Open');
    },
    cut: () => {
      gate.set('Cut');
      for (const pair of [...pairs]) {
        pair.near.resetAndDestroy();
        pair.far?.resetAndDestroy();
        pairs.delete(pair);
      }
    },
    close: async () => {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      for (const pair of [...pairs]) forget(pair);
      gate.set('Open');
      await closed;
    },
  };
}

type State = 'Open' | 'Held' | 'Cut';

interface Gate {
  readonly state: () => State;
  set(next: State): void;
  /** Resolves when the state is Open. */
  opened(): Promise<void>;
}

function createGate(): Gate {
  let state: State = 'Open';
  const waiting = new Set<() => void>();
  return {
    state: () => state,
    set: (next) => {
      state = next;
      if (next !== 'Open') return;
      const resume = [...waiting];
      waiting.clear();
      for (const go of resume) go();
    },
    opened: async () => {
      // A loop, for it may have been held again before this continuation ran.
      while (state !== 'Open') {
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

function join(pair: Pair, options: LinkOptions, gate: Gate, forget: (pair: Pair) => void): void {
  const target = typeof options.target === 'function' ? options.target() : options.target;
  if (target === undefined) {
    pair.near.resetAndDestroy();
    return;
  }
  const far = connect({ host: target.host, port: target.port, allowHalfOpen: true, noDelay: true });
  pair.far = far;
  let failed = false;
  far.on('error', () => {
    failed = true;
  });
  far.on('close', () => {
    tellOther(pair, gate, forget, failed);
  });
  void forward(pair.near, far, options.delayMs ?? 0, gate);
  void forward(far, pair.near, options.delayMs ?? 0, gate);
}

/** One side has closed. The other learns of it when the link lets things through, and gets a reset for a failure. */
function tellOther(pair: Pair, gate: Gate, forget: (pair: Pair) => void, failed: boolean): void {
  if (gate.state() === 'Cut') {
    forget(pair);
    return;
  }
  void gate.opened().then(() => {
    for (const side of [pair.near, pair.far]) {
      if (side === undefined || side.destroyed) continue;
      if (failed) side.resetAndDestroy();
      else side.destroySoon();
    }
    if (pair.near.destroyed && pair.far?.destroyed !== false) forget(pair);
  });
}

/** One chunk at a time: while the link is held or the other side is slow, nothing more is read. */
async function forward(from: Socket, to: Socket, delayMs: number, gate: Gate): Promise<void> {
  try {
    for await (const chunk of chunks(from)) {
      if (delayMs > 0) await pause(delayMs);
      await gate.opened();
      if (to.destroyed) return;
      if (!to.write(chunk)) await drained(to);
    }
    await gate.opened();
    to.end();
  } catch {
    // The connection broke: what one side sees, the other is to see as well.
    from.destroy();
    to.destroy();
  }
}

async function* chunks(from: Socket): AsyncGenerator<Buffer> {
  const source: AsyncIterable<unknown> = from.iterator({ destroyOnReturn: false });
  for await (const chunk of source) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

async function listen(server: Server, wanted: Partial<Address> = {}): Promise<Address> {
  const host = wanted.host ?? '127.0.0.1';
  server.listen({ host, port: wanted.port ?? 0 });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') {
    throw new Error('The link listens on no TCP port.');
  }
  return { host, port: bound.port };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
