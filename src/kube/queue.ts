import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Alarm } from './alarm.ts';
import { createAlarm } from './alarm.ts';
import type { Backoff } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import type { RunOptions } from './queue-runner.ts';
import { runQueue } from './queue-runner.ts';

export interface QueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Names the queue's random stream. */
  readonly label: string;
  readonly backoff?: Backoff | undefined;
  /** Keys that are taken before all others that wait; asked when a key begins to wait, or is wished for again. */
  readonly goesFirst?: ((key: string) => boolean) | undefined;
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
  /** After an exponential backoff with full jitter, unless an earlier turn is pending. Returns the delay drawn, in ms. */
  retry(key: string): number;
  /** Ends the key's backoff, not its pending turn. A run that ends well without `retry` does this by itself. */
  forget(key: string): void;
  /** Keys that wait for a worker (not those that wait for their time). */
  depth(): number;
  /** Works until `signal` aborts, then resolves when the last handler has ended. Once a queue. */
  run(options: RunOptions, handler: Handler, signal: AbortSignal): Promise<void>;
}

export type Handler = (key: string, signal: AbortSignal) => Promise<void>;

/** What the runner takes from the queue and tells it. */
export interface Turns {
  /** The key whose turn it is, now marked as running; undefined: none. */
  begin(): string | undefined;
  end(key: string, failed: boolean): void;
  onReady(listener: () => void): void;
  close(): void;
}

interface Entry {
  running: boolean;
  /** Wants a turn now: in `first` or `ready`, or as soon as the current run ends. */
  due: boolean;
  failures: number;
  /** `retry` was called during the current run. */
  retried: boolean;
}

interface State {
  readonly clock: Clock;
  readonly entries: Map<string, Entry>;
  /** Keys that wait for their time. */
  readonly alarm: Alarm;
  readonly goesFirst: (key: string) => boolean;
  /** Keys whose turn it is, in order of arrival; each is in one of the two. */
  readonly first: Set<string>;
  readonly ready: Set<string>;
  listener: (() => void) | undefined;
}

const defaultBackoff: Backoff = { baseMs: 500, capMs: 60_000 };

const nobodyFirst = (): boolean => false;

export function createQueue(options: QueueOptions): WorkQueue {
  const { clock, random, label, backoff = defaultBackoff, goesFirst = nobodyFirst } = options;
  const alarm = createAlarm(clock, (key) => {
    add(state, key);
  });
  const lines = { goesFirst, first: new Set<string>(), ready: new Set<string>() };
  const state: State = { clock, entries: new Map(), alarm, ...lines, listener: undefined };
  const retry = (key: string): number => {
    const entry = entryOf(state, key);
    entry.failures += 1;
    entry.retried = true;
    const ms = backoffMs(random, `kube.queue.${label}`, entry.failures, backoff);
    addAfter(state, key, ms);
    return ms;
  };
  return {
    add: (key) => add(state, key),
    addAfter: (key, ms) => addAfter(state, key, ms),
    retry,
    forget: (key) => forget(state, key),
    depth: () => state.first.size + state.ready.size,
    run: (options, handler, signal) => runQueue(clock, turnsOf(state, retry), options, handler, signal),
  };
}

function entryOf(state: State, key: string): Entry {
  const known = state.entries.get(key);
  if (known !== undefined) return known;
  const entry: Entry = { running: false, due: false, failures: 0, retried: false };
  state.entries.set(key, entry);
  return entry;
}

function dropIfIdle(state: State, key: string, entry: Entry): void {
  const idle = !entry.running && !entry.due && state.alarm.at(key) === undefined && entry.failures === 0;
  if (idle) state.entries.delete(key);
}

function add(state: State, key: string): void {
  const entry = entryOf(state, key);
  state.alarm.cancel(key);
  entry.due = true;
  if (entry.running) return;
  lineUp(state, key);
  state.listener?.();
}

function lineUp({ goesFirst, first, ready }: State, key: string): void {
  if (first.has(key)) return;
  if (!goesFirst(key)) {
    ready.add(key);
    return;
  }
  ready.delete(key);
  first.add(key);
}

function addAfter(state: State, key: string, ms: number): void {
  if (ms <= 0) {
    add(state, key);
    return;
  }
  const entry = entryOf(state, key);
  const at = state.clock.monotonic() + ms;
  if (entry.due || (state.alarm.at(key) ?? Infinity) <= at) return;
  state.alarm.set(key, at);
}

function forget(state: State, key: string): void {
  const entry = state.entries.get(key);
  if (entry === undefined) return;
  entry.failures = 0;
  dropIfIdle(state, key, entry);
}

function turnsOf(state: State, retry: (key: string) => number): Turns {
  return {
    begin: () => {
      const line = state.first.size > 0 ? state.first : state.ready;
      const [key] = line;
      if (key === undefined) return undefined;
      line.delete(key);
      const entry = entryOf(state, key);
      entry.running = true;
      entry.due = false;
      entry.retried = false;
      return key;
    },
    end: (key, failed) => {
      const entry = entryOf(state, key);
      entry.running = false;
      if (entry.due) lineUp(state, key);
      if (failed && !entry.retried) retry(key);
      if (!failed && !entry.retried) entry.failures = 0;
      dropIfIdle(state, key, entry);
    },
    onReady: (listener) => {
      state.listener = listener;
    },
    close: () => {
      state.listener = undefined;
      state.alarm.cancelAll();
    },
  };
}
