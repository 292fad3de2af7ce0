import { createHash } from 'node:crypto';

export type TraceKind =
  /** A process asked a port. */
  | 'call'
  /** A mutating call arrived where it takes effect. */
  | 'effect'
  /** The process learned how its call ended; chunks of a stream are replies too. */
  | 'reply'
  | 'log'
  /** A fault was met, or a part of the network was cut or healed. */
  | 'fault'
  /** Lives and deaths, jumps of clocks, and what the scenario says. */
  | 'note';

export interface TraceEntry {
  /** Virtual ms since the beginning. */
  readonly t: number;
  /** `world` for what no process did. */
  readonly process: string;
  /** 0 for the world. */
  readonly incarnation: number;
  readonly kind: TraceKind;
  readonly label: string;
  readonly destination: string;
  readonly detail: string;
}

export function formatEntry(entry: TraceEntry): string {
  const { t, process, incarnation, kind, label, destination, detail } = entry;
  const who = incarnation === 0 ? process : `${process}#${String(incarnation)}`;
  return [t.toFixed(3).padStart(12), who, kind, label, destination, detail].filter((part) => part !== '').join(' ');
}

/** Two histories are identical when their traces have the same hash. */
export function hashOf(trace: readonly TraceEntry[]): string {
  const hash = createHash('sha256');
  for (const { t, process, incarnation, kind, label, destination, detail } of trace) {
    hash.update(JSON.stringify([t, process, incarnation, kind, label, destination, detail]));
  }
  return hash.digest('hex');
}

/** The first entry in which two traces differ, as two lines; undefined where they do not. */
export function firstDifference(one: readonly TraceEntry[], other: readonly TraceEntry[]): string | undefined {
  const lines = (trace: readonly TraceEntry[], index: number): string => {
    const entry = trace[index];
    return entry === undefined ? '(the end)' : formatEntry(entry);
  };
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const [left, right] = [lines(one, index), lines(other, index)];
    if (left !== right) return `entry ${String(index)}:\n${left}\n${right}`;
  }
  return undefined;
}
