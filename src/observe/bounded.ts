import type { DatabaseObserver } from '../drivers/databases/driver.ts';

/** At most so many at a time, in the order in which they were asked for. */
export type Bounded = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Where there is room the work begins at once, in this very call. */
export function createBound(most: number): Bounded {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  const ended = (): void => {
    underWay -= 1;
    waiting.shift()?.();
  };
  const begin = <T>(work: () => Promise<T>): Promise<T> => {
    underWay += 1;
    return work().finally(ended);
  };
  return (work, signal) => {
    if (underWay < most) return begin(work);
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', gaveUp);
        begin(work).then(resolve, reject);
      };
      const gaveUp = (): void => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('gave up waiting for a turn'));
      };
      signal.addEventListener('abort', gaveUp, { once: true });
      waiting.push(turn);
    });
  };
}

/** The same observer, whose looks stand in line. */
export function inLine(observer: DatabaseObserver, bounded: Bounded): DatabaseObserver {
  return {
    observe: (ref, signal) => bounded(() => observer.observe(ref, signal), signal),
    divergence: (ref, switchpoint, signal) => bounded(() => observer.divergence(ref, switchpoint, signal), signal),
  };
}
