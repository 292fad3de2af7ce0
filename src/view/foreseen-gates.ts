import { conditionOf } from '../api/conditions.ts';
import { formatDuration } from '../api/duration.ts';
import { peerOf, type Plan } from '../api/plan.ts';
import type { Condition, PlanStatus } from '../api/plan-status.ts';
import type { Reason } from '../api/reasons/index.ts';
import { formatTime } from '../api/time.ts';
import type { ForeseenMode } from './preview.ts';
import type { PredictedLoss } from './predicted-loss.ts';
import { amountWords } from './words.ts';

export interface ForeseenGate {
  readonly reason: Reason;
  /** The step that it would hold; absent: no Run would begin. */
  readonly step?: string;
  readonly message: string;
  /** Whose move it is then. `Perhaps`: it depends on what is seen at that moment. */
  readonly then: 'Person' | 'Repair' | 'Perhaps';
}

interface Known {
  readonly plan: Plan;
  readonly status: PlanStatus;
  readonly target: string;
  readonly now: number;
}

/** What would stop a move that begins now, as far as the plan's own status can tell; decide/rules has the gates themselves. */
export function foreseenGates(
  known: Known,
  mode: ForeseenMode,
  losses: readonly PredictedLoss[],
): readonly ForeseenGate[] {
  return [
    ...neverBegins(known),
    ...halted(known),
    ...undecided(known, mode),
    ...approvals(known, mode),
    ...standby(known, mode),
    ...sizes(known),
    ...(mode.mode === 'Forced' ? [...fences(known), ...loss(known, losses)] : []),
  ];
}

/** Reasons of Ready with which a change of the field is not taken up. */
const stopping: readonly Reason[] = Object.freeze([
  'NotAccepted',
  'AdoptionUnknown',
  'ActiveRegionMismatch',
  'OutOfBandChange',
  'RunInProgress',
  'ReversalPending',
  'EpochUnproven',
  'RunsCapped',
  'Deleting',
  'ActiveRegionOverridden',
]);

function neverBegins({ plan, status, target }: Known): readonly ForeseenGate[] {
  const ready = conditionOf(status.conditions, 'Ready');
  const reason = stopping.find((one) => one === ready?.reason);
  const held: ForeseenGate[] =
    reason === undefined || ready === undefined ? [] : [{ reason, message: ready.message, then: 'Repair' }];
  if (status.activeRegion === undefined && held.length === 0) {
    held.push({ reason: 'Pending', message: 'The operator has not adopted this plan yet.', then: 'Repair' });
  }
  if (status.activeRegion === target) {
    held.push({
      reason: 'Active',
      message: `${plan.name} is active in ${target} already: nothing would be done.`,
      then: 'Repair',
    });
  }
  return held;
}

/** Whoever is needed to begin in spite of it is a person. */
function halted({ status }: Known): readonly ForeseenGate[] {
  const found = conditionOf(status.conditions, 'Halted');
  if (found?.status !== 'True') return [];
  return [{ reason: 'Halted', step: 'approve', message: found.message, then: 'Person' }];
}

function undecided(_known: Known, { decided, why }: ForeseenMode): readonly ForeseenGate[] {
  return decided ? [] : [{ reason: 'ModeUndecided', step: 'assess', message: `Mode: ${why}.`, then: 'Person' }];
}

function approvals({ plan, status, target, now }: Known, { mode }: ForeseenMode): readonly ForeseenGate[] {
  const { approval, cooldownMs } = plan.spec.failover;
  const gates: ForeseenGate[] = [];
  if (approval === 'Always' || (approval === 'Forced' && mode === 'Forced')) {
    const message = `The plan wants a person's word for it (approval: ${approval}).`;
    gates.push({ reason: 'ApprovalRequired', step: 'approve', message, then: 'Person' });
  }
  const until = status.lastFailoverAt === undefined ? undefined : status.lastFailoverAt + cooldownMs;
  if (until !== undefined && now < until) {
    const message = `The last failover is less than ${formatDuration(cooldownMs)} ago; it would wait until ${formatTime(until)}, or for a person.`;
    gates.push({ reason: 'Cooldown', step: 'approve', message, then: 'Person' });
  }
  const colocated = conditionOf(status.conditions, 'Protected');
  if (colocated?.reason === 'OperatorColocated' && status.activeRegion === peerOf(plan.spec, target)) {
    gates.push({ reason: 'OperatorColocated', step: 'approve', message: colocated.message, then: 'Person' });
  }
  return gates;
}

