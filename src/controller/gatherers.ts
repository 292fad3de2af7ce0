import { createGatherer, type Gatherer, type GatherOptions } from '../observe/gather.ts';

/** What this process has seen for each plan or Run, in this term of its lease. */
export interface Gatherers {
  /** `uid`: what was seen for a deleted object is nothing that was seen for one made anew under its name. */
  of(key: string, uid: string, onLate: () => void): Gatherer;
  drop(key: string): void;
  /** Drops it where it is of another object; undefined: there is none. Returns whose was dropped. */
  keepOnly(key: string, uid: string | undefined): string | undefined;
}

interface Kept {
  readonly uid: string;
  readonly term: number;
  readonly gatherer: Gatherer;
}

/**
 * `term`: of the lease. While a look hangs, or is only slow, the one before it serves: where another has led meanwhile that
 * may be of any age, and whoever leads again begins as any successor does, having seen nothing.
 */
export function createGatherers(options: GatherOptions, term: () => number): Gatherers {
  const kept = new Map<string, Kept>();
  return {
    of(key, uid, onLate) {
      const had = kept.get(key);
      if (had?.uid === uid && had.term === term()) return had.gatherer;
      const gatherer = createGatherer(options, onLate);
      kept.set(key, { uid, term: term(), gatherer });
      return gatherer;
    },
    drop: (key) => {
      kept.delete(key);
    },
    keepOnly: (key, uid) => {
      const had = kept.get(key);
      if (had === undefined || had.uid === uid) return undefined;
      kept.delete(key);
      return had.uid;
    },
  };
}
