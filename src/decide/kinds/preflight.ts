import type { TrafficRecord } from '../../api/plan.ts';
import type { Evidence, StepStatus } from '../../api/run.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import {
  answersOf,
  databaseAt,
  databaseOf,
  factAge,
  hold,
  recordOf,
  seenAt,
  trafficOf,
  unknownEvidence,
  type Context,
} from '../context.ts';
import { abortCommand } from '../commands.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';
import { ownershipHold } from '../rules/ownership.ts';
import { ttlWarning } from '../ttl.ts';
import { askingFor } from './shift-unlisted.ts';

/** The target standby: reachable, a replica of the same system, able to replay, and the operator's rights complete. */
export const preflightDatabase: StepRule = {
  needs: (step, ctx) => [
    { kind: 'Database', name: step.subject ?? '', region: ctx.target },
    { kind: 'Database', name: step.subject ?? '', region: ctx.source },
  ],
  judge(step, ctx) {
    const database = databaseOf(ctx, step.subject);
    const { fact } = databaseAt(ctx, database.name, ctx.target);
    const notReady = (what: string, evidence: readonly Evidence[]): Judgement =>
      wait(hold('TargetNotReady', what, evidence));
    if (!fact.known) {
      return notReady(`Database ${database.name} in ${ctx.target} cannot be seen.`, [
        unknownEvidence(`${database.name}@${ctx.target}`, fact),
      ]);
    }
    const state = fact.value;
    const seen = seenAt(
      fact,
      `${database.name}@${ctx.target}: ${state.role}, timeline ${String(state.timeline)}, replayed ${state.position}`,
    );
    // Only this Run may have made it a primary; one that an earlier run has fenced and nobody rebuilt has diverged.
    if (state.role !== 'Replica' && state.highestEpoch < ctx.run.spec.epoch) {
      return notReady(`Database ${database.name} in ${ctx.target} is not a replica: two writers may exist.`, [seen]);
    }
    const source = databaseAt(ctx, database.name, ctx.source).fact;
    if (source.known && source.value.systemIdentifier !== state.systemIdentifier) {
      return notReady(
        `Database ${database.name} in ${ctx.target} is not a copy of the one in ${ctx.source}: their system identifiers differ.`,
        [seen],
      );
    }
    if (state.missingRights.length > 0) {
      return notReady(
        `The operator lacks rights on database ${database.name}: run ${state.missingRights.join('; ')}.`,
        [seen],
      );
    }
    if (state.replayObstacles.length > 0) {
      return notReady(
        `Database ${database.name} in ${ctx.target} cannot replay: ${state.replayObstacles.join('; ')}.`,
        [seen],
      );
    }
    // Its fence would keep the clients out until the position's deadline, for nothing. A forced run takes what is there.
    if (ctx.status.mode === 'Planned' && state.role === 'Replica' && state.receiver?.streaming !== true) {
      return notReady(
        `Database ${database.name} in ${ctx.target} does not stream from ${ctx.source}, so it cannot reach its last position.`,
        [seen],
      );
    }
    return fenceObstructed(ctx, database.name) ?? done('Succeeded', seen, ...commitsToWait(state, fact.at.wall));
  },
};

/** No reason to wait, for a standby may come to follow it; told before the clients are put out. */
function commitsToWait({ role, commitObstacles }: DatabaseState, at: number): readonly Evidence[] {
  return role === 'Replica' ? commitObstacles.map((what) => ({ what: `once promoted, ${what}`, at })) : [];
}

/**
 * Writers that nobody listed go on writing behind the fence, so it could never be proven: told before the clients are
 * put out, not after. A run that may go on without proof is not held; nor one whose source cannot be seen.
 */
function fenceObstructed(ctx: Context, database: string): Judgement | undefined {
  if (ctx.status.mode !== 'Planned' && ctx.spec.failover.fencing !== 'Verified') return undefined;
  const { fact } = databaseAt(ctx, database, ctx.source);
  if (!fact.known || fact.value.role !== 'Primary' || fact.value.fenceObstacles.length === 0) return undefined;
  const names = fact.value.fenceObstacles.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  const text = `The fence of ${database} in ${ctx.source} could not be proven: ${names}. Take away the login or the rights of such a role and end its sessions, which keep what they became by SET ROLE; end what else is named, or abort, list the role in the plan and start again.`;
  return wait(hold('FenceObstructed', text, [seenAt(fact, names)], abortCommand(ctx)));
}

/**
 * The record points to the source and is ours or unclaimed. A planned run needs the control plane before it fences;
 * a forced one goes on without it and tries again at the shift.
 */
export const preflightTraffic: StepRule = {
  needs: (step) => [
    { kind: 'Record', name: step.subject ?? '' },
    { kind: 'Answers', name: step.subject ?? '' },
  ],
  judge(step, ctx) {
    const record = trafficOf(ctx, step.subject);
    const { fact } = recordOf(ctx, record.name);
    if (fact.known) {
      const refused = ownershipHold(ctx, record, fact);
      if (refused !== undefined) return wait(refused);
      const { points, ownership, nameServers, liveTtl } = fact.value;
      const seen = seenAt(fact, `record ${record.recordName}: ${points.kind}, ${ownership.kind}`, {
        nameServers,
        ...(liveTtl === undefined ? {} : { ttl: liveTtl }),
      });
      return done('Succeeded', seen, ...longTtl(record, liveTtl, fact.at.wall));
    }
    if (ctx.status.mode === 'Planned') {
      if (fact.why === 'NotAsked') return wait(askingFor(record, fact));
      const text = `The DNS control plane for ${record.recordName} does not answer; a planned run needs it before anything is fenced.`;
      return wait(hold('TrafficUnavailable', text, [unknownEvidence(record.name, fact)]));
    }
    if (waitedEnough(step, ctx) && factAge(ctx, fact) > 0) {
      const unchecked = unknownEvidence(`record ${record.recordName} not checked before the shift`, fact);
      return done('Overridden', unchecked, ...servedEpoch(ctx, record.name));
    }
    return wait(askingFor(record, fact));
  },
};

/** Nothing that would hold a failover up; whoever watches it learns why clients stay away for so long. */
function longTtl(record: TrafficRecord, liveTtl: number | undefined, at: number): readonly Evidence[] {
  const words = liveTtl === undefined ? undefined : ttlWarning(record, liveTtl);
  return words === undefined ? [] : [{ what: words, at }];
}

/** What the zone's own servers say of the ownership: it proves the epoch where the control plane does not answer. */
function servedEpoch(ctx: Context, record: string): readonly Evidence[] {
  const { fact } = answersOf(ctx, record);
  if (!fact.known) return [];
  const said = fact.value.servers.flatMap(({ ownership }) => (ownership === undefined ? [] : [ownership]));
  if (said.length === 0) return [];
  const epoch = Math.max(0, ...said.map((ownership) => (ownership.kind === 'Mine' ? ownership.epoch : 0)));
  const what = `its name servers serve ${epoch === 0 ? 'no epoch of this plan' : `epoch ${String(epoch)}`}`;
  return [seenAt(fact, what, { servedEpoch: epoch })];
}

/** A forced run gives the control plane this long before it goes on without. */
const controlPlaneGraceMs = 5_000;

function waitedEnough(step: StepStatus, ctx: Context): boolean {
  return step.readyAt !== undefined && ctx.facts.now.wall - step.readyAt >= controlPlaneGraceMs;
}
