import { isScheduled, peerOf } from '../../api/plan.ts';
import type { Condition, PlanStatus } from '../../api/plan-status.ts';
import type { Run } from '../../api/run.ts';
import { awaitsPerson } from '../awaits-person.ts';
import type { PlanFacts } from './facts.ts';
import { fenceIncomplete } from './fence-duty.ts';
import { identityInUse } from './identity.ts';
import { replicationLag } from './lag.ts';
import { longTtl } from './live-ttl.ts';
import { isOverridden } from './person-run.ts';
import { trafficElsewhere } from './traffic-elsewhere.ts';
import { leftBehind } from './whole.ts';

type Claim = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** What stopped this pass, if anything did, as the reason that Ready carries. */
export interface Trouble {
  readonly reason: string;
  readonly message: string;
}

/** Computed at the end of a pass, once, from what was seen in it. Reconciling exists only when True. */
export function conditions(
  facts: PlanFacts,
  status: PlanStatus,
  run: Run | undefined,
  trouble: Trouble | undefined,
): readonly Condition[] {
  const claims: Claim[] = [
    accepted(facts),
    ready(facts, status, run, trouble),
    ...protectedClaim(facts, status),
    ...rpoMet(facts, status),
    ...fenceIncomplete(facts, status, run),
    ...halted(facts),
    ...longTtl(facts),
    ...(run === undefined ? [] : [reconciling(run)]),
  ];
  return claims.map((claim) => stamped(facts, claim));
}

function reconciling({ status }: Run): Claim {
  const reason = awaitsPerson(status) ? 'PersonAwaited' : status.phase;
  return { type: 'Reconciling', status: 'True', reason, message: status.message };
}

function stamped(facts: PlanFacts, claim: Claim): Condition {
  const had = facts.status.conditions.find((c) => c.type === claim.type);
  const lastTransitionAt = had?.status === claim.status ? had.lastTransitionAt : facts.now.wall;
  return { ...claim, lastTransitionAt, observedGeneration: facts.plan.generation };
}

function accepted(facts: PlanFacts): Claim {
  const refusal = refused(facts);
  if (refusal === undefined) {
    const words = ['The plan can be carried out as written.', ...(facts.warnings ?? [])];
    return { type: 'Accepted', status: 'True', reason: 'Accepted', message: words.join(' ') };
  }
  return { type: 'Accepted', status: 'False', ...refusal };
}

/** Why it is not carried out, if it is not. */
function refused({ plan, identityKeptBy, regionProblems }: PlanFacts): Trouble | undefined {
  if (identityKeptBy !== undefined) {
    return { reason: 'IdentityInUse', message: identityInUse(plan.spec.identity, identityKeptBy) };
  }
  return regionProblems.length === 0 ? undefined : { reason: 'RegionRefused', message: regionProblems.join(' ') };
}

/** What keeps a plan from being Ready, in the order in which a person would want to read it. */
const unready: readonly ((facts: PlanFacts, status: PlanStatus) => Trouble | undefined)[] = [
  reversalPending,
  (facts, status) => (status.activeRegion === facts.plan.spec.activeRegion ? undefined : elsewhere(facts, status)),
  leftBehind,
  trafficElsewhere,
];

function ready(facts: PlanFacts, status: PlanStatus, run: Run | undefined, trouble: Trouble | undefined): Claim {
  const no = (reason: string, message: string): Claim => ({ type: 'Ready', status: 'False', reason, message });
  if (facts.plan.deleting) {
    const held = run === undefined ? '' : ` It is held until ${run.name} is over or abandoned.`;
    return no('Deleting', `The plan is being deleted; nothing new begins.${held}`);
  }
  const refusal = refused(facts);
  if (refusal !== undefined) return no('NotAccepted', refusal.message);
  if (run !== undefined) return no('RunInProgress', underWay(run));
  if (trouble !== undefined) return no(trouble.reason, trouble.message);
  for (const rule of unready) {
    const found = rule(facts, status);
    if (found !== undefined) return no(found.reason, found.message);
  }
  const { activeRegion } = facts.plan.spec;
  return { type: 'Ready', status: 'True', reason: 'Active', message: `Active in ${activeRegion}.` };
}

