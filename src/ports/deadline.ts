import type { Clock } from './clock.ts';
import { PortError } from './port-error.ts';

/**
 * The one way to bound a call: `work` gets a signal that aborts after `ms` or with `signal`, and the result is the
 * work's or a PortError `Timeout`, even where the work ignores its signal.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const call = new AbortController();
  const timer = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const outer = (): void => {
      call.abort(signal?.reason);
      reject(new PortError('Timeout', 'cancelled'));
    };
    if (signal?.aborted === true) {
      outer();
      return;
    }
    signal?.addEventListener('abort', outer, { once: true });
    const settle = (): void => {
      // No error: its stack would be made for every call that ends well, and nobody reads it.
      timer.abort('settled');
      signal?.removeEventListener('abort', outer);
    };
    clock.sleep(ms, timer.signal).then(
      () => {
        const late = new PortError('Timeout', `no answer within ${String(ms)} ms`);
        signal?.removeEventListener('abort', outer);
        call.abort(late);
        reject(late);
      },
      () => {
        // The timer was cancelled because the work settled first: nothing to do.
      },
    );
    work(call.signal).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error instanceof Error ? error : new PortError('Malformed', String(error)));
      },
    );
  });
}
