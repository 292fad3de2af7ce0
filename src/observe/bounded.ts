import type { DatabaseObserver } from '../drivers/databases/driver.ts';
import type { Clock } from '../ports/clock.ts';

/** At most so many at a time, in the order in which they were asked for. */
export type Bounded = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export interface BoundOptions {
  readonly clock: Clock;
  readonly most: number;
  /**
   * After so long, ms, what is still under way makes room for the next: it hangs, and costs a socket but no work. When a
   * region is lost, a thousand servers that say nothing must not keep a plan from looking at its living one.
   */
  readonly holdMs: number;
}

interface Line {
  readonly options: BoundOptions;
  readonly waiting: (() => void)[];
  /** Since when (monotonic ms) each place is taken, the oldest first. */
  readonly taken: Map<symbol, number>;
  /** Whether somebody waits for the oldest to have held its place for long enough. */
  timed: boolean;
}

/** Where there is room the work begins at once, in this very call. */
export function createBound(options: BoundOptions): Bounded {
  const line: Line = { options, waiting: [], taken: new Map(), timed: false };
  return (work, signal) => {
    if (line.taken.size < options.most) return begin(line, work);
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', gaveUp);
        begin(line, work).then(resolve, reject);
      };
      const gaveUp = (): void => {
        line.waiting.splice(line.waiting.indexOf(turn), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('gave up waiting for a turn'));
      };
      signal.addEventListener('abort', gaveUp, { once: true });
      line.waiting.push(turn);
      timeOldest(line);
    });
  };
}

function begin<T>(line: Line, work: () => Promise<T>): Promise<T> {
  const place = Symbol('place');
  line.taken.set(place, line.options.clock.monotonic());
  return work().finally(() => {
    leave(line, place);
  });
}

function leave(line: Line, place: symbol): void {
  if (line.taken.delete(place)) line.waiting.shift()?.();
}

function timeOldest(line: Line): void {
  const { clock, holdMs } = line.options;
  const [oldest] = line.taken;
  if (line.timed || line.waiting.length === 0 || oldest === undefined) return;
  const [place, since] = oldest;
  line.timed = true;
  void clock.sleep(Math.max(0, since + holdMs - clock.monotonic())).then(() => {
    line.timed = false;
    leave(line, place);
    timeOldest(line);
  });
}

/** The same observer, whose looks stand in line. */
export function inLine(observer: DatabaseObserver, bounded: Bounded): DatabaseObserver {
  return {
    observe: (ref, signal) => bounded(() => observer.observe(ref, signal), signal),
    divergence: (ref, switchpoint, signal) => bounded(() => observer.divergence(ref, switchpoint, signal), signal),
  };
}