/** A Run that was just made has not said anything yet. */
function underWay({ name, status }: Run): string {
  return status.message === '' ? `${name} is under way.` : `${name}: ${status.message}`;
}

function reversalPending(_facts: PlanFacts, status: PlanStatus): Trouble | undefined {
  const pending = status.reversalPending;
  if (pending === undefined) return undefined;
  const who = pending.by === undefined ? '' : ` by ${pending.by}`;
  const message = `activeRegion was set back to ${pending.region}${who} while a run was past its fence; set it to ${status.activeRegion ?? ''} and then to ${pending.region} if that is meant.`;
  return { reason: 'ReversalPending', message };
}

/** Wanted in one region, active in the other: why nothing is being done about it. */
function elsewhere(facts: PlanFacts, status: PlanStatus): Trouble {
  const wanted = facts.plan.spec.activeRegion;
  const active = status.activeRegion ?? 'no region yet';
  const { lastRun } = status;
  if (lastRun?.phase === 'Succeeded' && facts.plan.spec.enforcement === 'Observe') {
    const message = `The plan is in Observe: the move to ${wanted} was decided and reported, and nothing was changed.`;
    return { reason: 'ObserveOnly', message };
  }
  if (lastRun?.phase === 'Aborted') {
    const message = `${lastRun.name} was aborted; ${active} is active. Set activeRegion to it, and then to ${wanted} to try again.`;
    return { reason: 'RunAborted', message };
  }
  if (isOverridden({ plan: facts.plan, status })) {
    const message = `A Run made by a person, ${lastRun?.name ?? ''}, has moved it to ${active}; activeRegion says ${wanted}. Nothing is moved back: set activeRegion to ${active}.`;
    return { reason: 'ActiveRegionOverridden', message };
  }
  return unmoved(facts, status) ?? { reason: 'Pending', message: `Wanted in ${wanted}, active in ${active}.` };
}

/** The wish was answered by a Run that is over, and nothing begins by itself any more: it takes another change of wish. */
function unmoved({ plan }: PlanFacts, { activeRegion, ...status }: PlanStatus): Trouble | undefined {
  const wanted = plan.spec.activeRegion;
  const { lastRun, currentRun, acknowledgedActiveRegion } = status;
  if (lastRun === undefined || currentRun !== undefined || acknowledgedActiveRegion !== wanted) return undefined;
  if (activeRegion === undefined) return undefined;
  const again = `Set activeRegion to ${activeRegion}, and then to ${wanted}`;
  if (lastRun.phase === 'Succeeded' && lastRun.to === wanted) {
    const message = `${lastRun.name} decided and reported the move to ${wanted} in Observe, and nothing was changed. ${again} to carry it out.`;
    return { reason: 'ObserveOnly', message };
  }
  const message = `Wanted in ${wanted}, active in ${activeRegion}. ${lastRun.name} ended as ${lastRun.phase}. ${again} to try again.`;
  return { reason: 'Pending', message };
}

/** Each standby streams. Unknown is not protected, and not unprotected either. */
function protectedClaim(facts: PlanFacts, status: PlanStatus): readonly Claim[] {
  const active = status.activeRegion;
  if (active === undefined || facts.plan.spec.databases.length === 0) return [];
  if (facts.operatorRegion === active) {
    return [
      {
        type: 'Protected',
        status: 'False',
        reason: 'OperatorColocated',
        message: `The operator runs in ${active}: it would be lost with it.`,
      },
    ];
  }
  const lacking = missingRights(facts);
  if (lacking !== undefined) return [lacking];
  const unwell = notAllStreaming(facts, active);
  if (unwell !== undefined) return unwell;
  const uncounted = neverCounted(facts, status, active);
  if (uncounted !== undefined) return uncounted;
  return [
    {
      type: 'Protected',
      status: 'True',
      reason: 'Streaming',
      message: `Every database streams to ${peerOf(facts.plan.spec, active)}.`,
    },
  ];
}

