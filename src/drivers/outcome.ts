/**
 * What an actuator says of one attempt. None of them means that the effect is complete: completion is observed.
 * `Accepted`: the other side took it. `Refused`: it said no, and nothing was changed by this attempt. `OutcomeUnknown`:
 * the reply was lost; only an observation can tell. `change`: what the other side calls it, to be asked how far it is.
 */
export type ApplyResult =
  | { readonly kind: 'Accepted'; readonly detail?: string; readonly change?: string }
  | { readonly kind: 'Refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'OutcomeUnknown'; readonly detail: string };

/** Names one effect for good: run, epoch, step and action. Goes to the other side wherever it has a place for it. */
export interface EffectToken {
  readonly identity: string;
  readonly epoch: number;
  readonly runUid: string;
  /** `<run name>/<step id>/<action>/<attempt>`. */
  readonly token: string;
}
