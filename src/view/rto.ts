import { rtoClock } from '../api/rto-clock.ts';
import type { Run } from '../api/run.ts';

export interface Segment {
  readonly name: string;
  readonly ms: number;
}

const order = [
  'disruption',
  'detected',
  'declared',
  'started',
  'fenced',
  'opened',
  'trafficObserved',
  'smokePassed',
  'sustained',
] as const;

const names: Readonly<Record<(typeof order)[number], string>> = Object.freeze({
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

/** From one milestone that was seen to the next one in time; those before the clock's start are left out. */
export function segmentsOf(run: Run): readonly Segment[] {
  const { milestones } = run.status;
  const start = rtoClock(run.status)?.at;
  const seen = order.flatMap((key) => {
    const at = milestones[key];
    return at === undefined || start === undefined || at < start ? [] : [{ key, at }];
  });
  const sorted = seen.sort((a, b) => a.at - b.at);
  return sorted.slice(1).map(({ key, at }, index) => ({ name: names[key], ms: at - (sorted[index]?.at ?? at) }));
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
