import type { History } from '../history.ts';

/** A sentence of DESIGN.md §3 as a function over what the witnesses saw. */
export interface Invariant {
  readonly number: number;
  readonly name: string;
  /** Whether this history could have broken it. One whose premise was never met has not been tested. */
  premise(history: History): boolean;
  /** Each a sentence with the witness's evidence; none where it held. */
  violations(history: History): readonly string[];
}
