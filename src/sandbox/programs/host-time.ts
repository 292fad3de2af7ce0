import type { ModelTime } from '../models/time.ts';

/** The models' time behind the wire: the host's own. */
export const hostTime: ModelTime = Object.freeze({
  now: () => Date.now(),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms);
    return () => {
      clearTimeout(timer);
    };
  },
});
