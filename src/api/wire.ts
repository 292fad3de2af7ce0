import type { DisasterRecoveryPlan, DisasterRecoveryRegion, DisasterRecoveryRun } from './generated.ts';

/** Generated types know no readonly; what is rendered is never changed afterwards. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/**
 * What is written to the API server, as the CRDs have it. Whoever renders a status returns one of these, so that a
 * field the CRD does not know (and would silently prune) does not compile.
 */
export type WirePlanStatus = Frozen<NonNullable<DisasterRecoveryPlan['status']>>;
export type WireRunSpec = Frozen<DisasterRecoveryRun['spec']>;
export type WireRunStatus = Frozen<NonNullable<DisasterRecoveryRun['status']>>;
export type WireRegionStatus = Frozen<NonNullable<DisasterRecoveryRegion['status']>>;

export type WireStep = NonNullable<WireRunStatus['steps']>[number];
export type WireHold = NonNullable<WireStep['waitsFor']>;
export type WireIntent = NonNullable<WireStep['intent']>;
export type WireOutcome = NonNullable<WireStep['outcome']>;
export type WireEvidence = NonNullable<WireOutcome['evidence']>[number];
export type WireRecovery = NonNullable<WireRunStatus['recovery']>[number];
export type WireSkew = NonNullable<WireRunStatus['recoverySkew']>;
export type WireHeardWord = NonNullable<WireRunStatus['words']>[number];
export type WireRefusal = NonNullable<WireRunStatus['refusals']>[number];
export type WireMilestones = NonNullable<WireRunStatus['milestones']>;
export type WireCondition = NonNullable<WireRunStatus['conditions']>[number];
export type WireLastRun = NonNullable<WirePlanStatus['lastRun']>;
