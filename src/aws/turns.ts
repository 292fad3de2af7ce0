import { createTokenBucket } from '../kube/token-bucket.ts';
import { AwsError } from '../ports/aws.ts';
import type { Clock } from '../ports/clock.ts';

export interface Pace {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** Whose turn it is to ask an account's service: what is urgent before what is not, else first come first served. */
export interface Turns {
  /** @throws AwsError `Timeout`, not ambiguous, where `signal` aborts before the turn came: nothing was sent. */
  next(urgent: boolean, signal: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly urgent: boolean;
  readonly granted: () => void;
}

export function createTurns(clock: Clock, { ratePerSecond, burst }: Pace): Turns {
  const bucket = createTokenBucket(clock, ratePerSecond, burst);
  const waiting: Waiter[] = [];
  let timing = false;
  const pump = (): void => {
    while (waiting.length > 0 && bucket.take()) {
      const urgent = waiting.findIndex((waiter) => waiter.urgent);
      const [chosen] = waiting.splice(Math.max(0, urgent), 1);
      chosen?.granted();
    }
    if (waiting.length === 0 || timing) return;
    timing = true;
    // Left running when its waiters give up: it ends within a token's time.
    void clock.sleep(bucket.nextInMs()).then(() => {
      timing = false;
      pump();
    });
  };
  return {
    next: (urgent, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(gaveUp());
          return;
        }
        const waiter: Waiter = {
          urgent,
          granted: () => {
            signal.removeEventListener('abort', cancelled);
            resolve();
          },
        };
        const cancelled = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(gaveUp());
        };
        signal.addEventListener('abort', cancelled, { once: true });
        waiting.push(waiter);
        pump();
      }),
  };
}

export function gaveUp(): AwsError {
  return new AwsError('Timeout', 'not sent: its turn within the request budget of the account did not come', 0, false);
}
