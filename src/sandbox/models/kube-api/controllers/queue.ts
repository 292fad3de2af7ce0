import type { ModelTime } from '../../time.ts';

/** Work by key: a key that is queued twice is done once. Nothing is scheduled while there is nothing to do. */
export interface Queue {
  add(key: string, work: () => void): void;
  /** Later, replacing an earlier wish for the same key. */
  addAfter(key: string, ms: number, work: () => void): void;
  cancel(key: string): void;
  stop(): void;
}

/** More rounds than this means that two controllers undo each other's work: a defect of the model. */
const ROUNDS = 100_000;

export function createQueue(time: ModelTime, delayMs: number): Queue {
  const waiting = new Map<string, () => void>();
  const delayed = new Map<string, () => void>();
  let scheduled: (() => void) | undefined;
  let draining = false;
  let stopped = false;

  const drain = (): void => {
    scheduled = undefined;
    draining = true;
    try {
      let rounds = 0;
      for (let next = first(waiting); next !== undefined; next = first(waiting)) {
        rounds += 1;
        if (rounds > ROUNDS) throw new Error(`the controllers do not come to rest; the last key was ${next[0]}`);
        waiting.delete(next[0]);
        next[1]();
      }
    } finally {
      draining = false;
    }
  };

  const cancel = (key: string): void => {
    delayed.get(key)?.();
    delayed.delete(key);
  };

  const add = (key: string, work: () => void): void => {
    if (stopped) return;
    if (!waiting.has(key)) waiting.set(key, work);
    if (!draining) scheduled ??= time.after(delayMs, drain);
  };

  return {
    add,
    addAfter: (key, ms, work) => {
      cancel(key);
      if (stopped) return;
      const stopTimer = time.after(ms, () => {
        delayed.delete(key);
        add(key, work);
      });
      delayed.set(key, stopTimer);
    },
    cancel,
    stop: () => {
      stopped = true;
      scheduled?.();
      waiting.clear();
      for (const stopTimer of delayed.values()) stopTimer();
      delayed.clear();
    },
  };
}

function first<K, V>(map: ReadonlyMap<K, V>): [K, V] | undefined {
  for (const entry of map) return entry;
  return undefined;
}
