/**
 * Time, as the operator may know it. `wall` (ms since the Unix epoch) is what is written down; `monotonic` (ms since
 * an arbitrary origin of this process) is what ages are computed from; the two may drift apart when the wall jumps.
 */
export interface Clock {
  /** Names this process's life: monotonic readings of two incarnations cannot be compared. */
  readonly incarnation: string;
  wall(): number;
  monotonic(): number;
  /** Resolves after `ms`; rejects with `signal.reason` when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One reading of both clocks, with the life it belongs to. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
  readonly incarnation: string;
}

export function instant(clock: Clock): Instant {
  return { wall: clock.wall(), monotonic: clock.monotonic(), incarnation: clock.incarnation };
}

/** Age in ms of `then` at `now`: monotonic within one incarnation, else wall (never negative). */
export function ageMs(now: Instant, then: Instant): number {
  const sameLife = now.incarnation === then.incarnation;
  return Math.max(0, sameLife ? now.monotonic - then.monotonic : now.wall - then.wall);
}
