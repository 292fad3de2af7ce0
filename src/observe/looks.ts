import type { Fact } from '../api/fact.ts';
import type { Seen, Streak } from '../decide/facts.ts';
import { ageMs, instant, type Clock, type Instant } from '../ports/clock.ts';

/** Reads an aspect of a value whose standing still is evidence: `receiver` -> position and time of its last message. */
export type Aspects<T> = Readonly<Record<string, (value: T) => string>>;

export interface LookOptions {
  readonly clock: Clock;
  /** A look younger than this serves again, ms. */
  readonly reuseMs: number;
  /** Told when a look that nobody waited for any longer has ended. */
  readonly onLate: () => void;
}

/** What was seen under each key, one look at a time for each, so that a hung endpoint is asked once and delays nobody. */
export interface Looks<T> {
  /**
   * Starts a look, unless one is under way or the last one is young enough and began no earlier than `since`, wall ms.
   * Resolves when it has ended; never rejects.
   */
  look(key: string, ask: () => Promise<Fact<T>>, since?: number): Promise<void>;
  seen(key: string): Seen<T> | undefined;
}

interface Entry<T> {
  seen: Seen<T> | undefined;
  underWay: Promise<void> | undefined;
  /** When the last look began. */
  began: Instant | undefined;
}

export function createLooks<T>(options: LookOptions, aspects: Aspects<T>): Looks<T> {
  const entries = new Map<string, Entry<T>>();
  const { clock } = options;
  return {
    look(key, ask, since = 0) {
      const entry = entryOf(entries, key);
      if (entry.underWay !== undefined) return entry.underWay;
      const now = instant(clock);
      const { began } = entry;
      const isYoung = began !== undefined && began.wall >= since && ageMs(now, began) < options.reuseMs;
      if (isYoung && entry.seen !== undefined) return Promise.resolve();
      entry.began = now;
      const looking = ask().then(
        (fact) => {
          entry.seen = next(entry.seen, fact, aspects);
        },
        (error: unknown) => {
          const detail = error instanceof Error ? error.message : String(error);
          entry.seen = next(entry.seen, { known: false, why: 'Malformed', detail, since: now }, aspects);
        },
      );
      entry.underWay = looking.then(() => {
        entry.underWay = undefined;
        options.onLate();
      });
      return entry.underWay;
    },
    seen: (key) => entries.get(key)?.seen,
  };
}

function entryOf<T>(entries: Map<string, Entry<T>>, key: string): Entry<T> {
  const found = entries.get(key);
  if (found !== undefined) return found;
  const entry: Entry<T> = { seen: undefined, underWay: undefined, began: undefined };
  entries.set(key, entry);
  return entry;
}

/** A wall clock may run that much otherwise than the monotonic one, ms; more is a jump, and spoils what lay before it as evidence. */
const jumpMs = 1_000;

function jumped(before: Instant, now: Instant): boolean {
  return Math.abs(now.wall - now.monotonic - (before.wall - before.monotonic)) > jumpMs;
}

/** Unknown keeps when it began to be so, and the last value, and tells of the newest look; it breaks every streak. */
function next<T>(previous: Seen<T> | undefined, fact: Fact<T>, aspects: Aspects<T>): Seen<T> {
  if (!fact.known) {
    const before = previous?.fact;
    if (before === undefined) return { fact, streaks: {} };
    if (before.known) return { fact: { ...fact, last: { value: before.value, at: before.at } }, streaks: {} };
    const last = before.last === undefined ? {} : { last: before.last };
    return { fact: { ...fact, since: before.since, looked: fact.since, ...last }, streaks: {} };
  }
  const streaks = Object.fromEntries(
    Object.entries(aspects).map(([name, read]): [string, Streak] => {
      const value = read(fact.value);
      const had = previous?.streaks[name];
      const goesOn = had?.value === value && !jumped(had.since, fact.at);
      return [name, goesOn ? { ...had, count: had.count + 1 } : { value, since: fact.at, count: 1 }];
    }),
  );
  return { fact, streaks };
}
