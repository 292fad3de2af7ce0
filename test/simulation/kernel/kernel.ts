import type { ModelTime } from '../../../src/sandbox/models/time.ts';
import type { Suspension } from './clocks.ts';
import { createEventHeap } from './event-heap.ts';
import type { HeapEvent } from './event-heap.ts';
import { exchange } from './exchange.ts';
import type { Call, ExchangeHost } from './exchange.ts';
import { createFaults } from './faults.ts';
import type { CallInfo, Fault } from './faults.ts';
import { createHistory, WORLD } from './history.ts';
import { createIsolation, noIsolation } from './isolation.ts';
import type { Life } from './life.ts';
import { createNetwork } from './network.ts';
import type { Cut } from './network.ts';
import { createProcesses } from './processes.ts';
import type { Crash, ProcessState, Program, SpawnOptions } from './processes.ts';
import { createStreams } from './streams.ts';
import type { Draw } from './streams.ts';
import { hashOf } from './trace.ts';
import type { TraceEntry } from './trace.ts';

export interface KernelOptions {
  readonly seed: number;
  /** Wall time at the beginning, ms since the Unix epoch. */
  readonly startWall: number;
  readonly faults?: readonly Fault[];
  readonly cuts?: readonly Cut[];
  /** Default true. False only to show what the guards are for. */
  readonly isolation?: boolean;
}

export interface RunLimits {
  /** Asked before the first event and after each. */
  readonly until?: () => boolean;
  /** From now; the default is an hour. When it is over, that much time has passed. */
  readonly maxVirtualMs?: number;
  /** Default 1,000,000. */
  readonly maxEvents?: number;
}

export interface Stopped {
  /**
   * `stuck`: nothing will ever happen, and a process is still at work. `finished`: nothing will, and none is.
   * `crashed`: a program threw that nobody restarts.
   */
  readonly why: 'until' | 'time' | 'events' | 'stuck' | 'finished' | 'crashed';
  /** Virtual ms since the beginning. */
  readonly at: number;
  /** Of this run. */
  readonly events: number;
}

/** A world in virtual time. All that happens in it follows from seed, programs, models and faults alone. */
export interface Kernel {
  /** The models' time. */
  readonly time: ModelTime;
  readonly seed: number;
  /** Virtual ms since the beginning. */
  now(): number;
  /** What people, machines and weather do: `task` at virtual ms `at`, now where that has passed. Returns what cancels it. */
  at(at: number, label: string, task: () => void): () => void;
  /** The world's stream of that name. */
  random(label: string): Draw;
  /** Starts a process; it first runs within `run`. @throws Error where one of that name lives. */
  spawn(name: string, program: Program, options?: SpawnOptions): void;
  /** At once and without a word; what is on the wire still arrives. */
  kill(name: string, why?: string): void;
  /** A new life, with nothing remembered; ends the old one now, begins `afterMs` later. */
  restart(name: string, afterMs?: number): void;
  suspend(name: string, ms: number, how?: Suspension): void;
  /** Moves the wall clock of the process's machine, for this life and the next ones; never the monotonic one. */
  jumpWall(name: string, ms: number): void;
  process(name: string): ProcessState;
  crashes(): readonly Crash[];
  /** Returns what takes them away again. */
  inject(...faults: readonly Fault[]): () => void;
  /** Faults that have struck nothing: a scenario whose faults never struck has tested nothing. */
  unmet(): readonly Fault[];
  /** Returns what heals it. */
  cut(cut: Cut): () => void;
  /** Lets things happen. @throws IsolationError, or what a model or the scenario threw. */
  run(limits?: RunLimits): Promise<Stopped>;
  note(label: string, detail?: string): void;
  readonly trace: readonly TraceEntry[];
  traceHash(): string;
  /** How many calls there were of each label. */
  callCounts(): Readonly<Record<string, number>>;
  /** Every mutating call, in order: where a sweep kills. */
  mutations(): readonly CallInfo[];
}

/** Taken when this module loads, for within a run the global one is guarded. */
const realSetImmediate = setImmediate;