function standby({ plan, status }: Known, { mode }: ForeseenMode): readonly ForeseenGate[] {
  const [first] = plan.spec.databases;
  const found = conditionOf(status.conditions, 'Protected');
  if (first === undefined || found === undefined || found.status === 'True') return [];
  const held = (reason: Reason, then: ForeseenGate['then']): readonly ForeseenGate[] => [
    { reason, step: `preflight/${first.name}`, message: found.message, then },
  ];
  return protectedGates(found, mode, held);
}

function protectedGates(
  { reason }: Condition,
  mode: ForeseenMode['mode'],
  held: (reason: Reason, then: ForeseenGate['then']) => readonly ForeseenGate[],
): readonly ForeseenGate[] {
  if (reason === 'RightsMissing') return held('TargetNotReady', 'Repair');
  if (reason === 'StandbyUnknown') return held('TargetNotReady', 'Perhaps');
  return reason === 'NotStreaming' && mode === 'Planned' ? held('TargetNotReady', 'Repair') : [];
}

/** A count that comes from the source has to be seen there, or to have been seen. */
function sizes({ plan, status }: Known): readonly ForeseenGate[] {
  return plan.spec.workloads
    .filter(({ active, name }) => 'replicasFrom' in active && !status.workloads.some((seen) => seen.name === name))
    .map(({ name }) => ({
      reason: 'ReplicasUnknown',
      step: `preflight/${name}`,
      message: `No healthy count of ${name} was ever recorded; it would have to be seen in its source.`,
      then: 'Perhaps',
    }));
}

function fences({ plan, target }: Known): readonly ForeseenGate[] {
  const { fencing } = plan.spec.failover;
  const source = peerOf(plan.spec, target);
  if (plan.spec.databases.length === 0) return stops(plan, source);
  if (fencing !== 'Verified') return [];
  return plan.spec.databases.map(({ name }) => ({
    reason: 'FenceNotProven',
    step: `fence/${name}`,
    message: `If ${name} in ${source} cannot be reached and fenced, a person has to attest since when it takes no writes.`,
    then: 'Perhaps',
  }));
}

/** Without a database it is these that must not run twice, whatever `fencing` says. */
function stops({ spec }: Plan, source: string): readonly ForeseenGate[] {
  return spec.workloads
    .filter(({ quiesce }) => quiesce)
    .map(({ name }) => ({
      reason: 'FenceNotProven',
      step: `quiesce/${name}`,
      message: `If ${name} in ${source} cannot be seen stopped, a person has to attest since when it is.`,
      then: 'Perhaps',
    }));
}

function loss({ plan }: Known, losses: readonly PredictedLoss[]): readonly ForeseenGate[] {
  const { rpoMs } = plan.spec.objectives;
  return losses.map((predicted): ForeseenGate => {
    const isOwed = predicted.lossMs === undefined || predicted.lossMs > rpoMs;
    return {
      reason: 'DataLossUnaccepted',
      step: `promote/${predicted.database}`,
      message: `${lossGate(predicted, rpoMs)}: a person accepts it then.`,
      then: isOwed ? 'Person' : 'Perhaps',
    };
  });
}

/** What is unknown is not said to be more than anything. */
function lossGate(predicted: PredictedLoss, rpoMs: number): string {
  const { database, lossMs } = predicted;
  if (lossMs === undefined) return `How much of ${database} would be lost cannot be told`;
  const loss = `The loss of ${database} (${amountWords(predicted)})`;
  const rpo = `the RPO of ${formatDuration(rpoMs)}`;
  return lossMs > rpoMs ? `${loss} is more than ${rpo}` : `${loss} may come to be more than ${rpo}, or stay open`;
}
