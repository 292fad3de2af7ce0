import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** setTimeout fires at once beyond 2^31 - 1 ms. */
const longestTimerMs = 2_147_483_647;

export function createClock(): Clock {
  return {
    incarnation: randomUUID(),
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: async (ms, signal) => {
      try {
        for (let left = Math.max(0, ms); ; left -= longestTimerMs) {
          await delay(Math.min(left, longestTimerMs), undefined, { signal });
          if (left <= longestTimerMs) return;
        }
      } catch (error) {
        // Whoever aborted gave the reason; Node's own AbortError would hide it.
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
