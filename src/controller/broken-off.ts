import type { Runtime } from './runtime.ts';

/**
 * The operator is being stopped, and has broken its own looks off: what they did not see is no silence of anybody's.
 * Nothing is decided on them, and nothing is written; the next holder of the lease looks for itself.
 */
export function isBrokenOff({ signal }: Runtime): boolean {
  return signal.aborted;
}
