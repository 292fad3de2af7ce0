import { rtoClock } from './rto-clock.ts';
import type { RunStatus } from './run.ts';
import { milestoneNames } from './vocabulary.ts';

export type RtoMilestone = Exclude<(typeof milestoneNames)[number], 'cachesExpireBy'>;

/** In the order in which they mostly come; when old answers expire is foretold, and no part of the RTO. DESIGN.md "Measuring". */
export const rtoMilestones: readonly RtoMilestone[] = Object.freeze(
  milestoneNames.filter((name) => name !== 'cachesExpireBy'),
);

/** How long it took from the milestone before to this one, ms. */
export interface RtoSegment {
  readonly milestone: RtoMilestone;
  readonly ms: number;
}

/**
 * From one milestone that was seen to the next one in time, from where the plan's clock starts to where it stops: of a run
 * that is sustained healthy they add up to its RTO. What comes later, such as the fence of a region that has returned,
 * is no part of it.
 */
export function rtoSegments(status: Pick<RunStatus, 'milestones' | 'snapshot'>): readonly RtoSegment[] {
  const { milestones } = status;
  const start = rtoClock(status)?.at;
  if (start === undefined) return [];
  const end = milestones.sustained ?? Infinity;
  const seen = rtoMilestones.flatMap((milestone) => {
    const at = milestones[milestone];
    return at === undefined || at < start || at > end ? [] : [{ milestone, at }];
  });
  const sorted = seen.sort((a, b) => a.at - b.at);
  return sorted.slice(1).map(({ milestone, at }, index) => ({ milestone, ms: at - (sorted[index]?.at ?? at) }));
}
