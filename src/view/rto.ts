import { rtoClock } from '../api/rto-clock.ts';
import { rtoMilestones, rtoSegments, type RtoMilestone } from '../api/rto-segments.ts';
import type { Run } from '../api/run.ts';

export interface Segment {
  readonly name: string;
  readonly ms: number;
}

const names: Readonly<Record<RtoMilestone, string>> = Object.freeze({
  disruption: 'disruption',
  detected: 'detected',
  declared: 'declared',
  started: 'approved and started',
  fenced: 'fenced',
  opened: 'databases open',
  trafficObserved: 'traffic observed',
  smokePassed: 'smoke tests passed',
  sustained: 'sustained healthy',
});

/** The RTO's, by the words of the report. */
export function segmentsOf(run: Run): readonly Segment[] {
  return rtoSegments(run.status).map(({ milestone, ms }) => ({ name: names[milestone], ms }));
}

/** What came after it was sustained, which the RTO does not count, ms since then. */
export function laterOf({ status: { milestones } }: Run): readonly Segment[] {
  const { sustained } = milestones;
  return rtoMilestones.flatMap((milestone) => {
    const at = milestones[milestone];
    return sustained === undefined || at === undefined || at <= sustained
      ? []
      : [{ name: names[milestone], ms: at - sustained }];
  });
}

/** ms from where the plan's clock starts to t8; absent until it was seen to be sustained. */
export function rtoOf(run: Run): number | undefined {
  const { sustained } = run.status.milestones;
  const start = rtoClock(run.status)?.at;
  return sustained === undefined || start === undefined ? undefined : sustained - start;
}

/** ms that are left of the plan's RTO; negative: by how much it is missed. Absent once it is sustained, and before the plan is pinned. */
export function rtoLeftOf(run: Run, now: number): number | undefined {
  const { milestones, snapshot } = run.status;
  const start = rtoClock(run.status)?.at;
  if (snapshot === undefined || start === undefined || milestones.sustained !== undefined) return undefined;
  return snapshot.objectives.rtoMs - Math.max(0, now - start);
}
