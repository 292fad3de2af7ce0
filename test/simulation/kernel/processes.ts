import { createClocks } from './clocks.ts';
import type { Suspension } from './clocks.ts';
import type { Call } from './exchange.ts';
import type { CallInfo } from './faults.ts';
import type { History } from './history.ts';
import { WORLD } from './history.ts';
import { createLife } from './life.ts';
import type { Network } from './network.ts';
import type { Life, LifeHost, Process } from './life.ts';
import type { TraceKind } from './trace.ts';

/** A process: what it does when it starts. Its promise, where it gives one, ends with its work; rejected, it crashed. */
export type Program = (process: Process) => Promise<void> | void;

export interface SpawnOptions {
  /** What restarts a process that was killed by a fault, exited or crashed; default nobody does. */
  readonly restartAfterMs?: number;
}

export interface ProcessState {
  /** `ended`: its program's promise has settled. `stopped`: it stands still. */
  readonly state: 'running' | 'stopped' | 'ended' | 'dead';
  readonly incarnation: number;
}

export interface Crash {
  readonly process: string;
  /** Virtual ms. */
  readonly at: number;
  readonly error: unknown;
}

/** Processes by name, through all their lives. */
export interface Processes {
  spawn(name: string, program: Program, options: SpawnOptions): void;
  /** For good: nobody restarts it but `restart`. */
  kill(name: string, why: string): void;
  /** A death of its own: whoever looks after the process restarts it. */
  dies(life: Life, why: string): void;
  restart(name: string, afterMs: number): void;
  suspend(name: string, ms: number, how: Suspension): void;
  jumpWall(name: string, ms: number): void;
  state(name: string): ProcessState;
  /** Whether any lives whose program has not ended. */
  anyAtWork(): boolean;
  register(life: Life, call: Call<unknown>): CallInfo;
  readonly crashes: readonly Crash[];
  /** Whether a process crashed that nobody restarts, since the last asking. */
  takeFatalCrash(): boolean;
}

/** What processes need of the kernel. */
export interface ProcessesHost {
  readonly history: History;
  now(): number;
  startWall(): number;
  schedule(ms: number, context: string, task: () => void): () => void;
  draw(label: string): number;
  readonly network: Network;
  call<T>(life: Life, call: Call<T>): Promise<T>;
}

interface Slot {
  readonly name: string;
  readonly program: Program;
  readonly options: SpawnOptions;
  wallOffset: number;
  incarnation: number;
  life: Life | undefined;
  ended: boolean;
  occurrences: Map<string, number>;
  cancelRestart: (() => void) | undefined;
  cancelResume: (() => void) | undefined;
}

