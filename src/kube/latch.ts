/** Something that happens once, and may be waited for. */
export interface Latch {
  open(): void;
  opened(): boolean;
  /** Rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createLatch(): Latch {
  const opening = new AbortController();
  return {
    open: () => opening.abort(),
    opened: () => opening.signal.aborted,
    wait: (signal) =>
      new Promise((resolve, reject) => {
        const cancelled = (): void => {
          opening.signal.removeEventListener('abort', opened);
          reject(signal.reason);
        };
        const opened = (): void => {
          signal.removeEventListener('abort', cancelled);
          resolve();
        };
        if (opening.signal.aborted) {
          resolve();
        } else if (signal.aborted) {
          reject(signal.reason);
        } else {
          opening.signal.addEventListener('abort', opened, { once: true });
          signal.addEventListener('abort', cancelled, { once: true });
        }
      }),
  };
}