export function createKernel(options: KernelOptions): Kernel {
  const { seed, startWall } = options;
  const heap = createEventHeap();
  const streams = createStreams(seed);
  const faults = createFaults();
  const isolation = options.isolation === false ? noIsolation() : createIsolation();
  const afterDrain: (() => void)[] = [];
  let virtualMs = 0;
  let sequence = 0;
  let running = false;
  let failure: Error | undefined;

  const now = (): number => virtualMs;
  const history = createHistory(now);
  const schedule = (ms: number, context: string, task: () => void): (() => void) => {
    // Written so that NaN is refused, too.
    if (!(ms >= 0)) throw new Error(`${context} schedules something in ${String(ms)} ms`);
    if (ms === Infinity) return () => undefined;
    sequence += 1;
    const run = (): void => isolation.inside(context, task);
    const event: HeapEvent = { at: virtualMs + ms, sequence, run, index: -1 };
    heap.push(event);
    return () => void heap.remove(event);
  };
  const network = createNetwork({
    now,
    after: (ms, task) => schedule(ms, WORLD, task),
    note: (label, detail) => history.world('fault', label, detail),
  });
  const draw = (label: string): number => streams(label)();
  const fail = (error: unknown): void => {
    failure ??= error instanceof Error ? error : new Error(String(error));
  };
  const processes = createProcesses({
    history,
    now,
    startWall: () => startWall,
    schedule,
    draw,
    network,
    call: <T>(life: Life, call: Call<T>): Promise<T> => exchange(exchangeHost, life, call),
  });
  const exchangeHost: ExchangeHost = {
    faults,
    network,
    now,
    schedule: (ms, task) => schedule(ms, WORLD, task),
    draw,
    trace: (life, kind, label, destination, detail) => history.addFor(life, kind, label, destination, detail),
    register: (life, call) => processes.register(life, call),
    kill: (life, why) => processes.dies(life, why),
    suspend: (life, ms, how) => processes.suspend(life.name, ms, how),
    afterDrain: (task) => void afterDrain.push(task),
    fail,
  };

  const attempt = (task: () => void): void => {
    try {
      task();
    } catch (error) {
      fail(error);
    }
  };
  const checkHealth = (): void => {
    const found = isolation.violation() ?? failure;
    failure = undefined;
    if (found !== undefined) throw found;
  };
  /** One event, then all that can go on because of it: the real setImmediate comes after every microtask. */
  const step = async (event: HeapEvent): Promise<void> => {
    virtualMs = Math.max(virtualMs, event.at);
    attempt(event.run);
    await drained();
    while (afterDrain.length > 0) {
      for (const task of afterDrain.splice(0)) attempt(task);
      await drained();
    }
    checkHealth();
  };
  const loop = async ({ until, maxVirtualMs = 3_600_000, maxEvents = 1_000_000 }: RunLimits): Promise<Stopped> => {
    const endsAt = virtualMs + maxVirtualMs;
    for (let events = 0; ; events += 1) {
      const stopped = (why: Stopped['why']): Stopped => ({ why, at: virtualMs, events });
      if (until?.() === true) return stopped('until');
      if (processes.takeFatalCrash()) return stopped('crashed');
      const next = heap.peek();
      if (next === undefined) return stopped(processes.anyAtWork() ? 'stuck' : 'finished');
      if (next.at > endsAt) {
        virtualMs = endsAt;
        return stopped('time');
      }
      if (events >= maxEvents) return stopped('events');
      heap.pop();
      await step(next);
    }
  };

  const kernel: Kernel = {
    time: { now: () => startWall + virtualMs, after: (ms, task) => schedule(Math.max(0, ms), WORLD, task) },
    seed,
    now,
    at: (at, label, task) =>
      schedule(Math.max(0, at - virtualMs), WORLD, () => {
        history.world('note', label, '');
        task();
      }),
    random: (label) => streams(`${WORLD}/${label}`),
    spawn: (name, program, spawnOptions = {}) => processes.spawn(name, program, spawnOptions),
    kill: (name, why = 'killed') => processes.kill(name, why),
    restart: (name, afterMs = 0) => processes.restart(name, afterMs),
    suspend: (name, ms, how = 'process') => processes.suspend(name, ms, how),
    jumpWall: (name, ms) => processes.jumpWall(name, ms),
    process: (name) => processes.state(name),
    crashes: () => processes.crashes,
    inject: (...given) => {
      const removals = given.map((fault) => faults.add(fault));
      return () => removals.forEach((remove) => remove());
    },
    unmet: () => faults.unmet(),
    cut: (cut) => network.cut(cut),
    run: async (limits = {}) => {
      if (running) throw new Error('this kernel runs already');
      running = true;
      isolation.begin();
      try {
        return await loop(limits);
      } finally {
        isolation.end();
        running = false;
      }
    },
    note: (label, detail = '') => history.world('note', label, detail),
    trace: history.trace,
    traceHash: () => hashOf(history.trace),
    callCounts: () => history.counts(),
    mutations: () => history.mutations,
  };
  kernel.inject(...(options.faults ?? []));
  for (const cut of options.cuts ?? []) network.cut(cut);
  return kernel;
}

function drained(): Promise<void> {
  return new Promise((resolve) => void realSetImmediate(resolve));
}
