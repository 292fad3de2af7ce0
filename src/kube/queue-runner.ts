import type { Clock } from '../ports/clock.ts';
import { PortError } from '../ports/port-error.ts';
import type { Handler, Turns } from './queue.ts';

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

const defaultStuckMs = 60_000;

export async function runQueue(
  clock: Clock,
  turns: Turns,
  { workers, onError, stuckAfterMs = defaultStuckMs }: RunOptions,
  handler: Handler,
  signal: AbortSignal,
): Promise<void> {
  let places = workers;
  let open = 0;

  await new Promise<void>((resolve) => {
    const endIfDone = (): void => {
      if (signal.aborted && open === 0) resolve();
    };
    const pump = (): void => {
      while (!signal.aborted && places > 0) {
        const key = turns.begin();
        if (key === undefined) return;
        places -= 1;
        open += 1;
        start(key);
      }
    };
    const start = (key: string): void => {
      const giveUpPlace = once(() => {
        places += 1;
        pump();
      });
      const ended = new AbortController();
      clock.sleep(stuckAfterMs, ended.signal).then(giveUpPlace, () => {
        // The handler ended first.
      });
      void outcome(handler, key, signal, onError).then((failed) => {
        open -= 1;
        turns.end(key, failed && !signal.aborted);
        ended.abort(new PortError('Timeout', 'the handler ended'));
        giveUpPlace();
        pump();
        endIfDone();
      });
    };
    turns.onReady(pump);
    signal.addEventListener('abort', endIfDone, { once: true });
    endIfDone();
    pump();
  });
  turns.close();
}

/** Whether it failed. */
async function outcome(
  handler: Handler,
  key: string,
  signal: AbortSignal,
  onError: RunOptions['onError'],
): Promise<boolean> {
  try {
    await handler(key, signal);
    return false;
  } catch (error) {
    onError(key, error);
    return true;
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
