import { peerOf } from '../../api/plan.ts';
import type { LastRun, PlanStatus } from '../../api/plan-status.ts';
import type { DatabaseRecovery, Run } from '../../api/run.ts';
import { rtoSegments } from '../../api/rto-segments.ts';
import { rtoClock } from '../../api/rto-clock.ts';
import { isTerminalPhase } from '../phases.ts';
import type { PlanFacts } from './facts.ts';
import { runName } from './wish.ts';

/** What has become of the Run that the status names. */
export type Tracked =
  | { readonly kind: 'None' }
  /** Named, and not there yet: to be made. */
  | { readonly kind: 'Missing'; readonly epoch: number }
  /** Made, now bound by name, UID and epoch. */
  | { readonly kind: 'Bind'; readonly status: PlanStatus }
  /** Its name is taken by a Run of another plan or another epoch (restored from a backup): the next epoch is tried. */
  | { readonly kind: 'Rename'; readonly status: PlanStatus }
  /** It is there and cannot be read: whether it is under way, nobody can tell. */
  | { readonly kind: 'Unread'; readonly name: string; readonly problem: string }
  /** It was bound and is gone. */
  | { readonly kind: 'Lost'; readonly status: PlanStatus; readonly name: string }
  | { readonly kind: 'Running'; readonly run: Run }
  | { readonly kind: 'Ended'; readonly run: Run };

export function trackRun(facts: PlanFacts): Tracked {
  const { status, plan } = facts;
  const current = status.currentRun;
  if (current === undefined) return { kind: 'None' };
  const unread = facts.unread.find((run) => run.name === current.name);
  if (unread?.uid !== undefined && (current.uid ?? unread.uid) === unread.uid) return { kind: 'Unread', ...unread };
  const named = facts.runs.find((run) => run.name === current.name);
  if (current.uid === undefined) {
    if (named === undefined) return { kind: 'Missing', epoch: current.epoch };
    if (
      named.spec.planRef.uid === plan.uid &&
      named.spec.epoch === current.epoch &&
      !isTerminalPhase(named.status.phase)
    ) {
      return { kind: 'Bind', status: { ...status, currentRun: { ...current, uid: named.uid } } };
    }
    const epoch = 1 + Math.max(current.epoch, ...facts.runs.map((run) => run.spec.epoch));
    return { kind: 'Rename', status: { ...status, epoch, currentRun: { name: runName(facts, epoch), epoch } } };
  }
  if (named?.uid !== current.uid) {
    const { currentRun: _gone, activeRegion: _unsure, adoptedAt: _again, ...rest } = status;
    return { kind: 'Lost', status: rest, name: current.name };
  }
  return isTerminalPhase(named.status.phase) ? { kind: 'Ended', run: named } : { kind: 'Running', run: named };
}

/** What the plan shows of a run under way: the platform has moved when it was seen healthy there. */
export function progress(facts: PlanFacts, run: Run): PlanStatus {
  const { status } = facts;
  const moved = run.status.milestones.sustained;
  if (moved === undefined || run.status.snapshot?.enforcement === 'Observe') return status;
  return {
    ...status,
    activeRegion: run.spec.targetRegion,
    lastFailoverAt: status.lastFailoverAt === undefined ? moved : Math.max(status.lastFailoverAt, moved),
  };
}

/**
 * The run is over: it becomes the last one. One that was turned back leaves the wish where the platform is; so does one
 * that was aborted where the field is set back by now, for this write says Ready, and whoever waits for that may set it
 * again before the next: that would be taken for the old wish.
 */
export function ended(facts: PlanFacts, run: Run): PlanStatus {
  const { currentRun: _over, ...rest } = progress(facts, run);
  const source = peerOf(facts.plan.spec, run.spec.targetRegion);
  const status = { ...rest, lastRun: lastRun(run, source) };
  const reverted = run.status.abort?.reason === 'Reverted';
  const setBack = run.status.phase === 'Aborted' && facts.plan.spec.activeRegion === source;
  if (!reverted && !setBack) return status;
  const { reversalPending: _answered, ...there } = status;
  return { ...there, acknowledgedActiveRegion: source };
}

function lastRun(run: Run, from: string): LastRun {
  const { status } = run;
  const start = rtoClock(run.status)?.at;
  const worst = status.recovery.toSorted(byBadness)[0];
  return {
    name: run.name,
    epoch: run.spec.epoch,
    from,
    to: run.spec.targetRegion,
    phase: status.phase,
    finishedAt: status.finishedAt ?? 0,
    ...(status.mode === undefined ? {} : { mode: status.mode }),
    ...(status.milestones.sustained === undefined || start === undefined
      ? {}
      : { rtoMs: status.milestones.sustained - start, segments: rtoSegments(status) }),
    ...(worst === undefined
      ? {}
      : { rpo: { grade: worst.grade, ...(worst.lossMs === undefined ? {} : { lossMs: worst.lossMs }) } }),
  };
}

/** The worst first: what is not known, then what is still open, then by what was lost. */
function byBadness(a: DatabaseRecovery, b: DatabaseRecovery): number {
  const rank = ({ grade }: DatabaseRecovery): number => (grade === 'Unknown' ? 0 : grade === 'Estimated' ? 1 : 2);
  return rank(a) - rank(b) || (b.lossMs ?? 0) - (a.lossMs ?? 0);
}
