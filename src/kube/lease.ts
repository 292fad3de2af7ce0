import type { Clock, Instant } from '../ports/clock.ts';
import { instant } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { withFields } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import type { LeaseRecord, LeaseRecords } from './lease-record.ts';
import { createLeaseRecords } from './lease-record.ts';
import type { LeaseTerm } from './lease-term.ts';
import { createLeaseTerm } from './lease-term.ts';

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  /** Of this candidate, unique for each life of it: add the clock's incarnation. */
  readonly identity: string;
  /** Whole seconds, in ms: Kubernetes' field knows nothing finer. Default 15 s; renewed at a third, tried again at a seventh, looked at by others at a fifth. */
  readonly durationMs?: number | undefined;
  readonly onAcquired?: (() => void) | undefined;
  /** No effect may be sent any more, and those on the wire may meet another holder's. The candidate goes on contending. */
  readonly onLost?: ((why: string) => void) | undefined;
}

/**
 * Leadership by compare-and-swap on a `coordination.k8s.io/v1` Lease.
 *
 * At no time do two candidates have `remainingMs() > 0`, as long as their clocks run at the same rate within 5 %: a
 * holder counts from before it *sent* its renewal, a challenger from after it *received* an unchanged record, and each
 * swap names the version it replaces. The one gap: somebody deletes the Lease and a candidate that has never seen it starts.
 */
export interface Lease {
  /** Contends, holds and renews until `signal` aborts; then releases. Abort only when no effect is under way any more. */
  run(signal: AbortSignal): Promise<void>;
  held(): boolean;
  /** How many times it was won: in between another may have held it. */
  term(): number;
  /** How long effects may still be sent. 0 without the lease, after a suspension, and after a jump of the wall clock. */
  remainingMs(): number;
}

/** What this candidate knows, and what it was told. */
interface Candidate {
  readonly options: LeaseOptions;
  readonly log: Log;
  readonly durationMs: number;
  readonly records: LeaseRecords;
  readonly term: LeaseTerm;
  /** The record as last seen, when (monotonic ms) it was first seen in this version, and whether we wrote that. */
  seen: { readonly record: LeaseRecord; readonly since: number; readonly mine: boolean } | undefined;
  /** Since when the Lease that this candidate once saw has been missing. */
  missingSince: number | undefined;
  /** Writes so far: their names within this life. */
  claims: number;
  /** Writes without an answer, by their claim: one of them may turn out to have made the record. */
  readonly unanswered: Map<string, Instant>;
  /** Told of holding, and not yet of losing. */
  leading: boolean;
  terms: number;
}

const defaultDurationMs = 15_000;
const maxUnanswered = 32;

export function createLease(options: LeaseOptions): Lease {
  const { clock, namespace, name, identity, durationMs = defaultDurationMs } = options;
  const candidate: Candidate = {
    options,
    log: withFields(options.log, { lease: `${namespace}/${name}`, identity }),
    durationMs,
    records: createLeaseRecords({ ...options, durationMs }),
    term: createLeaseTerm(clock, durationMs),
    seen: undefined,
    missingSince: undefined,
    claims: 0,
    unanswered: new Map(),
    leading: false,
    terms: 0,
  };
  return {
    run: async (signal) => {
      while (!signal.aborted) await pause(candidate, await attempt(candidate, signal), signal);
      await release(candidate);
    },
    held: () => candidate.term.remainingMs() > 0,
    term: () => candidate.terms,
    remainingMs: () => candidate.term.remainingMs(),
  };
}

async function attempt(candidate: Candidate, signal: AbortSignal): Promise<number> {
  try {
    await (candidate.leading ? renew(candidate, signal) : contend(candidate, signal));
    return candidate.leading ? candidate.durationMs / 3 : challengeInMs(candidate);
  } catch (error) {
    if (!signal.aborted) candidate.log.log('warn', 'lease attempt failed', { leading: candidate.leading, error });
    return candidate.durationMs / 7;
  }
}

async function renew(candidate: Candidate, signal: AbortSignal): Promise<void> {
  if (candidate.term.remainingMs() === 0) {
    lose(candidate, 'not renewed in time, or the clock jumped');
    return;
  }
  if (candidate.unanswered.size > 0) await observe(candidate, signal);
  if (isLeading(candidate)) await claim(candidate, signal);
}

async function contend(candidate: Candidate, signal: AbortSignal): Promise<void> {
  await observe(candidate, signal);
  if (!isLeading(candidate) && takeableInMs(candidate) <= 0) await claim(candidate, signal);
}

/** A function, for the type checker takes a property it has seen as settled although a call has changed it. */
function isLeading(candidate: Candidate): boolean {
  return candidate.leading;
}

