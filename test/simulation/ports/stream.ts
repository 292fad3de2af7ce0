import { PortError } from '../../../src/ports/port-error.ts';
import { hash32 } from '../kernel/index.ts';
import type { Destination, Latency, Process } from '../kernel/index.ts';
import type { StreamReply } from './world.ts';

/** A reply's body that goes on, with the connection under it. */
export interface Stream {
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the server begin; what it emits waits for `release`. */
  open(start: StreamReply['stream']): void;
  /** The reply's head is on its way, and arrives then (virtual ms): what follows it may go. */
  release(headArrivesAt: number): void;
  /** The head never arrives, so nothing does. */
  abandon(): void;
}

export interface StreamOptions {
  readonly process: Process;
  readonly destination: Destination;
  readonly latency: Latency;
  readonly signal: AbortSignal;
  readonly label: string;
  readonly where: string;
}

type Item = Uint8Array | PortError | 'end';

export function createStream(options: StreamOptions): Stream {
  const { process, destination, latency, signal, where } = options;
  const reader = createReader(() => leave(undefined));
  const wire = createWire(options, (item) => reader.put(item));
  let cancelAtServer: (() => void) | undefined;
  let left = false;
  let ended = false;

  /** The reader's side is gone: nothing more reaches it, and the server learns of it if the network lets it. */
  const leave = (error: PortError | undefined): void => {
    if (left) return;
    left = true;
    wire.stop();
    hangUp();
    if (error !== undefined) reader.put(error);
    const cancel = cancelAtServer;
    if (cancel !== undefined) process.send(destination, latency.thereMs + latency.jitterMs, cancel);
  };
  const onAbort = (): void => leave(new PortError('Timeout', `${where}: cancelled`));
  const forget = process.onEnd(() => leave(undefined));
  const disconnect = process.connect(destination, (how) => {
    // Silence for ever: retransmissions end, and what stood between has forgotten the connection when it is healed.
    wire.stop();
    if (how === 'refuse') leave(new PortError('Unreachable', `${where}: the connection broke (ECONNRESET)`));
  });
  const hangUp = (): void => {
    signal.removeEventListener('abort', onAbort);
    forget();
    disconnect();
  };
  return {
    body: reader.body,
    open: (start) => {
      const cancel = start(
        (text) => wire.push(text),
        () => {
          ended = true;
          wire.push(END);
        },
      );
      cancelAtServer = (): void => {
        if (!ended) cancel();
      };
      if (signal.aborted || !process.alive()) leave(undefined);
      else signal.addEventListener('abort', onAbort, { once: true });
    },
    release: (headArrivesAt) => wire.release(headArrivesAt),
    abandon: () => wire.stop(),
  };
}

/** The server has said all. */
const END: unique symbol = Symbol('end');

interface Wire {
  push(what: string | typeof END): void;
  release(headArrivesAt: number): void;
  stop(): void;
}

/** Carries what the server emits, in order; what it emits at one instant travels together. */
function createWire({ process, destination, latency, label }: StreamOptions, put: (item: Item) => void): Wire {
  let batch: (string | typeof END)[] | undefined;
  let batchAt = -1;
  let earliest = 0;
  let released = false;
  let stopped = false;
  const held: (string | typeof END)[] = [];

  const push = (what: string | typeof END): void => {
    if (stopped) return;
    if (!released) {
      held.push(what);
      return;
    }
    const sentAt = process.now();
    if (batch !== undefined && batchAt === sentAt) {
      batch.push(what);
      return;
    }
    const together: (string | typeof END)[] = [what];
    batch = together;
    batchAt = sentAt;
    const jitter = latency.jitterMs === 0 ? 0 : latency.jitterMs * process.draw(`stream/${label}/${destination.id}`);
    earliest = Math.max(earliest, sentAt + latency.backMs + jitter);
    process.deliver(earliest - sentAt, () => {
      if (batch === together) batch = undefined;
      if (!stopped) arrive(together);
    });
  };
  const arrive = (together: readonly (string | typeof END)[]): void => {
    const text = together.filter((what) => what !== END).join('');
    const ended = together.includes(END);
    const hash = `#${hash32(text).toString(16).padStart(8, '0')}`;
    process.trace('reply', label, destination.id, `… ${hash}${ended ? ' end' : ''}`);
    if (text !== '') put(new TextEncoder().encode(text));
    if (ended) put('end');
  };
  return {
    push,
    release: (headArrivesAt) => {
      released = true;
      earliest = headArrivesAt;
      for (const what of held.splice(0)) push(what);
    },
    stop: () => {
      stopped = true;
    },
  };
}

interface Reader {
  readonly body: AsyncIterable<Uint8Array>;
  put(item: Item): void;
}

/** What has arrived and was not read yet; `onReturn`: it is read no further. */
function createReader(onReturn: () => void): Reader {
  const items: Item[] = [];
  let wake: (() => void) | undefined;
  async function* body(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        const item = items.shift();
        if (item === 'end') return;
        if (item instanceof PortError) throw item;
        if (item !== undefined) yield item;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      onReturn();
    }
  }
  return {
    body: body(),
    put: (item) => {
      items.push(item);
      wake?.();
      wake = undefined;
    },
  };
}
