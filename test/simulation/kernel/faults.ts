import type { PortFailure } from '../../../src/ports/port-error.ts';
import type { Suspension } from './clocks.ts';

/** A call as it is addressed: by faults, by the trace, and by sweeps over all mutations of a history. */
export interface CallInfo {
  readonly process: string;
  readonly incarnation: number;
  /** Of bounded variety: `kube.patch`, `route53.ChangeResourceRecordSets`, `sql.promote`, `dns.A`. */
  readonly label: string;
  /** 1 for the first call of this label in this incarnation. */
  readonly occurrence: number;
  /** `east.example:6443`, `route53`, `10.0.0.53:53`. */
  readonly destination: string;
  /** What the label leaves out: method and path, a hash of the body. */
  readonly detail: string;
  readonly mutating: boolean;
  /** Virtual ms at which it was made. */
  readonly at: number;
}

/** An answer put in place of the real one. Each member suits the ports whose errors it names; elsewhere it is a mistake. */
export type InjectedError =
  | { readonly why: PortFailure; readonly message?: string }
  | { readonly awsCode: string; readonly httpStatus: number; readonly ambiguous: boolean; readonly message?: string }
  | { readonly sqlState: string; readonly message?: string }
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

/** What the caller sees of a lost message: nothing until its own deadline, or a broken connection. */
export type Loss = 'silence' | 'reset';

export type FaultAction =
  /** The process dies; the request never leaves it. */
  | { readonly do: 'kill-before' }
  /** The process dies at the instant of the effect; no reply reaches it. */
  | { readonly do: 'kill-after-effect' }
  /** The process dies after it took the reply and did all that it does at once with it (its next requests leave). */
  | { readonly do: 'kill-after-reply' }
  /** The request never arrives. */
  | { readonly do: 'drop-request'; readonly seen?: Loss }
  /** It takes effect; the reply never arrives. */
  | { readonly do: 'drop-reply'; readonly seen?: Loss }
  /** Longer on its way by `ms`; a request unless `leg` says the reply. */
  | { readonly do: 'delay'; readonly ms: number; readonly leg?: 'request' | 'reply' }
  /** Answered with this, `after` the effect or (default) `instead` of it. */
  | { readonly do: 'error'; readonly error: InjectedError; readonly effect?: 'instead' | 'after' }
  /** It arrives, does nothing, and is never answered. */
  | { readonly do: 'hang' }
  /** The machine or process stops for `ms` between the decision to send and the sending. */
  | { readonly do: 'suspend'; readonly ms: number; readonly how?: Suspension }
  /** Calls this when the request is made, when it took effect, or when the reply is about to reach the process. */
  | { readonly do: 'run'; readonly run: (call: CallInfo) => void; readonly when?: 'call' | 'effect' | 'reply' };

/** Where a fault strikes. Texts match exactly, or by `*` for any characters; what is absent matches all. */
export interface FaultAddress {
  readonly process?: string;
  readonly incarnation?: number;
  readonly label?: string;
  readonly destination?: string;
  readonly detail?: string;
  /** Mutating calls only, or only others. */
  readonly mutating?: boolean;
  /** Virtual ms: calls made at or after `from` and before `to`. */
  readonly from?: number;
  readonly to?: number;
  /** The first of the matching calls that is struck, 1-based; default 1. */
  readonly occurrence?: number;
  /** How many matching calls are struck from there on; default 1 with `occurrence` or for a kill, else all. */
  readonly count?: number;
}

export type Fault = FaultAddress & FaultAction;

/** The moments at which a call can lose its caller. */
export const KILL_MOMENTS = ['kill-before', 'kill-after-effect', 'kill-after-reply'] as const;
export type KillMoment = (typeof KILL_MOMENTS)[number];

/** The fault that kills a process at exactly this call of an earlier, identical history. */
export function killAt(call: CallInfo, moment: KillMoment): Fault {
  const { process, incarnation, label, occurrence } = call;
  return { process, incarnation, label, occurrence, do: moment };
}

export interface Faults {
  /** Returns what takes it away again. */
  add(fault: Fault): () => void;
  /** What strikes this call, in the order of injection. Counts the call, so ask once for each. */
  meet(call: CallInfo): readonly Fault[];
  /** Faults that no call has met yet: a scenario whose faults never struck has tested nothing. */
  unmet(): readonly Fault[];
}

interface Armed {
  readonly fault: Fault;
  matched: number;
}

export function createFaults(): Faults {
  const armed = new Set<Armed>();
  return {
    add: (fault) => {
      const one: Armed = { fault, matched: 0 };
      armed.add(one);
      return () => void armed.delete(one);
    },
    meet: (call) =>
      [...armed]
        .filter((one) => {
          if (!matches(one.fault, call)) return false;
          one.matched += 1;
          return isStruck(one);
        })
        .map(({ fault }) => fault),
    unmet: () => [...armed].filter(({ fault, matched }) => matched < (fault.occurrence ?? 1)).map(({ fault }) => fault),
  };
}

function isStruck({ fault, matched }: Armed): boolean {
  const first = fault.occurrence ?? 1;
  const once = fault.occurrence !== undefined || fault.do.startsWith('kill');
  const count = fault.count ?? (once ? 1 : Infinity);
  return matched >= first && matched < first + count;
}

function matches(fault: Fault, call: CallInfo): boolean {
  return (
    matchesText(fault.process, call.process) &&
    (fault.incarnation === undefined || fault.incarnation === call.incarnation) &&
    matchesText(fault.label, call.label) &&
    matchesText(fault.destination, call.destination) &&
    matchesText(fault.detail, call.detail) &&
    (fault.mutating === undefined || fault.mutating === call.mutating) &&
    call.at >= (fault.from ?? 0) &&
    call.at < (fault.to ?? Infinity)
  );
}

/** `*` stands for any characters; absent matches everything. */
export function matchesText(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined || pattern === text) return true;
  if (!pattern.includes('*')) return false;
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let position = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}
