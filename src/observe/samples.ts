import type { PositionSample } from '../api/run.ts';
import type { Known } from '../api/fact.ts';
import { thinSamples } from '../decide/samples.ts';
import type { DatabaseState } from '../drivers/databases/driver.ts';
import type { Instant } from '../ports/clock.ts';

/** The wall clock may differ from the monotonic one by this much between two samples, ms; more is a jump. */
const jumpMs = 1_000;

/** By which what others saved is judged. */
export interface RestoringClock {
  readonly now: Instant;
  /** Difference allowed between two operators' clocks, ms. */
  readonly skewMs: number;
}

/** Positions of writers over time, for each plan: what a loss is bounded by (design/POSTGRESQL.md, "RPO, on one clock"). */
export interface Samples {
  /** A look at a primary, and how far its standby has replayed. */
  add(
    planUid: string,
    database: string,
    region: string,
    source: Known<DatabaseState>,
    replayed: string | undefined,
  ): void;
  of(planUid: string): readonly PositionSample[];
  /**
   * What was saved by an earlier life, or by another leader: joined with what was seen since. What is dated further
   * ahead than clocks may differ is dropped: until then it would pass for the newest, and refuse every look.
   */
  restore(planUid: string, samples: readonly PositionSample[], clock: RestoringClock): void;
  forget(planUid: string): void;
  /** Plans with samples, for saving. */
  all(): ReadonlyMap<string, readonly PositionSample[]>;
}

export function createSamples(): Samples {
  const byPlan = new Map<string, readonly PositionSample[]>();
  let offset: Offset | undefined;
  return {
    add(planUid, database, region, { value, at }, replayed) {
      const current = offsetOf(at);
      // A jump of the wall spoils every older sample: their times are of another clock.
      if (offset?.incarnation === at.incarnation && Math.abs(current.ms - offset.ms) > jumpMs) {
        byPlan.clear();
      }
      offset = current;
      const samples = byPlan.get(planUid) ?? [];
      const others = samples.filter((s) => s.database !== database || s.region !== region);
      const own = samples.filter((s) => s.database === database && s.region === region);
      if (own.some((s) => s.at >= at.wall)) return;
      byPlan.set(planUid, [
        ...others,
        ...thinSamples([...own, { database, region, at: at.wall, lsn: value.position }], replayed),
      ]);
    },
    of: (planUid) => byPlan.get(planUid) ?? [],
    restore: (planUid, saved, { now, skewMs }) => {
      // Judged by a clock that may be set right before the first look.
      offset ??= offsetOf(now);
      const past = saved.filter(({ at }) => at <= now.wall + skewMs);
      const own = byPlan.get(planUid) ?? [];
      const isOwn = ({ database, region, at }: PositionSample): boolean =>
        own.some((s) => s.database === database && s.region === region && s.at === at);
      const all = [...past.filter((sample) => !isOwn(sample)), ...own];
      byPlan.set(
        planUid,
        all.sort((a, b) => a.at - b.at),
      );
    },
    forget: (planUid) => {
      byPlan.delete(planUid);
    },
    all: () => byPlan,
  };
}

/** The wall clock against the monotonic one. */
interface Offset {
  readonly incarnation: string;
  readonly ms: number;
}

function offsetOf({ wall, monotonic, incarnation }: Instant): Offset {
  return { incarnation, ms: wall - monotonic };
}