export function createProcesses(host: ProcessesHost): Processes {
  const { history } = host;
  const schedule = (ms: number, context: string, task: () => void): (() => void) => host.schedule(ms, context, task);
  const slots = new Map<string, Slot>();
  const crashes: Crash[] = [];
  let fatalCrash = false;

  const slotOf = (name: string): Slot => {
    const slot = slots.get(name);
    if (slot === undefined) throw new Error(`there is no process ${name}; spawn it first`);
    return slot;
  };
  const end = (slot: Slot, why: string): boolean => {
    slot.cancelRestart?.();
    slot.cancelRestart = undefined;
    slot.cancelResume?.();
    slot.cancelResume = undefined;
    if (slot.life?.alive() !== true) return false;
    history.addFor(slot.life, 'note', 'dies', '', why);
    slot.life.end();
    return true;
  };
  const start = (slot: Slot): void => {
    slot.cancelRestart = undefined;
    slot.incarnation += 1;
    slot.ended = false;
    slot.occurrences = new Map();
    const clocks = createClocks(
      () => host.now(),
      (virtualMs) => host.startWall() + virtualMs + slot.wallOffset,
    );
    const life = createLife(lifeHost, slot.name, slot.incarnation, clocks);
    slot.life = life;
    history.addFor(life, 'note', 'starts', '', '');
    life.deliver(0, () => runProgram(slot, life));
  };
  const startLater = (slot: Slot, ms: number): void => {
    slot.cancelRestart = schedule(ms, WORLD, () => start(slot));
  };
  const dies = (life: Life, why: string): void => {
    if (!life.alive()) return;
    const slot = slotOf(life.name);
    end(slot, why);
    if (slot.options.restartAfterMs !== undefined) startLater(slot, slot.options.restartAfterMs);
  };
  const crashed = (slot: Slot, life: Life, error: unknown): void => {
    if (!life.alive()) return;
    crashes.push({ process: life.id, at: host.now(), error });
    fatalCrash ||= slot.options.restartAfterMs === undefined;
    dies(life, `crashed: ${error instanceof Error ? error.message : String(error)}`);
  };
  const runProgram = (slot: Slot, life: Life): void => {
    const ended = (): void => {
      if (slot.life === life) slot.ended = true;
    };
    try {
      slot.program(life)?.then(ended, (error: unknown) => crashed(slot, life, error));
    } catch (error) {
      crashed(slot, life, error);
    }
  };
  const lifeHost: LifeHost = {
    now: () => host.now(),
    schedule,
    network: host.network,
    wire: (ms, task) => void schedule(ms, WORLD, task),
    draw: (label: string) => host.draw(label),
    call: <T>(life: Life, call: Call<T>): Promise<T> => host.call(life, call),
    trace: (life: Process, kind: TraceKind, label: string, destination: string, detail: string): void =>
      history.addFor(life, kind, label, destination, detail),
    exited: (life: Life, code: number, why: string) => dies(life, `exit ${String(code)}: ${why}`),
  };

  return {
    spawn: (name, program, options) => {
      const before = slots.get(name);
      if (before?.life?.alive() === true) throw new Error(`the process ${name} lives already`);
      before?.cancelRestart?.();
      const { wallOffset, incarnation } = before ?? { wallOffset: 0, incarnation: 0 };
      const none = { life: undefined, ended: false, cancelRestart: undefined, cancelResume: undefined };
      const slot: Slot = { name, program, options, wallOffset, incarnation, occurrences: new Map(), ...none };
      slots.set(name, slot);
      start(slot);
    },
    kill: (name, why) => void end(slotOf(name), why),
    dies,
    restart: (name, afterMs) => {
      const slot = slotOf(name);
      end(slot, 'restarted');
      startLater(slot, afterMs);
    },
    suspend: (name, ms, how) => {
      const slot = slotOf(name);
      const { life } = slot;
      if (life?.alive() !== true) return;
      slot.cancelResume?.();
      life.resume();
      history.addFor(life, 'note', 'stops', '', `${how} for ${String(ms)} ms`);
      life.stop(how);
      slot.cancelResume = schedule(ms, WORLD, () => {
        slot.cancelResume = undefined;
        history.addFor(life, 'note', 'resumes', '', '');
        life.resume();
      });
    },
    jumpWall: (name, ms) => {
      const slot = slotOf(name);
      slot.wallOffset += ms;
      history.add(name, slot.incarnation, 'note', 'wall clock jumps', '', `${String(ms)} ms`);
    },
    state: (name) => {
      const { life, incarnation, ended } = slotOf(name);
      if (life?.alive() !== true) return { state: 'dead', incarnation };
      if (life.clocks.stopped()) return { state: 'stopped', incarnation };
      return { state: ended ? 'ended' : 'running', incarnation };
    },
    anyAtWork: () => [...slots.values()].some(({ life, ended }) => life?.alive() === true && !ended),
    register: (life, call) => {
      const { occurrences } = slotOf(life.name);
      const occurrence = (occurrences.get(call.label) ?? 0) + 1;
      occurrences.set(call.label, occurrence);
      return history.call(life, call, occurrence);
    },
    crashes,
    takeFatalCrash: () => {
      const taken = fatalCrash;
      fatalCrash = false;
      return taken;
    },
  };
}
