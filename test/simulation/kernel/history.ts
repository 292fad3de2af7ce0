import type { Call } from './exchange.ts';
import type { CallInfo } from './faults.ts';
import type { Process } from './life.ts';
import type { TraceEntry, TraceKind } from './trace.ts';

/** What is kept of a history. */
export interface History {
  readonly trace: TraceEntry[];
  readonly mutations: CallInfo[];
  add(
    process: string,
    incarnation: number,
    kind: TraceKind,
    label: string,
    destination?: string,
    detail?: string,
  ): void;
  /** An entry about what no process did. */
  world(kind: TraceKind, label: string, detail: string): void;
  addFor(life: Process, kind: TraceKind, label: string, destination: string, detail: string): void;
  /** Counts a call; `occurrence` is the caller's to know. */
  call(life: Process, call: Call<unknown>, occurrence: number): CallInfo;
  counts(): Readonly<Record<string, number>>;
}

export const WORLD = 'world';

export function createHistory(now: () => number): History {
  const trace: TraceEntry[] = [];
  const mutations: CallInfo[] = [];
  const counts = new Map<string, number>();
  const add: History['add'] = (process, incarnation, kind, label, destination = '', detail = '') => {
    trace.push({ t: now(), process, incarnation, kind, label, destination, detail });
  };
  return {
    trace,
    mutations,
    add,
    world: (kind, label, detail) => add(WORLD, 0, kind, label, '', detail),
    addFor: (life, kind, label, destination, detail) =>
      add(life.name, life.incarnation, kind, label, destination, detail),
    call: (life, { label, detail, mutating, destination }, occurrence) => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      const { name: process, incarnation } = life;
      const info = {
        process,
        incarnation,
        label,
        occurrence,
        destination: destination.id,
        detail,
        mutating,
        at: now(),
      };
      if (mutating) mutations.push(info);
      return info;
    },
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
