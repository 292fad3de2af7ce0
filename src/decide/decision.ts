import type { Intent, RunStatus } from '../api/run.ts';
import type { Need } from './facts.ts';
import type { Effect } from './judgement.ts';

/** An effect whose intent is in `status`: performed only once that was written. */
export interface PlannedEffect {
  readonly stepId: string;
  readonly intent: Intent;
  readonly effect: Effect;
}

/** One thing that people are told: an Event on the Run. Never the journal. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface RunDecision {
  readonly status: RunStatus;
  readonly effects: readonly PlannedEffect[];
  readonly notices: readonly Notice[];
  /** What the next pass has to look at. */
  readonly needs: readonly Need[];
  /** ms; absent: only an event wakes it. */
  readonly wakeAfterMs?: number;
}
