import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { KubeClient } from './client.ts';
import type { JsonRecord } from './json.ts';
import { isKubeError } from './kube-error.ts';
import type { ObjectRef } from './object.ts';
import { rfc3339Seconds } from './timestamp.ts';
import type { TokenBucket } from './token-bucket.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What an Event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid: string;
}

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** PascalCase, from a bounded set. */
  readonly reason: string;
  readonly message: string;
}

/** Events for people, never the journal: best effort, at a bounded rate, never in anybody's way. */
export interface EventRecorder {
  /** Returns at once and never throws. The same note on the same object counts up one Event. */
  record(subject: EventSubject, note: EventNote): void;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  /** `source.component`. */
  readonly component: string;
  /** `reportingInstance`: which replica. */
  readonly instance: string;
  readonly signal: AbortSignal;
  /** Default: one a second on average, 25 at once. */
  readonly ratePerSecond?: number | undefined;
  readonly burst?: number | undefined;
}

interface Series {
  readonly subject: EventSubject;
  readonly note: EventNote;
  readonly firstAt: number;
  lastAt: number;
  count: number;
  /** The Event that counts it on the server, once it is made. */
  ref: ObjectRef | undefined;
}

const maxSeries = 500;
const deadlineMs = 10_000;
/** The API's own bound for a note. */
const maxMessage = 1024;

interface State {
  readonly options: EventRecorderOptions;
  readonly bucket: TokenBucket;
  readonly series: Map<string, Series>;
  /** Series with something the server does not know, in order of arrival. */
  readonly pending: Set<string>;
  sequence: number;
  draining: boolean;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, ratePerSecond = 1, burst = 25 } = options;
  const state: State = {
    options,
    bucket: createTokenBucket(clock, ratePerSecond, burst),
    series: new Map(),
    pending: new Set(),
    sequence: 0,
    draining: false,
  };
  return {
    record: (subject, note) => {
      const key = JSON.stringify([subject.uid, subject.kind, subject.name, note.type, note.reason, note.message]);
      count(state, key, subject, note);
      state.pending.add(key);
      if (state.draining || options.signal.aborted) return;
      state.draining = true;
      drain(state).catch((error: unknown) => {
        if (!options.signal.aborted) options.log.log('error', 'event recorder stopped', { error });
      });
    },
  };
}

function count({ series, pending, options }: State, key: string, subject: EventSubject, note: EventNote): void {
  const now = options.clock.wall();
  const current = series.get(key) ?? { subject, note, firstAt: now, lastAt: now, count: 0, ref: undefined };
  current.count += 1;
  current.lastAt = now;
  // Moved to the end: what was seen last is dropped last.
  series.delete(key);
  series.set(key, current);
  const [oldest] = series.keys();
  if (series.size <= maxSeries || oldest === undefined) return;
  if (pending.delete(oldest)) options.log.log('warn', 'event dropped', { reason: series.get(oldest)?.note.reason });
  series.delete(oldest);
}

/** Writes until nothing is pending, one at a time. */
async function drain(state: State): Promise<void> {
  const { bucket, pending, series, options } = state;
  try {
    while (pending.size > 0 && !options.signal.aborted) {
      if (!bucket.take()) {
        await options.clock.sleep(bucket.nextInMs(), options.signal);
        continue;
      }
      const [key] = pending;
      if (key === undefined) return;
      pending.delete(key);
      const current = series.get(key);
      if (current !== undefined) await write(state, current);
    }
  } finally {
    state.draining = false;
  }
}

async function write(state: State, series: Series): Promise<void> {
  state.sequence += 1;
  try {
    series.ref = await send(state.options, series, state.sequence);
  } catch (error) {
    // Made anew next time: whether the server has it is not known.
    series.ref = undefined;
    const { reason } = series.note;
    state.options.log.log('warn', 'event not recorded', { reason, object: series.subject.name, error });
  }
}

async function send(options: EventRecorderOptions, series: Series, sequence: number): Promise<ObjectRef> {
  const { client, signal } = options;
  const counted = { count: series.count, lastTimestamp: rfc3339Seconds(series.lastAt) };
  if (series.ref !== undefined) {
    try {
      await client.patch(series.ref, counted, { type: 'merge', deadlineMs, signal });
      return series.ref;
    } catch (error) {
      // It has expired on the server: this is told in a new one.
      if (!isKubeError(error, 'NotFound')) throw error;
    }
  }
  const namespace = series.subject.namespace ?? 'default';
  const collection = { group: '', version: 'v1', resource: 'events', namespace };
  const created = await client.create(collection, eventBody(options, series, sequence, counted), {
    deadlineMs,
    signal,
  });
  return { ...collection, name: created.metadata.name };
}

/** core/v1 Event, the form that `kubectl describe` reads. */
function eventBody(options: EventRecorderOptions, series: Series, sequence: number, counted: JsonRecord): JsonRecord {
  const { component, instance, clock } = options;
  const { subject, note, firstAt } = series;
  const { namespace = 'default' } = subject;
  // Unique across restarts by the process's life, within one by the sequence.
  const life = clock.incarnation.toLowerCase().replace(/[^a-z0-9]/g, '');
  const suffix = `${life.slice(-8)}${Math.floor(clock.wall()).toString(36)}${sequence.toString(36)}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${subject.name.slice(0, 200)}.${suffix}`, namespace },
    involvedObject: {
      apiVersion: subject.apiVersion,
      kind: subject.kind,
      name: subject.name,
      uid: subject.uid,
      ...(subject.namespace === undefined ? {} : { namespace: subject.namespace }),
    },
    type: note.type,
    reason: note.reason,
    message: note.message.slice(0, maxMessage),
    firstTimestamp: rfc3339Seconds(firstAt),
    ...counted,
    source: { component },
    reportingComponent: component,
    reportingInstance: instance,
  };
}
