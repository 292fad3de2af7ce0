import type { Clock } from '../ports/clock.ts';
import { PortError } from '../ports/port-error.ts';
import { createTokenBucket } from './token-bucket.ts';

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

export function createLimiter(clock: Clock, { ratePerSecond, burst, maxInFlight }: LimiterOptions): Limiter {
  const bucket = createTokenBucket(clock, ratePerSecond, burst);
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  let timing = false;

  const pump = (): void => {
    while (waiting.length > 0 && inFlight < maxInFlight && bucket.take()) {
      inFlight += 1;
      waiting.shift()?.();
    }
    if (waiting.length > 0 && inFlight < maxInFlight) pumpAtNextToken();
  };

  const pumpAtNextToken = (): void => {
    if (timing) return;
    timing = true;
    // Left running when its waiters give up: it ends within a token's time.
    void clock.sleep(bucket.nextInMs()).then(() => {
      timing = false;
      pump();
    });
  };

  const release = (): void => {
    inFlight -= 1;
    pump();
  };

  return {
    acquire: async (signal) => {
      await turn(waiting, pump, signal);
      if (signal.aborted) {
        release();
        throw gaveUp();
      }
      return releaser(release, signal);
    },
  };
}

/** Resolves when `pump` takes this caller off the list. */
function turn(waiting: (() => void)[], pump: () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(gaveUp());
      return;
    }
    const granted = (): void => {
      signal.removeEventListener('abort', cancelled);
      resolve();
    };
    const cancelled = (): void => {
      waiting.splice(waiting.indexOf(granted), 1);
      reject(gaveUp());
    };
    signal.addEventListener('abort', cancelled, { once: true });
    waiting.push(granted);
    pump();
  });
}

function releaser(release: () => void, signal: AbortSignal): () => void {
  let released = false;
  const once = (): void => {
    if (released) return;
    released = true;
    signal.removeEventListener('abort', once);
    release();
  };
  // A transport that ignores its signal must not keep the place of a request everybody gave up.
  signal.addEventListener('abort', once, { once: true });
  return once;
}

function gaveUp(): PortError {
  return new PortError('Timeout', 'gave up waiting for the request limit of this cluster');
}
