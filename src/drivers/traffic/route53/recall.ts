import type { Clock } from '../../../ports/clock.ts';

/**
 * What changes rarely and costs a request of a budget of five a second: read once, used for a while. Only what no
 * write is decided by may be kept here.
 */
export interface Recall<T> {
  /** A value that is young enough, else `read`'s; its failure is the caller's, and remembered by nobody. */
  get(key: string, maxAgeMs: number, read: () => Promise<T>): Promise<T>;
  /** The last value read, however old: for when it cannot be read anew. */
  last(key: string): T | undefined;
}

export function createRecall<T>(clock: Clock): Recall<T> {
  const kept = new Map<string, { readonly value: T; readonly at: number }>();
  return {
    get: async (key, maxAgeMs, read) => {
      const at = clock.monotonic();
      const known = kept.get(key);
      if (known !== undefined && at - known.at < maxAgeMs) return known.value;
      const value = await read();
      kept.set(key, { value, at });
      return value;
    },
    last: (key) => kept.get(key)?.value,
  };
}
