import type { Clock } from '../ports/clock.ts';
import { PortError } from '../ports/port-error.ts';

/**
 * One timer for all keys that wait for their time: a thousand plans at rest would hold a thousand, each of which costs
 * more than the key that it wakes.
 */
export interface Alarm {
  /** When `key` is woken, monotonic ms; undefined: it is not. */
  at(key: string): number | undefined;
  /** Wakes `key` at `at`, and not when it was to be before. */
  set(key: string, at: number): void;
  cancel(key: string): void;
  cancelAll(): void;
}

interface State {
  readonly clock: Clock;
  readonly wake: (key: string) => void;
  readonly times: Map<string, number>;
  armed: { readonly at: number; readonly abort: AbortController } | undefined;
}

/** `wake` is called once for a time that was set; for keys of one instant in the order in which they were set. */
export function createAlarm(clock: Clock, wake: (key: string) => void): Alarm {
  const state: State = { clock, wake, times: new Map(), armed: undefined };
  return {
    at: (key) => state.times.get(key),
    set(key, at) {
      // Behind those of the same instant that were set before.
      state.times.delete(key);
      state.times.set(key, at);
      armFor(state, at);
    },
    // The timer stays, and may find nothing to wake: that costs less than to look for the next one at each turn.
    cancel: (key) => state.times.delete(key),
    cancelAll() {
      state.times.clear();
      disarm(state, 'nothing is waited for any longer');
    },
  };
}

function disarm(state: State, why: string): void {
  state.armed?.abort.abort(new PortError('Timeout', why));
  state.armed = undefined;
}

function armFor(state: State, at: number): void {
  if (state.armed !== undefined && state.armed.at <= at) return;
  disarm(state, 'an earlier turn replaced this one');
  const abort = new AbortController();
  state.armed = { at, abort };
  state.clock.sleep(Math.max(0, at - state.clock.monotonic()), abort.signal).then(
    () => {
      if (state.armed?.abort === abort) ring(state);
    },
    () => {
      // An earlier turn replaced it, or nothing is waited for.
    },
  );
}

function ring(state: State): void {
  state.armed = undefined;
  const now = state.clock.monotonic();
  const due = [...state.times].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
  for (const [key] of due) state.times.delete(key);
  for (const [key] of due) state.wake(key);
  // Also where none was due: a timer may ring a moment before its time.
  let next = Infinity;
  for (const at of state.times.values()) next = Math.min(next, at);
  if (next !== Infinity) armFor(state, next);
}
