import type { Random } from '../ports/random.ts';

/** Nothing is replayed outside the simulation, so one source serves all labels. */
export function createRandom(): Random {
  return { next: () => Math.random() };
}
