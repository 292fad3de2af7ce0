import { conditionOf } from '../api/conditions.ts';
import { peerOf, type Mode, type Plan } from '../api/plan.ts';
import type { PlanStatus } from '../api/plan-status.ts';
import type { PositionSample, RpoGrade } from '../api/run.ts';

export interface PredictedLoss {
  readonly database: string;
  readonly grade: RpoGrade;
  /** ms; for `Estimated` "at least this, and open". */
  readonly lossMs?: number;
  /** When the source's position was last recorded, wall ms. */
  readonly asOf?: number;
  readonly why: string;
}

interface Known {
  readonly plan: Plan;
  readonly status: PlanStatus;
  readonly target: string;
  readonly samples: readonly PositionSample[];
}

/** What a move would lose if it began now: nothing where it is planned, else what the recorded positions tell. */
export function predictLoss(known: Known, mode: Mode): readonly PredictedLoss[] {
  return known.plan.spec.databases.map(({ name }) =>
    mode === 'Planned'
      ? {
          database: name,
          grade: 'Bounded',
          lossMs: 0,
          why: 'no promotion before the standby has all that was committed',
        }
      : forced(known, name),
  );
}

/**
 * The operator keeps the newest position that the standby has, and those after it (design/POSTGRESQL.md, "RPO, on one
 * clock"), so the span of what is kept is how far the standby lay behind at the last look. What the source commits
 * until it stops comes on top: the loss is open.
 */
function forced({ plan, status, target, samples }: Known, database: string): PredictedLoss {
  const source = peerOf(plan.spec, target);
  const own = samples.filter((sample) => sample.database === database && sample.region === source).map(({ at }) => at);
  const lag = conditionOf(status.conditions, 'RPOMet');
  if (own.length === 0) {
    return { database, grade: 'Unknown', why: `no position of ${source} is recorded, or it could not be read` };
  }
  const asOf = Math.max(...own);
  if (lag?.status === 'Unknown') return { database, grade: 'Unknown', asOf, why: lag.message };
  return {
    database,
    grade: 'Estimated',
    lossMs: asOf - Math.min(...own),
    asOf,
    why: `how far ${target} was behind at the last look; what ${source} commits until it stops comes on top`,
  };
}
