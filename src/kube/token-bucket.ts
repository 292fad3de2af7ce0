import type { Clock } from '../ports/clock.ts';

export interface TokenBucket {
  /** Takes a token if there is one. */
  take(): boolean;
  /** ms until there is one; 0: now. */
  nextInMs(): number;
}

// Floating point: a token that was waited for exactly must count as whole.
const wholeToken = 1 - 1e-6;

/** Full at first; `burst` tokens at most, `ratePerSecond` new ones. */
export function createTokenBucket(clock: Clock, ratePerSecond: number, burst: number): TokenBucket {
  let tokens = burst;
  let refilledAt = clock.monotonic();
  const refill = (): void => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - refilledAt) * ratePerSecond) / 1000);
    refilledAt = now;
  };
  return {
    take: () => {
      refill();
      if (tokens < wholeToken) return false;
      tokens -= 1;
      return true;
    },
    nextInMs: () => {
      refill();
      return tokens >= wholeToken ? 0 : Math.ceil(((1 - tokens) * 1000) / ratePerSecond);
    },
  };
}
