import type { Invariant } from './invariant.ts';
import { noSecondWriter } from './01-no-second-writer.ts';
import { promoteAfterEvidence } from './02-promote-after-evidence.ts';
import { trafficToOpenDatabases } from './03-traffic-to-open-databases.ts';
import { compareAndSwap } from './04-compare-and-swap.ts';
import { noStaleEpoch } from './05-no-stale-epoch.ts';
import { atMostOnce } from './06-at-most-once.ts';
import { plannedLosesNothing } from './07-planned-loses-nothing.ts';
import { lossWithinBound } from './08-loss-within-bound.ts';
import { lossAccepted } from './09-loss-accepted.ts';
import { abortLeavesNothing } from './10-abort-leaves-nothing.ts';
import { sourceBlackHoled } from './11-source-black-holed.ts';
import { fixpoint } from './12-fixpoint.ts';
import { terminates } from './13-terminates.ts';
import { twoAreOne } from './14-two-are-one.ts';
import { pinned } from './15-pinned.ts';
import { cooldownHolds } from './16-cooldown.ts';
import { observeChangesNothing } from './17-observe-changes-nothing.ts';
import { noPlanDelaysAnother } from './18-no-plan-delays-another.ts';
import { thereAndBack } from './19-there-and-back.ts';
import { deletionActsOnNothing } from './20-deletion-acts-on-nothing.ts';
import { noSecrets } from './21-secrets.ts';
import { evidenceOfThisGeneration } from './22-evidence-of-this-generation.ts';
import { readyMeansConverged } from './23-ready-means-converged.ts';
import { fenceFirstOnReturn } from './24-fence-first-on-return.ts';
import { divergedDataKept } from './25-diverged-data-kept.ts';
import { movedByHand } from './26-moved-by-hand.ts';
import { pausedBeginsNothing } from './27-paused-begins-nothing.ts';
import { leftOutIsNotBegun } from './28-left-out-is-not-begun.ts';
import { askedIsAnswered } from './29-asked-is-answered.ts';

export type { Invariant } from './invariant.ts';

/** DESIGN.md §3, in its order; then what docs/steering.md promises. */
export const invariants: readonly Invariant[] = [
  noSecondWriter,
  promoteAfterEvidence,
  trafficToOpenDatabases,
  compareAndSwap,
  noStaleEpoch,
  atMostOnce,
  plannedLosesNothing,
  lossWithinBound,
  lossAccepted,
  abortLeavesNothing,
  sourceBlackHoled,
  fixpoint,
  terminates,
  twoAreOne,
  pinned,
  cooldownHolds,
  observeChangesNothing,
  noPlanDelaysAnother,
  thereAndBack,
  deletionActsOnNothing,
  noSecrets,
  evidenceOfThisGeneration,
  readyMeansConverged,
  fenceFirstOnReturn,
  divergedDataKept,
  movedByHand,
  pausedBeginsNothing,
  leftOutIsNotBegun,
  askedIsAnswered,
];
