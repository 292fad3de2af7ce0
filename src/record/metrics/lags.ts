import type { Fact } from '../../api/fact.ts';
import { ageMs, type Instant } from '../../ports/clock.ts';

/** How far the standby of one database lies behind, ms. */
export interface Lag {
  readonly database: string;
  readonly ms: number;
}

/**
 * The lag that each plan's last pass found. It is in no object, so it is kept here until the plan's next look is overdue:
 * a gap before that would let an alert begin anew with each look, and a lag that nobody looks at is not known any more.
 */
export interface Lags {
  /** `restMs`: in which the plan is looked at again, if nothing goes wrong. */
  note(planUid: string, at: Instant, restMs: number, lags: Readonly<Record<string, Fact<number>>>): void;
  of(planUid: string, now: Instant): readonly Lag[];
  /** Forgets the plans that are not there any more. */
  retain(planUids: ReadonlySet<string>): void;
}

interface Noted {
  readonly at: Instant;
  readonly goodForMs: number;
  readonly lags: readonly Lag[];
}

/** Where plans rest for seconds, some passes may fail before what was known is not. */
const leastMs = 60_000;

/**
 * So many rests may pass until a look is overdue: it waits for a worker and for sessions, and its servers may be slow.
 * As a rest is two thirds of the RPO at most, nothing is shown for longer than the RPO where that is a minute or more.
 */
const overdueRests = 1.5;

export function createLags(): Lags {
  const noted = new Map<string, Noted>();
  return {
    note(planUid, at, restMs, lags) {
      const known = Object.entries(lags).flatMap(([database, lag]) => (lag.known ? [{ database, ms: lag.value }] : []));
      noted.set(planUid, { at, goodForMs: Math.max(leastMs, restMs * overdueRests), lags: known });
    },
    of(planUid, now) {
      const had = noted.get(planUid);
      return had === undefined || ageMs(now, had.at) > had.goodForMs ? [] : had.lags;
    },
    retain(planUids) {
      for (const uid of noted.keys()) if (!planUids.has(uid)) noted.delete(uid);
    },
  };
}
