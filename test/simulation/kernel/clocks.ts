/**
 * How a process stands still. `process`: SIGSTOP, or a starved node: both its clocks go on, and what came due meanwhile
 * happens at once when it resumes. `machine`: the machine slept or its VM was paused: the wall clock goes on, Linux'
 * CLOCK_MONOTONIC and with it every timer stands still.
 */
export type Suspension = 'process' | 'machine';

/** The clocks of one life; both in ms. */
export interface Clocks {
  wall(): number;
  /** Since the life began. */
  monotonic(): number;
  stop(how: Suspension): void;
  resume(): void;
  stopped(): boolean;
}

export function createClocks(now: () => number, wallAt: (virtualMs: number) => number): Clocks {
  const bornAt = now();
  let standstill: { readonly since: number; readonly how: Suspension } | undefined;
  let slept = 0;
  const sleeping = (): number => (standstill?.how === 'machine' ? now() - standstill.since : 0);
  return {
    wall: () => wallAt(now()),
    monotonic: () => now() - bornAt - slept - sleeping(),
    stop: (how) => {
      standstill = { since: now(), how };
    },
    resume: () => {
      slept += sleeping();
      standstill = undefined;
    },
    stopped: () => standstill !== undefined,
  };
}
