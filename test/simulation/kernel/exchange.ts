import { AwsError } from '../../../src/ports/aws.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { SqlError } from '../../../src/ports/sql.ts';
import type { CallInfo, Fault, FaultAction, Faults, InjectedError } from './faults.ts';
import type { Life } from './life.ts';
import type { Destination, Latency, Network } from './network.ts';
import type { Suspension } from './clocks.ts';
import type { TraceKind } from './trace.ts';

/** What a server that never answers answers. */
export const SILENCE: unique symbol = Symbol('no answer');
export type Answer<T> = T | typeof SILENCE;

/** One request and its reply, over a network that can lose each of them. */
export interface Call<T> {
  readonly label: string;
  readonly destination: Destination;
  readonly detail: string;
  /** Whether it can change anything at its destination. */
  readonly mutating: boolean;
  readonly latency: Latency;
  readonly signal?: AbortSignal | undefined;
  /** What happens when the request arrives. Throws a port's error for an answer that is one; any other error is a defect. */
  perform(): Answer<T> | Promise<Answer<T>>;
  /** The reply in the trace. */
  describe(value: T): string;
  /** The port's error for a call that was cancelled, refused, or whose connection broke. */
  failure(why: 'cancelled' | 'refused' | 'reset'): Error;
  /** The answer of a fault; throws it where it is an error. */
  inject(error: InjectedError): T;
  /** Called when the request is on the wire: the virtual time at which it arrives. */
  sent?(arrivesAt: number): void;
  /** Called when it is settled what becomes of the reply: the virtual time at which it arrives, or undefined. */
  replied?(arrivesAt: number | undefined): void;
}

/** What exchanges need of the kernel. */
export interface ExchangeHost {
  readonly faults: Faults;
  readonly network: Network;
  now(): number;
  /** Runs `task` in virtual time as the world, whatever becomes of the caller. */
  schedule(ms: number, task: () => void): () => void;
  draw(label: string): number;
  trace(life: Life, kind: TraceKind, label: string, destination: string, detail: string): void;
  /** Gives the call its occurrence, and counts it. */
  register(life: Life, call: Call<unknown>): CallInfo;
  kill(life: Life, why: string): void;
  suspend(life: Life, ms: number, how: Suspension): void;
  /** Runs `task` once everything that can go on has gone on, before the next event. */
  afterDrain(task: () => void): void;
  /** A defect of a model, a port or the scenario: the run rejects with it. */
  fail(error: unknown): void;
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error };

export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

export async function exchange<T>(host: ExchangeHost, life: Life, call: Call<T>): Promise<T> {
  if (!life.alive()) return never();
  if (call.signal?.aborted === true) throw call.failure('cancelled');
  const info = host.register(life, call);
  host.trace(life, 'call', call.label, call.destination.id, call.detail);
  const struck = host.faults.meet(info);
  for (const fault of struck) host.trace(life, 'fault', call.label, call.destination.id, fault.do);
  runHooks(struck, 'call', info);
  if (has(struck, 'kill-before')) host.kill(life, 'kill-before');
  if (!life.alive()) return never();
  return await new Promise<T>((resolve, reject) => {
    send(host, life, { call, info, struck }, (outcome) => {
      if (outcome.ok) resolve(outcome.value);
      else reject(outcome.error);
    });
  });
}

interface Sent<T> {
  readonly call: Call<T>;
  readonly info: CallInfo;
  readonly struck: readonly Fault[];
}

