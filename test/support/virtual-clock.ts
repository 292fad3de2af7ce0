import type { Clock } from '../../src/ports/clock.ts';
import type { Random } from '../../src/ports/random.ts';

/** A machine's clock in virtual time. While suspended its monotonic clock stands still and its timers wait. */
export interface VirtualClock extends Clock {
  suspend(): void;
  resume(): void;
  /** Moves the wall clock only. */
  jumpWall(ms: number): void;
  suspended(): boolean;
}

/** Deterministic time for tests of one module; the simulation kernel is for histories of the whole operator. */
export interface VirtualTime {
  /** A machine with clocks of its own. */
  machine(incarnation?: string): VirtualClock;
  /** ms since the beginning, as nobody's machine sees it. */
  now(): number;
  /** Runs `task` after `ms`, whatever machine is suspended: the network's time. */
  after(ms: number, task: () => void): void;
  /** Lets `ms` pass, event by event; `check` runs after each. */
  advance(ms: number, check?: () => void): Promise<void>;
  /** Lets time pass until `promise` settles. Rejects when that takes more than `limitMs`. */
  settle<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
  /** Lets time pass until `condition` holds. Rejects when that takes more than `limitMs`. */
  until(condition: () => boolean, limitMs?: number): Promise<void>;
}

interface Timer {
  at: number;
  readonly order: number;
  readonly fire: () => void;
}

const epoch = Date.UTC(2030, 0, 1);

export function createVirtualTime(): VirtualTime {
  const timers = new Set<Timer>();
  let now = 0;
  let order = 0;

  const schedule = (at: number, fire: () => void): (() => void) => {
    order += 1;
    const timer: Timer = { at, order, fire };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const next = (limit: number): Timer | undefined => {
    const due = [...timers].filter((timer) => timer.at <= limit);
    return due.sort((a, b) => a.at - b.at || a.order - b.order)[0];
  };
  /** One event; false where none is due by then. */
  const step = async (limit: number): Promise<boolean> => {
    await drained();
    const timer = next(limit);
    if (timer === undefined) return false;
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.fire();
    await drained();
    return true;
  };
  const until = async (condition: () => boolean, limitMs = 3_600_000): Promise<void> => {
    const limit = now + limitMs;
    await drained();
    while (!condition()) {
      if (!(await step(limit))) throw new Error(`not within ${String(limitMs)} ms of virtual time`);
    }
  };

  return {
    machine: (incarnation = 'first') => createMachine(incarnation, () => now, schedule),
    now: () => now,
    after: (ms, task) => {
      schedule(now + ms, task);
    },
    advance: async (ms, check) => {
      const limit = now + ms;
      while (await step(limit)) check?.();
      now = limit;
      check?.();
    },
    settle: async (promise, limitMs) => {
      let settled = false;
      const done = promise.finally(() => {
        settled = true;
      });
      done.catch(() => {
        // The caller gets it below.
      });
      await until(() => settled, limitMs);
      return await done;
    },
    until,
  };
}

type Schedule = (at: number, fire: () => void) => () => void;

function createMachine(incarnation: string, now: () => number, schedule: Schedule): VirtualClock {
  let lost = 0;
  let suspendedAt: number | undefined;
  let wallOffset = 0;
  const held: { leftMs: number; fire: () => void }[] = [];
  const sleeping = new Map<object, { at: number; fire: () => void; cancel: () => void }>();
  const arm = (ms: number, fire: () => void, handle: object): void => {
    const at = now() + ms;
    const wrapped = (): void => {
      sleeping.delete(handle);
      fire();
    };
    sleeping.set(handle, { at, fire, cancel: schedule(at, wrapped) });
  };

  return {
    incarnation,
    wall: () => epoch + now() + wallOffset,
    monotonic: () => (suspendedAt ?? now()) - lost,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const handle = {};
        const aborted = (): void => {
          sleeping.get(handle)?.cancel();
          sleeping.delete(handle);
          reject(signal?.reason);
        };
        const fire = (): void => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        };
        signal?.addEventListener('abort', aborted, { once: true });
        arm(Math.max(0, ms), fire, handle);
      }),
    suspend: () => {
      suspendedAt ??= now();
      for (const [handle, timer] of sleeping) {
        timer.cancel();
        held.push({ leftMs: timer.at - now(), fire: timer.fire });
        sleeping.delete(handle);
      }
    },
    resume: () => {
      if (suspendedAt === undefined) return;
      lost += now() - suspendedAt;
      suspendedAt = undefined;
      for (const { leftMs, fire } of held.splice(0)) arm(leftMs, fire, {});
    },
    jumpWall: (ms) => {
      wallOffset += ms;
    },
    suspended: () => suspendedAt !== undefined,
  };
}

/** Until every promise that can go on has gone on; the real setImmediate runs after all microtasks. */
export function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A uniform stream for each label, the same in each run with the same seed. */
export function createSeededRandom(seed: number): Random {
  const states = new Map<string, number>();
  return {
    next: (label) => {
      const state = ((states.get(label) ?? hash(label, seed)) + 0x6d2b79f5) | 0;
      states.set(label, state);
      // mulberry32
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

function hash(text: string, seed: number): number {
  return new TextEncoder().encode(text).reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), seed);
}
