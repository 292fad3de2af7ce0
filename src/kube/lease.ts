import type { Clock, Instant } from '../ports/clock.ts';
import { instant } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { KubeClient } from './client.ts';
import { isKubeError } from './kube-error.ts';
import type { LeaseRecord } from './lease-record.ts';
import { createLeaseRecords } from './lease-record.ts';

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  /** Of this candidate, unique for each life of it: add the clock's incarnation. */
  readonly identity: string;
  /** Whole seconds, in ms: Kubernetes' field knows nothing finer. Default 15 s; renewed at a third, tried again at a seventh. */
  readonly durationMs?: number | undefined;
  readonly onAcquired?: (() => void) | undefined;
  /** No effect may be sent any more, and those on the wire may meet another holder's. */
  readonly onLost?: ((why: string) => void) | undefined;
}

/**
 * Leadership by compare-and-swap on a `coordination.k8s.io/v1` Lease.
 *
 * At no time do two candidates have `remainingMs() > 0`, as long as clocks run at the same rate within 5 %: a holder
 * counts from before it *sent* its renewal, a challenger from after it *received* an unchanged record, and each swap
 * names the version it replaces. The one gap: somebody deletes the Lease and a candidate that has never seen it starts.
 */
export interface Lease {
  /** Contends, holds and renews until `signal` aborts; then releases. Abort only when no effect is under way any more. */
  run(signal: AbortSignal): Promise<void>;
  held(): boolean;
  /** How long effects may still be sent. 0 without the lease, after a suspension, and after a jump of the wall clock. */
  remainingMs(): number;
}

/** What this candidate knows of the record. */
interface State {
  /** The record as last seen, when (monotonic ms) it was first seen in this version, and whether we wrote that. */
  seen: { readonly record: LeaseRecord; readonly since: number; readonly mine: boolean } | undefined;
  /** Since when the Lease that this candidate once saw has been missing. */
  missingSince: number | undefined;
  /** When the request that made us holder, or last renewed, was begun. */
  renewedAt: Instant | undefined;
  /** Writes without an answer, by their renewTime: one of them may turn out to have made the record. */
  readonly unanswered: Map<string, Instant>;
  /** Told of holding, and not yet of losing. */
  leading: boolean;
}

const maxUnanswered = 32;