function send<T>(host: ExchangeHost, life: Life, sent: Sent<T>, settle: (outcome: Outcome<T>) => void): void {
  const { call, info, struck } = sent;
  const { destination, latency } = call;
  const way = (leg: 'request' | 'reply'): number => {
    const base = leg === 'request' ? latency.thereMs : latency.backMs;
    const jitter =
      latency.jitterMs === 0
        ? 0
        : latency.jitterMs * host.draw(`latency/${leg}/${life.name}/${call.label}/${destination.id}`);
    return base + jitter + delayOf(struck, leg);
  };
  const backMs = way('reply');
  let settled = false;
  const finish = (outcome: Outcome<T>, detail: string): void => {
    settled = true;
    call.signal?.removeEventListener('abort', aborted);
    host.trace(life, 'reply', call.label, destination.id, detail);
    settle(outcome);
  };
  const aborted = (): void => {
    if (life.alive()) finish({ ok: false, error: call.failure('cancelled') }, 'cancelled');
  };
  const deliver = (ms: number, outcome: Outcome<T>): void => {
    life.deliver(ms, () => {
      if (settled) return;
      if (host.network.passage(destination, life.name, 'reply') === 'hang') return;
      runHooks(struck, 'reply', info);
      if (!life.alive()) return;
      if (has(struck, 'kill-after-reply')) host.afterDrain(() => host.kill(life, 'kill-after-reply'));
      finish(outcome, outcome.ok ? call.describe(outcome.value) : describeError(outcome.error));
    });
  };
  const fail = (ms: number, why: 'refused' | 'reset'): void => {
    call.replied?.(undefined);
    deliver(ms, { ok: false, error: call.failure(why) });
  };
  const reply = (outcome: Outcome<T> | typeof SILENCE): void => {
    runHooks(struck, 'effect', info);
    if (has(struck, 'kill-after-effect')) host.kill(life, 'kill-after-effect');
    const lost = find(struck, 'drop-reply');
    const passage = host.network.passage(destination, life.name, 'reply');
    if (lost?.seen === 'reset' || passage === 'refuse') fail(backMs, 'reset');
    else if (lost !== undefined || passage === 'hang' || outcome === SILENCE || !life.alive()) {
      call.replied?.(undefined);
    } else {
      deliver(backMs, outcome);
      call.replied?.(host.now() + backMs);
    }
  };
  const depart = (): void => {
    const thereMs = way('request');
    const lost = find(struck, 'drop-request');
    const passage = host.network.passage(destination, life.name, 'request');
    if (passage === 'refuse') fail(thereMs + backMs, 'refused');
    else if (lost?.seen === 'reset') fail(thereMs + backMs, 'reset');
    else if (lost === undefined && passage === 'open') {
      host.schedule(thereMs, () => arrive(host, life, sent, reply));
      call.sent?.(host.now() + thereMs);
    }
  };
  call.signal?.addEventListener('abort', aborted, { once: true });
  const standstill = find(struck, 'suspend');
  if (standstill === undefined) depart();
  else {
    host.suspend(life, standstill.ms, standstill.how ?? 'process');
    life.deliver(0, depart);
  }
}

/** At the server: the caller may be dead by now. */
function arrive<T>(
  host: ExchangeHost,
  life: Life,
  { call, struck }: Sent<T>,
  reply: (outcome: Outcome<T> | typeof SILENCE) => void,
): void {
  if (host.network.passage(call.destination, life.name, 'request') !== 'open') return;
  if (has(struck, 'hang')) return;
  const injected = find(struck, 'error');
  if (injected !== undefined && injected.effect !== 'after') {
    reply(attempt(host, () => call.inject(injected.error)));
    return;
  }
  const done = (outcome: Outcome<T> | typeof SILENCE): void => {
    reply(injected === undefined ? outcome : attempt(host, () => call.inject(injected.error)));
  };
  if (call.mutating) host.trace(life, 'effect', call.label, call.destination.id, call.detail);
  const answered = (value: Answer<T>): Outcome<T> | typeof SILENCE =>
    value === SILENCE ? SILENCE : { ok: true, value };
  const result = attempt(host, () => call.perform());
  if (result === SILENCE || !result.ok) {
    done(result);
  } else if (result.value instanceof Promise) {
    result.value.then(
      (value: Answer<T>) => done(answered(value)),
      (error: unknown) => done(failed(host, error)),
    );
  } else {
    done(answered(result.value));
  }
}

function attempt<V>(host: ExchangeHost, work: () => V): Outcome<V> | typeof SILENCE {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    return failed(host, error);
  }
}

/** Only a port's errors are answers; whatever else is thrown is a defect that no caller may take for one. */
function failed(host: ExchangeHost, error: unknown): { readonly ok: false; readonly error: Error } | typeof SILENCE {
  if (error instanceof PortError || error instanceof AwsError || error instanceof SqlError) return { ok: false, error };
  host.fail(error);
  return SILENCE;
}

function describeError(error: Error): string {
  if (error instanceof PortError) return `${error.why}: ${error.message}`;
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  if (error instanceof SqlError) return `${error.sqlState}: ${error.message}`;
  return error.message;
}

type ActionOf<D extends FaultAction['do']> = Extract<FaultAction, { readonly do: D }>;

function has(struck: readonly Fault[], what: FaultAction['do']): boolean {
  return struck.some((fault) => fault.do === what);
}

function find<D extends FaultAction['do']>(struck: readonly Fault[], what: D): ActionOf<D> | undefined {
  return struck.find((fault): fault is Fault & ActionOf<D> => fault.do === what);
}

function delayOf(struck: readonly Fault[], leg: 'request' | 'reply'): number {
  return struck.reduce(
    (sum, fault) => (fault.do === 'delay' && (fault.leg ?? 'request') === leg ? sum + fault.ms : sum),
    0,
  );
}

function runHooks(struck: readonly Fault[], when: 'call' | 'effect' | 'reply', info: CallInfo): void {
  for (const fault of struck) {
    if (fault.do === 'run' && (fault.when ?? 'call') === when) fault.run(info);
  }
}
