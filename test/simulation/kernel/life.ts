import type { Clocks, Suspension } from './clocks.ts';
import type { Call } from './exchange.ts';
import type { Destination, Network } from './network.ts';
import type { TraceKind } from './trace.ts';

/** One life of a process, as its ports see it: what they do for it ends with it. */
export interface Process {
  readonly name: string;
  /** 1 for the first. */
  readonly incarnation: number;
  /** `name#incarnation`. */
  readonly id: string;
  alive(): boolean;
  /** Virtual ms since the beginning: the network's time, no clock of its own. */
  now(): number;
  /** Ms since the Unix epoch, with the jumps of this process's machine. */
  wall(): number;
  /** Ms since this life began. */
  monotonic(): number;
  /** Runs `task` after `ms` of its monotonic clock; never while it is stopped, never after its death. */
  after(ms: number, task: () => void): () => void;
  /** Something from outside reaches it in `ms` of virtual time; it waits while the process is stopped. */
  deliver(ms: number, task: () => void): () => void;
  /** In [0, 1), from this life's stream of that name. */
  draw(label: string): number;
  /** One request over the network. Never settles once the process is dead. */
  call<T>(call: Call<T>): Promise<T>;
  /** One way, no answer: arrives in `ms` unless the network is cut, also after its death. */
  send(destination: Destination, ms: number, task: () => void): void;
  /**
   * Holds a connection open: a cut that begins calls `broken` unless the result was called before.
   */
  connect(destination: Destination, broken: (how: 'hang' | 'refuse') => void): () => void;
  /** Runs `task` at its death, when its machine closes its connections. */
  onEnd(task: () => void): () => void;
  trace(kind: TraceKind, label: string, destination: string, detail: string): void;
  /** Its last words: nothing it does afterwards reaches anything. */
  exit(code: number, why: string): void;
}

/** What lives need of the kernel. */
export interface LifeHost {
  now(): number;
  /** Runs `task` in virtual time as part of `context`; returns what cancels it. */
  schedule(ms: number, context: string, task: () => void): () => void;
  draw(label: string): number;
  call<T>(life: Life, call: Call<T>): Promise<T>;
  readonly network: Network;
  /** Runs `task` in virtual time, whatever becomes of anybody. */
  wire(ms: number, task: () => void): void;
  trace(life: Process, kind: TraceKind, label: string, destination: string, detail: string): void;
  exited(life: Life, code: number, why: string): void;
}

/** A process as the kernel holds it. */
export interface Life extends Process {
  readonly clocks: Clocks;
  end(): void;
  stop(how: Suspension): void;
  resume(): void;
}

/** Less than this is rounding: virtual times are sums of fractions of milliseconds. */
const epsilonMs = 1e-6;

export function createLife(host: LifeHost, name: string, incarnation: number, clocks: Clocks): Life {
  const id = `${name}#${String(incarnation)}`;
  const pending = new Set<() => void>();
  const atEnd = new Set<() => void>();
  const held: (() => void)[] = [];
  let alive = true;

  const deliver = (ms: number, task: () => void): (() => void) => {
    if (!alive) return () => undefined;
    let done = false;
    const arrive = (): void => {
      if (done) return;
      if (clocks.stopped()) {
        held.push(arrive);
        return;
      }
      done = true;
      pending.delete(cancel);
      task();
    };
    const unschedule = host.schedule(ms, id, arrive);
    const cancel = (): void => {
      done = true;
      pending.delete(cancel);
      unschedule();
    };
    pending.add(cancel);
    return cancel;
  };

  const after = (ms: number, task: () => void): (() => void) => {
    if (Number.isNaN(ms)) throw new Error(`${id} waits for NaN ms`);
    const due = clocks.monotonic() + Math.max(0, ms);
    let cancel = (): void => undefined;
    const wait = (left: number): void => {
      cancel = deliver(left, () => {
        // Its machine slept meanwhile, and the timers with it.
        const missing = due - clocks.monotonic();
        if (missing > epsilonMs) wait(missing);
        else task();
      });
    };
    wait(Math.max(0, ms));
    return () => cancel();
  };

  const life: Life = {
    name,
    incarnation,
    id,
    clocks,
    alive: () => alive,
    now: () => host.now(),
    wall: () => clocks.wall(),
    monotonic: () => clocks.monotonic(),
    after,
    deliver,
    draw: (label) => host.draw(`${id}/${label}`),
    call: (call) => host.call(life, call),
    send: (destination, ms, task) => {
      if (host.network.passage(destination, name, 'request') !== 'open') return;
      host.wire(ms, () => {
        if (host.network.passage(destination, name, 'request') === 'open') task();
      });
    },
    connect: (destination, broken) => host.network.connect({ destination, process: name, broken }),
    onEnd: (task) => {
      atEnd.add(task);
      return () => void atEnd.delete(task);
    },
    trace: (kind, label, destination, detail) => {
      if (alive) host.trace(life, kind, label, destination, detail);
    },
    exit: (code, why) => {
      host.exited(life, code, why);
    },
    end: () => {
      alive = false;
      for (const cancel of [...pending]) cancel();
      for (const task of [...atEnd]) task();
      atEnd.clear();
    },
    stop: (how) => clocks.stop(how),
    resume: () => {
      clocks.resume();
      // Each of them is an event of its own again, in the order in which they came.
      for (const task of held.splice(0)) host.schedule(0, id, task);
    },
  };
  return life;
}
