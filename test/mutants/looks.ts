import { createLooks as right, type Aspects, type LookOptions, type Looks } from '../../src/observe/looks.ts';

/** What was seen once is good for a while, whatever was said since. */
export function createLooks<T>(options: LookOptions, aspects: Aspects<T>): Looks<T> {
  return right({ ...options, reuseMs: 9_000 }, aspects);
}
