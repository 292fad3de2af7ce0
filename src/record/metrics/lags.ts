import type { Fact } from '../../api/fact.ts';
import { ageMs, type Instant } from '../../ports/clock.ts';

/** How far the standby of one database lies behind, ms. */
export interface Lag {
  readonly database: string;
  readonly ms: number;
}

/**
 * The lag that each plan's last pass found. It is in no object, so it is kept here; what was not looked at again within
 * `freshMs` is not known any more.
 */
export interface Lags {
  note(planUid: string, at: Instant, lags: Readonly<Record<string, Fact<number>>>): void;
  of(planUid: string, now: Instant): readonly Lag[];
  /** Forgets the plans that are not there any more. */
  retain(planUids: ReadonlySet<string>): void;
}

/** Ten passes of a plan at rest: a lag that is older says nothing of now. */
export const freshMs = 60_000;

export function createLags(): Lags {
  const noted = new Map<string, { readonly at: Instant; readonly lags: readonly Lag[] }>();
  return {
    note(planUid, at, lags) {
      const known = Object.entries(lags).flatMap(([database, lag]) => (lag.known ? [{ database, ms: lag.value }] : []));
      noted.set(planUid, { at, lags: known });
    },
    of(planUid, now) {
      const had = noted.get(planUid);
      return had === undefined || ageMs(now, had.at) > freshMs ? [] : had.lags;
    },
    retain(planUids) {
      for (const uid of noted.keys()) if (!planUids.has(uid)) noted.delete(uid);
    },
  };
}
