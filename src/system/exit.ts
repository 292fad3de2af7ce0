import type { Exit } from '../ports/exit.ts';
import type { Log } from '../ports/log.ts';

/** Ends the process at once: whoever calls it must not go on, and waiting for buffers would let others go on. */
export function createExit(log: Log): Exit {
  return {
    exit: (code, why) => {
      log.log(code === 0 ? 'info' : 'error', 'exiting', { code, why });
      process.exit(code);
    },
  };
}
