import type { Clock } from '../ports/clock.ts';
import { PortError } from '../ports/port-error.ts';
import type { Random } from '../ports/random.ts';
import type { Backoff } from './backoff.ts';
import { backoffMs } from './backoff.ts';

export interface QueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Names the queue's random stream. */
  readonly label: string;
  readonly backoff?: Backoff | undefined;
}

export interface RunOptions {
  /** Keys worked on at the same time. */
  readonly workers: number;
  /**
   * A handler that runs longer gives its place to another key (its own stays locked), so that hung ones cannot use up
   * the workers. Default 60 s.
   */
  readonly stuckAfterMs?: number | undefined;
  /** Told of a handler that threw; its key is retried with backoff. Must not throw. */
  readonly onError: (key: string, error: unknown) => void;
}

/**
 * Keys to work on, each never twice at once. A key has at most one pending turn: an earlier wish replaces a later one,
 * and wishes that come while it runs become exactly one more run. A handler therefore says anew when it wants to wake.
 */
export interface WorkQueue {
  /** As soon as a worker is free, whatever delay or backoff was pending. */
  add(key: string): void;
  /** After `ms`, unless an earlier turn is pending. */
  addAfter(key: string, ms: number): void;
  /** After an exponential backoff with full jitter, unless an earlier turn is pending. Returns the delay in ms. */
  retry(key: string): number;
  /** Ends the key's backoff, not its pending turn. A run that ends well without `retry` does this by itself. */
  forget(key: string): void;
  /** Keys that wait for a worker (not those that wait for their time). */
  depth(): number;
  /** Works until `signal` aborts, then resolves when the last handler has ended. */
  run(
    options: RunOptions,
    handler: (key: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

const defaultBackoff: Backoff = { baseMs: 500, capMs: 60_000 };
const defaultStuckMs = 60_000;

interface Entry {
  running: boolean;
  /** Wants a turn now: in `ready`, or as soon as the current run ends. */
  due: boolean;
  timer: { readonly at: number; readonly abort: AbortController } | undefined;
  failures: number;
  retried: boolean;
}

export function createQueue({ clock, random, label, backoff = defaultBackoff }: QueueOptions): WorkQueue {
  const entries = new Map<string, Entry>();
  /** Keys whose turn it is, in order of arrival. */
  const ready = new Set<string>();
  let pump = (): void => {
    // Nobody runs the queue yet: keys gather in `ready`.
  };

  const entryOf = (key: string): Entry => {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { running: false, due: false, timer: undefined, failures: 0, retried: false };
    entries.set(key, entry);
    return entry;
  };

  const cancelTimer = (entry: Entry): void => {
    entry.timer?.abort.abort(new PortError('Timeout', 'an earlier turn replaced this one'));
    entry.timer = undefined;
  };

  const dropIfIdle = (key: string, entry: Entry): void => {
    const idle = !entry.running && !entry.due && entry.timer === undefined && entry.failures === 0;
    if (idle) entries.delete(key);
  };

  const add = (key: string): void => {
    const entry = entryOf(key);
    cancelTimer(entry);
    entry.due = true;
    if (entry.running) return;
    ready.add(key);
    pump();
  };

  const addAfter = (key: string, ms: number): void => {
    if (ms <= 0) {
      add(key);
      return;
    }
    const entry = entryOf(key);
    const at = clock.monotonic() + ms;
    if (entry.due || (entry.timer !== undefined && entry.timer.at <= at)) return;
    cancelTimer(entry);
    const abort = new AbortController();
    entry.timer = { at, abort };
    clock.sleep(ms, abort.signal).then(
      () => {
        if (entry.timer?.abort === abort) add(key);
      },
      () => {
        // Replaced by an earlier turn.
      },
    );
  };

  const retry = (key: string): number => {
    const entry = entryOf(key);
    entry.failures += 1;
    entry.retried = true;
    const ms = backoffMs(random, `kube.queue.${label}`, entry.failures, backoff);
    addAfter(key, ms);
    return ms;
  };

  const forget = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entry.failures = 0;
    dropIfIdle(key, entry);
  };

  const runOne = async (
    key: string,
    handler: (key: string, signal: AbortSignal) => Promise<void>,
    onError: RunOptions['onError'],
    signal: AbortSignal,
  ): Promise<void> => {
    const entry = entryOf(key);
    entry.running = true;
    entry.due = false;
    entry.retried = false;
    try {
      await handler(key, signal);
      if (!entry.retried) entry.failures = 0;
    } catch (error) {
      onError(key, error);
      if (!signal.aborted && !entry.retried) retry(key);
    }
    entry.running = false;
    if (entry.due) ready.add(key);
    dropIfIdle(key, entry);
  };

  const run: WorkQueue['run'] = async (options, handler, signal) => {
    const { workers, onError, stuckAfterMs = defaultStuckMs } = options;
    let busy = 0;
    let open = 0;

    await new Promise<void>((resolve) => {
      const endIfDone = (): void => {
        if (signal.aborted && open === 0) resolve();
      };
      const start = (key: string): void => {
        ready.delete(key);
        busy += 1;
        open += 1;
        const place = new AbortController();
        const giveUpPlace = (): void => {
          if (place.signal.aborted) return;
          place.abort(new PortError('Timeout', 'the handler ended'));
          busy -= 1;
          pump();
        };
        clock.sleep(stuckAfterMs, place.signal).then(giveUpPlace, () => {
          // The handler ended first.
        });
        void runOne(key, handler, onError, signal).finally(() => {
          open -= 1;
          giveUpPlace();
          endIfDone();
        });
      };
      pump = () => {
        for (const key of ready) {
          if (signal.aborted || busy >= workers) return;
          start(key);
        }
      };
      signal.addEventListener('abort', endIfDone, { once: true });
      endIfDone();
      pump();
    });
    for (const entry of entries.values()) cancelTimer(entry);
  };

  return { add, addAfter, retry, forget, depth: () => ready.size, run };
}
