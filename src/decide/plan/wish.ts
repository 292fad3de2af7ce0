import { peerOf } from '../../api/plan.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { RunSpec } from '../../api/run.ts';
import { nextEpoch } from './epoch.ts';
import type { PlanFacts } from './facts.ts';

/** What a change of the field leads to. */
export type Wish =
  | { readonly kind: 'None' }
  | { readonly kind: 'Acknowledge'; readonly region: string }
  /** The field was turned back while a run was past its fence: the way back waits for an explicit word. */
  | { readonly kind: 'Reversal'; readonly region: string }
  | { readonly kind: 'Start'; readonly epoch: number; readonly target: string }
  | { readonly kind: 'Wait'; readonly why: string };

/** Acts on a change of wish only: creating or restoring a plan never causes a failover. */
export function readWish(facts: PlanFacts): Wish {
  const { status } = facts;
  const wanted = facts.plan.spec.activeRegion;
  if (wanted === status.acknowledgedActiveRegion) return { kind: 'None' };
  if (status.currentRun !== undefined) {
    // A run is under way; whether it aborts is the run's own decision. Turned back after its fence: remember that.
    const run = facts.runs.find((r) => r.uid === status.currentRun?.uid);
    const back = run !== undefined && wanted === peerOf(facts.plan.spec, run.spec.targetRegion);
    return back && run.status.abort === undefined ? { kind: 'Reversal', region: wanted } : { kind: 'None' };
  }
  if (wanted === status.activeRegion) return { kind: 'Acknowledge', region: wanted };
  if (status.reversalPending?.region === wanted) return { kind: 'None' };
  const next = nextEpoch(facts, wanted);
  return next.kind === 'Wait' ? { kind: 'Wait', why: next.why } : { kind: 'Start', epoch: next.epoch, target: wanted };
}

/** The Run is named for its epoch, so that two operators that decide the same make the same object. */
export function runName(facts: PlanFacts, epoch: number): string {
  return `${facts.plan.name}-${String(epoch)}`;
}

export function runSpec(facts: PlanFacts, epoch: number, target: string): RunSpec {
  const back = facts.status.lastRun?.from === target && facts.status.lastRun.phase === 'Succeeded';
  return {
    planRef: { name: facts.plan.name, uid: facts.plan.uid },
    epoch,
    targetRegion: target,
    type: back ? 'Failback' : 'Failover',
    desiredState: 'Running',
    approvals: [],
    attestations: [],
    skips: [],
    retries: [],
    takeovers: [],
    origin: 'PlanField',
  };
}

/** The status that takes the wish up: written before the Run is made, so that a crash between them makes the same Run. */
export function started(facts: PlanFacts, epoch: number, target: string): PlanStatus {
  const { reversalPending: _answered, ...rest } = facts.status;
  return { ...rest, acknowledgedActiveRegion: target, epoch, currentRun: { name: runName(facts, epoch), epoch } };
}
