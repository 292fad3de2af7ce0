import type { Clock, Instant } from '../ports/clock.ts';

/** How long a renewal is good for, on this machine's clocks. */
export interface LeaseTerm {
  /** `begun`: read before the renewal was sent. */
  start(begun: Instant): void;
  end(): void;
  remainingMs(): number;
}

/**
 * A term is 5 % shorter than the lease, for clocks of different rates. 0 after a suspension, which stops the monotonic
 * clock only, and after a jump of the wall clock: where the two disagree, neither tells how old the renewal is.
 */
export function createLeaseTerm(clock: Clock, durationMs: number): LeaseTerm {
  const driftMs = durationMs / 20;
  let begun: Instant | undefined;
  return {
    start: (at) => {
      begun = at;
    },
    end: () => {
      begun = undefined;
    },
    remainingMs: () => {
      if (begun === undefined) return 0;
      const wall = clock.wall() - begun.wall;
      const monotonic = clock.monotonic() - begun.monotonic;
      if (Math.abs(wall - monotonic) > driftMs) return 0;
      return Math.max(0, durationMs - driftMs - Math.max(wall, monotonic));
    },
  };
}
