import type { Fact } from '../../api/fact.ts';
import type { HttpExpectation } from '../../api/plan.ts';

/** One look at a URL. `ok: false` is a known answer that was not the expected one; no answer is unknown. */
export type CheckResult =
  { readonly ok: true; readonly detail: string } | { readonly ok: false; readonly detail: string };

export interface CheckRef {
  /** Groups consecutive successes: `<run uid or plan uid>/<check name>`. */
  readonly key: string;
  readonly generation: number;
  readonly http: HttpExpectation;
}

/** Body never in `detail`. `successes` consecutive ones are counted by the rules, not here: one call, one look. */
export interface CheckObserver {
  check(ref: CheckRef, signal: AbortSignal): Promise<Fact<CheckResult>>;
}
