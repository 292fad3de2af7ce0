import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { KubeClient } from './client.ts';
import type { JsonRecord } from './json.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import { rfc3339Seconds } from './timestamp.ts';

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
  /** How much of `count` the server knows, and under which name. */
  written: number;
  ref: ObjectRef | undefined;
}

const maxSeries = 500;
const deadlineMs = 10_000;
/** The API's own bound for a note. */
const maxMessage = 1024;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log, signal, ratePerSecond = 1, burst = 25 } = options;
  const series = new Map<string, Series>();
  const pending = new Set<string>();
  let sequence = 0;
  let draining = false;
  let tokens = burst;
  let refilledAt = clock.monotonic();

  const token = async (): Promise<void> => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - refilledAt) * ratePerSecond) / 1000);
    refilledAt = now;
    tokens -= 1;
    if (tokens < 0) await clock.sleep(Math.ceil((-tokens * 1000) / ratePerSecond), signal);
  };

  const write = async (current: Series): Promise<void> => {
    const { count } = current;
    sequence += 1;
    current.ref = await send(options, current, sequence);
    current.written = count;
  };

  const drain = async (): Promise<void> => {
    draining = true;
    try {
      for (const [key] of pending.entries()) {
        if (signal.aborted) return;
        await token();
        pending.delete(key);
        const current = series.get(key);
        if (current === undefined) continue;
        await write(current).catch((error: unknown) => {
          // Made anew next time: the Event may have expired on the server.
          current.ref = undefined;
          log.log('warn', 'event not recorded', { reason: current.note.reason, object: current.subject.name, error });
        });
      }
    } finally {
      draining = false;
    }
  };

  const wake = (): void => {
    if (draining || signal.aborted) return;
    drain().catch((error: unknown) => {
      if (!signal.aborted) log.log('error', 'event recorder stopped', { error });
    });
  };

  const makeRoom = (): void => {
    const [oldest] = series.keys();
    if (series.size <= maxSeries || oldest === undefined) return;
    if (pending.delete(oldest)) log.log('warn', 'event dropped', { reason: series.get(oldest)?.note.reason });
    series.delete(oldest);
  };

  return {
    record: (subject, note) => {
      const key = JSON.stringify([subject.uid, subject.kind, subject.name, note.type, note.reason, note.message]);
      const now = clock.wall();
      const known = series.get(key);
      const current = known ?? { subject, note, firstAt: now, lastAt: now, count: 0, written: 0, ref: undefined };
      current.count += 1;
      current.lastAt = now;
      // Moved to the end: what was seen last is dropped last.
      series.delete(key);
      series.set(key, current);
      makeRoom();
      pending.add(key);
      wake();
    },
  };
}

async function send(options: EventRecorderOptions, series: Series, sequence: number): Promise<ObjectRef> {
  const { client, signal } = options;
  const counted = { count: series.count, lastTimestamp: rfc3339Seconds(series.lastAt) };
  if (series.ref !== undefined) {
    await client.patch(series.ref, counted, { type: 'merge', deadlineMs, signal });
    return series.ref;
  }
  const namespace = series.subject.namespace ?? 'default';
  const collection = { group: '', version: 'v1', resource: 'events', namespace };
  const created = await client.create(collection, eventBody(options, series, sequence, counted), {
    deadlineMs,
    signal,
  });
  return { ...collection, name: nameOf(created) };
}

function nameOf(object: KubeObject): string {
  return object.metadata.name;
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