/** One that is seen not to stream is told before any that cannot be seen: what is not known must not hide what is. */
function notAllStreaming(facts: PlanFacts, active: string): readonly Claim[] | undefined {
  const standby = peerOf(facts.plan.spec, active);
  const type = 'Protected';
  const looks = facts.plan.spec.databases.map(({ name }) => ({
    name,
    fact: facts.observed.databases[`${name}@${standby}`]?.fact,
  }));
  const idle = looks.find(
    ({ fact }) => fact?.known === true && !(fact.value.role === 'Replica' && fact.value.receiver?.streaming === true),
  );
  if (idle !== undefined) {
    const message = `Database ${idle.name} in ${standby} does not stream from ${active}.`;
    return [{ type, status: 'False', reason: 'NotStreaming', message }];
  }
  for (const { name, fact } of looks) {
    if (fact?.known === true) continue;
    // Not looked at in this pass: what was said before stands.
    if (fact === undefined) return facts.status.conditions.filter((c) => c.type === type);
    const message = `Database ${name} in ${standby} cannot be seen: ${fact.why}.`;
    return [{ type, status: 'Unknown', reason: 'StandbyUnknown', message }];
  }
  return undefined;
}

/** With the source dead a run would stop before its first effect: nobody has written down how large the workload is. */
function neverCounted(facts: PlanFacts, status: PlanStatus, active: string): readonly Claim[] | undefined {
  const workload = facts.plan.spec.workloads.find(
    (one) =>
      'replicasFrom' in one.active &&
      !isScheduled(one) &&
      !status.workloads.some(({ name, region }) => name === one.name && region === active),
  );
  if (workload === undefined) return undefined;
  // Not looked at in this pass: what was said before stands.
  if (facts.observed.workloads[`${workload.name}@${active}`] === undefined) {
    return facts.status.conditions.filter((c) => c.type === 'Protected');
  }
  const message = `Workload ${workload.name} takes its replicas from ${active}, where it has not been seen healthy yet: if ${active} were lost now, a run would not know how many to start.`;
  return [{ type: 'Protected', status: 'False', reason: 'ReplicasUnknown', message }];
}

/** Told in peace time: without its rights the operator could neither fence nor promote when it has to. */
function missingRights(facts: PlanFacts): Claim | undefined {
  for (const { name } of facts.plan.spec.databases) {
    for (const region of facts.plan.spec.regions) {
      const fact = facts.observed.databases[`${name}@${region}`]?.fact;
      if (fact?.known !== true || fact.value.missingRights.length === 0) continue;
      const message = `The operator lacks rights on database ${name} in ${region}: run ${fact.value.missingRights.join('; ')}.`;
      return { type: 'Protected', status: 'False', reason: 'RightsMissing', message };
    }
  }
  return undefined;
}

function rpoMet(facts: PlanFacts, status: PlanStatus): readonly Claim[] {
  const active = status.activeRegion;
  if (active === undefined || facts.plan.spec.databases.length === 0) return [];
  const lags = facts.plan.spec.databases.map((database) => ({
    database,
    lag: replicationLag(facts, database.name, active),
  }));
  // What is not known of one must not hide what is known of another.
  const { rpoMs } = facts.plan.spec.objectives;
  const behind = lags.find(({ lag }) => lag.known && lag.value > rpoMs);
  if (behind !== undefined) {
    return [
      {
        type: 'RPOMet',
        status: 'False',
        reason: 'LagAboveObjective',
        message: `The standby of ${behind.database.name} is more than ${String(rpoMs / 1000)} s behind.`,
      },
    ];
  }
  const lost = lags.find(({ lag }) => !lag.known);
  if (lost !== undefined && !lost.lag.known) {
    return [
      {
        type: 'RPOMet',
        status: 'Unknown',
        reason: 'LagUnknown',
        message: `The lag of ${lost.database.name} is not known: ${lost.lag.detail}.`,
      },
    ];
  }
  return [
    {
      type: 'RPOMet',
      status: 'True',
      reason: 'WithinObjective',
      message: `Every standby is within ${String(rpoMs / 1000)} s.`,
    },
  ];
}

/** Said on every plan, for it is easily forgotten. */
function halted({ halt }: PlanFacts): readonly Claim[] {
  if (halt === undefined) return [];
  const message = `Halted by ${halt.by} (claimed, unverified): ${halt.reason}. An automatic Run (made by the field, and approved by nobody) is held before its fence until the ConfigMap maestro-dr-halt is deleted; one that has intended a fence is finished.`;
  return [{ type: 'Halted', status: 'True', reason: 'Halted', message }];
}
