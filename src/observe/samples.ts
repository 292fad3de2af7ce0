import type { PositionSample } from '../api/run.ts';
import type { Known } from '../api/fact.ts';
import { thinSamples } from '../decide/samples.ts';
import type { DatabaseState } from '../drivers/databases/driver.ts';

/** The wall clock may differ from the monotonic one by this much between two samples, ms; more is a jump. */
const jumpMs = 1_000;

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
  /** What was saved by an earlier life, or by another leader: joined with what was seen since. */
  restore(planUid: string, samples: readonly PositionSample[]): void;
  forget(planUid: string): void;
  /** Plans with samples, for saving. */
  all(): ReadonlyMap<string, readonly PositionSample[]>;
}

export function createSamples(): Samples {
  const byPlan = new Map<string, readonly PositionSample[]>();
  let offset: { readonly incarnation: string; readonly ms: number } | undefined;
  return {
    add(planUid, database, region, { value, at }, replayed) {
      const ms = at.wall - at.monotonic;
      // A jump of the wall spoils every older sample: their times are of another clock.
      if (offset?.incarnation === at.incarnation && Math.abs(ms - offset.ms) > jumpMs) {
        byPlan.clear();
      }
      offset = { incarnation: at.incarnation, ms };
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
    restore: (planUid, saved) => {
      const own = byPlan.get(planUid) ?? [];
      const isOwn = ({ database, region, at }: PositionSample): boolean =>
        own.some((s) => s.database === database && s.region === region && s.at === at);
      const all = [...saved.filter((sample) => !isOwn(sample)), ...own];
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