export function createLease(options: LeaseOptions): Lease {
  const { client, clock, random, log, namespace, name, identity, durationMs = 15_000 } = options;
  const retryMs = durationMs / 7;
  const requestMs = durationMs / 3;
  const driftMs = durationMs / 20;
  const records = createLeaseRecords({ client, namespace, name, identity, durationMs });
  const state: State = {
    seen: undefined,
    missingSince: undefined,
    renewedAt: undefined,
    unanswered: new Map(),
    leading: false,
  };

  const remainingMs = (): number => {
    if (state.renewedAt === undefined) return 0;
    const wall = clock.wall() - state.renewedAt.wall;
    const monotonic = clock.monotonic() - state.renewedAt.monotonic;
    // The monotonic clock stands still while a machine is suspended, the wall clock may be set: where they disagree,
    // neither tells how old the renewal is.
    if (Math.abs(wall - monotonic) > driftMs) return 0;
    return Math.max(0, durationMs - driftMs - Math.max(wall, monotonic));
  };

  /** A holder's requests end with its validity, so that a loss is told when it happens. */
  const callMs = (): number => (state.leading ? Math.max(1, Math.min(requestMs, remainingMs())) : requestMs);

  const lose = (why: string): void => {
    state.renewedAt = undefined;
    if (!state.leading) return;
    state.leading = false;
    log.log('warn', 'lease lost', { lease: `${namespace}/${name}`, identity, why });
    options.onLost?.(why);
  };

  const hold = (record: LeaseRecord, begun: Instant): void => {
    state.seen = { record, since: clock.monotonic(), mine: true };
    state.missingSince = undefined;
    state.unanswered.clear();
    state.renewedAt = begun;
    // An answer that took longer than the lease lasts brings nothing.
    if (remainingMs() === 0) {
      lose('the renewal was answered too late');
      return;
    }
    if (state.leading) return;
    state.leading = true;
    log.log('info', 'lease acquired', { lease: `${namespace}/${name}`, identity });
    options.onAcquired?.();
  };

  /** Takes note of the record as the server has it now. */
  const note = (record: LeaseRecord): void => {
    state.missingSince = undefined;
    const ours = record.holder === identity ? state.unanswered.get(record.renewTime) : undefined;
    if (ours !== undefined) {
      hold(record, ours);
      return;
    }
    if (state.seen?.record.resourceVersion === record.resourceVersion) return;
    state.seen = { record, since: clock.monotonic(), mine: false };
    if (state.renewedAt !== undefined && record.holder !== identity) lose(`held by ${record.holder ?? 'nobody'} now`);
  };

  const observe = async (signal: AbortSignal): Promise<void> => {
    const record = await records.read({ deadlineMs: callMs(), signal });
    if (record !== undefined) {
      note(record);
      return;
    }
    if (state.seen !== undefined) state.missingSince = clock.monotonic();
    state.seen = undefined;
    lose('the Lease was deleted');
  };

  const remember = (renewTime: string, begun: Instant): void => {
    state.unanswered.set(renewTime, begun);
    const [oldest] = state.unanswered.keys();
    // A forgotten write that took effect after all counts as a stranger's: it is waited out.
    if (state.unanswered.size > maxUnanswered && oldest !== undefined) state.unanswered.delete(oldest);
  };

  /** One write, and what it means: held, lost, or (thrown) not known. */
  const claim = async (signal: AbortSignal): Promise<void> => {
    const begun = instant(clock);
    const renewTime = records.renewTime(begun.wall, state.unanswered);
    try {
      const call = { deadlineMs: callMs(), signal };
      const known = state.seen?.record;
      const keeps = known?.holder === identity && state.leading;
      const record =
        known === undefined ? await records.create(renewTime, call) : await records.swap(known, renewTime, keeps, call);
      hold(record, begun);
    } catch (error) {
      if (isKubeError(error) && error.outcomeUnknown) remember(renewTime, begun);
      // Somebody else wrote, or it is gone: only looking tells who holds it.
      if (isKubeError(error, 'Conflict', 'AlreadyExists', 'NotFound')) {
        await observe(signal);
        return;
      }
      throw error;
    }
  };

  /** ms until this candidate may take the lease; 0: now. */
  const takeableInMs = (): number => {
    const now = clock.monotonic();
    if (state.seen === undefined) {
      return state.missingSince === undefined ? 0 : state.missingSince + durationMs - now;
    }
    const { record, since, mine } = state.seen;
    // A version that we wrote and nobody replaced is ours to renew, however long ago it ran out.
    if (record.holder === undefined || mine) return 0;
    return since + record.durationMs - now;
  };

  /** One look or one write. Returns ms to wait before the next. */
  const turn = async (signal: AbortSignal): Promise<number> => {
    if (state.leading) {
      const left = remainingMs();
      if (left === 0) {
        lose('not renewed in time, or the clock jumped');
        return 0;
      }
      if (state.unanswered.size > 0) await observe(signal);
      if (state.leading) await claim(signal);
      return durationMs / 3;
    }
    await observe(signal);
    if (!state.leading && takeableInMs() <= 0) await claim(signal);
    if (state.leading) return durationMs / 3;
    // Spread, or candidates that started together collide for ever.
    const pause = retryMs * (0.75 + random.next(`kube.lease.${identity}`) / 2);
    return Math.max(1, Math.min(pause, Math.max(0, takeableInMs())));
  };

  const attempt = async (signal: AbortSignal): Promise<number> => {
    try {
      return await turn(signal);
    } catch (error) {
      if (signal.aborted) return 0;
      if (!isKubeError(error)) log.log('error', 'lease attempt failed', { lease: `${namespace}/${name}`, error });
      else log.log('warn', 'lease attempt failed', { lease: `${namespace}/${name}`, code: error.code, error });
      return retryMs;
    }
  };

  const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    // Never past the end of validity: the loss is told when it happens.
    const until = state.leading ? Math.min(ms, remainingMs()) : ms;
    if (until <= 0) return;
    await clock.sleep(Math.ceil(until), signal).catch((reason: unknown) => {
      if (!signal.aborted) throw reason;
    });
  };

  const release = async (): Promise<void> => {
    const known = state.seen?.record;
    const held = state.leading && known?.holder === identity;
    state.renewedAt = undefined;
    state.leading = false;
    if (!held || known === undefined) return;
    try {
      await records.release(known, { deadlineMs: requestMs });
      log.log('info', 'lease released', { lease: `${namespace}/${name}`, identity });
    } catch (error) {
      // The successor waits the lease out instead.
      log.log('warn', 'lease not released', { lease: `${namespace}/${name}`, identity, error });
    }
  };

  return {
    run: async (signal) => {
      while (!signal.aborted) await pause(await attempt(signal), signal);
      await release();
    },
    held: () => remainingMs() > 0,
    remainingMs,
  };
}
