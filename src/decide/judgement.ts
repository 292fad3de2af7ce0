import type { Evidence, Hold, OutcomeState, StepStatus } from '../api/run.ts';
import type { DatabaseAction } from '../drivers/databases/driver.ts';
import type { TrafficAction } from '../drivers/traffic/driver.ts';
import type { Context } from './context.ts';
import type { Need } from './facts.ts';

/** What an intent does, computed anew at each attempt; the intent itself only names it. */
export type Effect =
  | { readonly kind: 'Database'; readonly database: string; readonly region: string; readonly action: DatabaseAction }
  | { readonly kind: 'Scale'; readonly workload: string; readonly region: string; readonly replicas: number }
  | { readonly kind: 'Traffic'; readonly record: string; readonly action: TrafficAction }
  | {
      readonly kind: 'Job';
      readonly database: string;
      readonly region: string;
      readonly job: string;
      /** The Jobs before it, which must have ended. */
      readonly after?: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };

/**
 * What a step's rule says of the facts. `Act` wants its effect (the gates may still hold it); `hold` says what it
 * waits for meanwhile. `again`: ms after an accepted attempt at which it is worth asking once more. `found`: what the
 * effect is about to change (see Intent), recorded with the first intent. `gated`: the hold tells a person how to bring the
 * effect about, so what would hold the effect holds the telling.
 */
export type Judgement =
  | { readonly kind: 'Done'; readonly state: OutcomeState; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'Wait'; readonly hold: Hold; readonly gated?: true }
  | {
      readonly kind: 'Act';
      readonly effect: Effect;
      readonly hold: Hold;
      readonly again: number;
      readonly found?: number;
    };

/** One step kind: what to look at, when it is done, what it does; and how to take it back, where it can be. */
export interface StepRule {
  needs(step: StepStatus, ctx: Context): readonly Need[];
  judge(step: StepStatus, ctx: Context): Judgement;
  undo?(step: StepStatus, ctx: Context): Judgement;
}

export function done(state: OutcomeState, ...evidence: readonly Evidence[]): Judgement {
  return { kind: 'Done', state, evidence };
}

export function wait(hold: Hold): Judgement {
  return { kind: 'Wait', hold };
}