/** One look at the record as the server has it now. */
async function observe(candidate: Candidate, signal: AbortSignal): Promise<void> {
  const record = await candidate.records.read({ deadlineMs: callMs(candidate), signal });
  if (record === undefined) {
    if (candidate.seen !== undefined) candidate.missingSince = candidate.options.clock.monotonic();
    candidate.seen = undefined;
    lose(candidate, 'the Lease was deleted');
    return;
  }
  candidate.missingSince = undefined;
  const { identity, clock } = candidate.options;
  const ours = record.holder === identity ? candidate.unanswered.get(record.claim ?? '') : undefined;
  if (ours !== undefined) {
    hold(candidate, record, ours);
    return;
  }
  if (candidate.seen?.record.resourceVersion === record.resourceVersion) return;
  candidate.seen = { record, since: clock.monotonic(), mine: false };
  if (record.holder !== identity) lose(candidate, `held by ${record.holder ?? 'nobody'} now`);
}

/** One write, and what it means: held, lost, or (thrown) not known. */
async function claim(candidate: Candidate, signal: AbortSignal): Promise<void> {
  const { records, options, seen } = candidate;
  const begun = instant(options.clock);
  candidate.claims += 1;
  const id = `${options.identity}/${options.clock.incarnation}/${String(candidate.claims)}`;
  const mine = { id, wall: begun.wall };
  const call = { deadlineMs: callMs(candidate), signal };
  try {
    const keeps = candidate.leading && seen?.record.holder === options.identity;
    const written = seen === undefined ? records.create(mine, call) : records.swap(seen.record, mine, keeps, call);
    hold(candidate, await written, begun);
  } catch (error) {
    if (isKubeError(error) && error.outcomeUnknown) remember(candidate, id, begun);
    // Somebody else wrote, or it is gone: only looking tells who holds it.
    if (!isKubeError(error, 'Conflict', 'AlreadyExists', 'NotFound')) throw error;
    await observe(candidate, signal);
  }
}

function remember({ unanswered }: Candidate, id: string, begun: Instant): void {
  unanswered.set(id, begun);
  const [oldest] = unanswered.keys();
  // A forgotten write that took effect after all counts as a stranger's: it is waited out.
  if (unanswered.size > maxUnanswered && oldest !== undefined) unanswered.delete(oldest);
}

function hold(candidate: Candidate, record: LeaseRecord, begun: Instant): void {
  candidate.seen = { record, since: candidate.options.clock.monotonic(), mine: true };
  candidate.missingSince = undefined;
  candidate.unanswered.clear();
  candidate.term.start(begun);
  if (candidate.term.remainingMs() === 0) {
    lose(candidate, 'the renewal was answered too late, or the clock jumped meanwhile');
    return;
  }
  if (candidate.leading) return;
  candidate.leading = true;
  candidate.terms += 1;
  candidate.log.log('info', 'lease acquired', { transitions: record.transitions });
  candidate.options.onAcquired?.();
}

function lose(candidate: Candidate, why: string): void {
  candidate.term.end();
  if (!candidate.leading) return;
  candidate.leading = false;
  candidate.log.log('warn', 'lease lost', { why });
  candidate.options.onLost?.(why);
}

/** ms until this candidate may take the lease; not above 0: now. */
function takeableInMs({ seen, missingSince, durationMs, options }: Candidate): number {
  const now = options.clock.monotonic();
  if (seen === undefined) return missingSince === undefined ? 0 : missingSince + durationMs - now;
  // A version that we wrote and nobody replaced is ours to renew, however long ago it ran out.
  if (seen.record.holder === undefined || seen.mine) return 0;
  return seen.since + seen.record.durationMs - now;
}

/** A holder's requests end with its term, so that a loss is told when it happens. */
function callMs({ leading, durationMs, term }: Candidate): number {
  return leading ? Math.max(1, Math.min(durationMs / 3, term.remainingMs())) : durationMs / 3;
}

function challengeInMs(candidate: Candidate): number {
  const { random, identity } = candidate.options;
  // Spread, or candidates that started together collide for ever.
  const look = (candidate.durationMs / 5) * (0.75 + random.next(`kube.lease.${identity}`) / 2);
  return Math.max(1, Math.min(look, takeableInMs(candidate)));
}

async function pause({ leading, term, options }: Candidate, ms: number, signal: AbortSignal): Promise<void> {
  // Never past the end of the term: the loss is told when it happens.
  const bounded = Math.ceil(leading ? Math.min(ms, term.remainingMs()) : ms);
  try {
    await options.clock.sleep(bounded, signal);
  } catch (reason) {
    // Only the end of the run interrupts the pause, and its loop sees that itself.
    if (!signal.aborted) throw reason;
  }
}

async function release(candidate: Candidate): Promise<void> {
  const { seen, leading, records, durationMs } = candidate;
  candidate.term.end();
  candidate.leading = false;
  if (!leading || seen === undefined) return;
  try {
    await records.release(seen.record, { deadlineMs: durationMs / 3 });
    candidate.log.log('info', 'lease released', {});
  } catch (error) {
    // The successor waits the lease out instead.
    candidate.log.log('warn', 'lease not released', { error });
  }
}
