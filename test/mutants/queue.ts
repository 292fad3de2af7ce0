import { runQueue as right } from '../../src/kube/queue-runner.ts';

/** One thing at a time, and what hangs is waited for. */
let busy: Promise<unknown> = Promise.resolve();

export function runQueue(...[clock, turns, options, handler, signal]: Parameters<typeof right>): Promise<void> {
  const oneByOne: typeof handler = async (key, ...rest) => {
    const turn = busy.then(async () => {
      await handler(key, ...rest);
      if (key.endsWith('/hung')) await clock.sleep(10_000, signal);
    });
    busy = turn.catch(() => undefined);
    await turn;
  };
  return right(clock, turns, options, oneByOne, signal);
}
