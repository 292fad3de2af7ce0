import type { Objectives } from './plan.ts';
import type { Milestones, RunStatus } from './run.ts';

export interface RtoClock {
  /** Wall ms. */
  readonly at: number;
  /** What it is the instant of: what the plan asks for, or the declaration where that was not seen. */
  readonly from: Objectives['clockStart'];
}

const milestoneOf = Object.freeze({
  Disruption: 'disruption',
  Detected: 'detected',
  Declared: 'declared',
  Started: 'started',
} as const satisfies Record<Objectives['clockStart'], keyof Milestones>);

/** From when the plan lets the RTO count; undefined before anything was seen. */
export function rtoClock({ milestones, snapshot }: Pick<RunStatus, 'milestones' | 'snapshot'>): RtoClock | undefined {
  const wanted = snapshot?.objectives.clockStart ?? 'Declared';
  for (const from of [wanted, 'Declared'] as const) {
    const at = milestones[milestoneOf[from]];
    if (at !== undefined) return { at, from };
  }
  return undefined;
}
