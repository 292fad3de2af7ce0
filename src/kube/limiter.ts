import type { Clock } from '../ports/clock.ts';
import { PortError } from '../ports/port-error.ts';

export interface LimiterOptions {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly maxInFlight: number;
}

/** Bounds the requests to one cluster, first come first served. */
export interface Limiter {
  /** Resolves when a request may start; call what it returns once the request has ended (twice is harmless). */
  acquire(signal: AbortSignal): Promise<() => void>;
}

interface Waiter {
  readonly grant: () => void;
}

// Floating point: a token that was waited for exactly must count as whole.
const wholeToken = 1 - 1e-6;

export function createLimiter(clock: Clock, options: LimiterOptions): Limiter {
  const waiting: Waiter[] = [];
  let inFlight = 0;
  let tokens = options.burst;
  let refilledAt = clock.monotonic();
  let timer: AbortController | undefined;

  const refill = (): void => {
    const now = clock.monotonic();
    tokens = Math.min(options.burst, tokens + ((now - refilledAt) * options.ratePerSecond) / 1000);
    refilledAt = now;
  };

  const pump = (): void => {
    refill();
    while (waiting.length > 0 && inFlight < options.maxInFlight && tokens >= wholeToken) {
      tokens -= 1;
      inFlight += 1;
      waiting.shift()?.grant();
    }
    if (waiting.length > 0 && inFlight < options.maxInFlight) wakeAtNextToken();
    else if (waiting.length === 0) timer?.abort(new PortError('Timeout', 'nobody waits'));
  };

  const wakeAtNextToken = (): void => {
    if (timer !== undefined && !timer.signal.aborted) return;
    const current = new AbortController();
    timer = current;
    const ms = Math.ceil(((1 - tokens) * 1000) / options.ratePerSecond);
    clock.sleep(ms, current.signal).then(
      () => {
        if (timer === current) timer = undefined;
        pump();
      },
      () => {
        // Aborted because nobody waited any more; whoever comes next starts a new timer.
      },
    );
  };

  return {
    acquire: (signal) =>
      new Promise((resolve, reject) => {
        const cancelled = (): void => {
          const index = waiting.indexOf(waiter);
          if (index < 0) return;
          waiting.splice(index, 1);
          reject(new PortError('Timeout', 'gave up waiting for the request limit of this cluster'));
          pump();
        };
        const waiter: Waiter = {
          grant: () => {
            signal.removeEventListener('abort', cancelled);
            resolve(releaser());
          },
        };
        const releaser = (): (() => void) => {
          let released = false;
          const release = (): void => {
            if (released) return;
            released = true;
            signal.removeEventListener('abort', release);
            inFlight -= 1;
            pump();
          };
          // A transport that ignores its signal must not keep the place of a request everybody gave up.
          signal.addEventListener('abort', release, { once: true });
          return release;
        };
        if (signal.aborted) {
          reject(new PortError('Timeout', 'cancelled'));
          return;
        }
        signal.addEventListener('abort', cancelled, { once: true });
        waiting.push(waiter);
        pump();
      }),
  };
}
