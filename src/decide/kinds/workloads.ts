import type { Workload } from '../../api/plan.ts';
import type { Evidence, StepStatus } from '../../api/run.ts';
import type { WorkloadState } from '../../drivers/workloads/driver.ts';
import { hold, seenAt, stepOf, unknownEvidence, workloadAt, workloadOf, type Context } from '../context.ts';
import type { Need } from '../facts.ts';
import { done, wait, type Effect, type Judgement, type StepRule } from '../judgement.ts';

/** A scale that was taken but is not seen is asked for again after this long. */
const againMs = 10_000;

export interface ReplicaCount {
  readonly count: number;
  readonly basis: string;
}

/**
 * How many replicas the workload shall have where it is active: the plan's number, or the source's: live while the
 * source answers and is whole, else the last healthy count that was written down. Latched by the preflight.
 */
export function replicasFor(ctx: Context, workload: Workload): ReplicaCount | undefined {
  if ('replicas' in workload.active) return { count: workload.active.replicas, basis: 'the plan' };
  const latched = latchedReplicas(ctx, workload);
  if (latched !== undefined) return { count: latched, basis: 'the preflight' };
  const live = workloadAt(ctx, workload.name, ctx.source).fact;
  if (live.known && live.value.exists && live.value.wanted > 0 && live.value.ready >= live.value.wanted) {
    return { count: live.value.wanted, basis: `${ctx.source}, live` };
  }
  const last = ctx.facts.sourceReplicas[workload.name];
  return last === undefined ? undefined : { count: last.replicas, basis: `${ctx.source}, last seen healthy` };
}

function latchedReplicas(ctx: Context, workload: Workload): number | undefined {
  const step = ctx.status.steps.find((s) => s.kind === 'PreflightWorkload' && s.subject === workload.name);
  const value = step?.outcome?.evidence[0]?.value?.replicas;
  return typeof value === 'number' ? value : undefined;
}

const lookAtIt = (step: StepStatus): Need[] => [
  { kind: 'Workload', name: step.subject ?? '', region: step.region ?? '' },
];

/**
 * Request workloads of the target are brought up while the databases are being moved: it costs no time of the path.
 * Never down: where they are larger than wanted, somebody may be served there.
 */
export const preScale: StepRule = {
  needs: lookAtIt,
  judge: (step, ctx) =>
    scaleTo(step, ctx, wantedActive(step, ctx), (state) =>
      state.wanted >= wantedActive(step, ctx) ? 'scaled' : undefined,
    ),
  undo: backToStandby,
};

function backToStandby(step: StepStatus, ctx: Context): Judgement {
  const count = workloadOf(ctx, step.subject).standby.replicas;
  const back = (state: Existing): string | undefined =>
    state.wanted === count ? 'back at its standby size' : undefined;
  return scaleTo(step, ctx, count, back, 'absent');
}

/** Ready in the target at its full size. A background worker is started here, once its databases are open. */
export const workload: StepRule = {
  needs: lookAtIt,
  judge(step, ctx) {
    const count = wantedActive(step, ctx);
    return scaleTo(step, ctx, count, (state) =>
      state.wanted >= count && state.settled && state.ready >= count ? `${String(state.ready)} ready` : undefined,
    );
  },
  undo: backToStandby,
};

/** Stopped in the source, seen at zero pods. Past its deadline the fence goes on without, and says so. */
export const quiesce: StepRule = {
  needs: (step) => [...lookAtIt(step), ...(step.intent === undefined ? [{ kind: 'Plan' } as const] : [])],
  judge(step, ctx) {
    const judged = scaleTo(
      step,
      ctx,
      0,
      (state) => (state.pods === 0 && state.wanted === 0 ? 'no pod left' : undefined),
      'absent',
    );
    if (judged.kind === 'Done') return judged;
    const attested = ctx.run.spec.attestations.find((a) => a.target === step.subject || a.target === '*');
    if (ctx.spec.databases.length === 0) {
      // Without a database this is the fence: only zero pods, or a person's word, is proof.
      if (attested === undefined) return judged;
      return done('Overridden', {
        what: `${attested.by} attests that ${step.subject ?? ''} in ${ctx.source} is stopped`,
        at: attested.at,
      });
    }
    return overtaken(step, ctx) ?? judged;
  },
  undo: (step, ctx) => {
    const twin = stepOf(ctx.status, `workload/${step.subject ?? ''}`);
    if (twin?.intent !== undefined && twin.state !== 'Undone') {
      return wait(hold('UndoPending', `Workload ${step.subject ?? ''} must first be stopped in ${ctx.target}.`));
    }
    const count = replicasFor(ctx, workloadOf(ctx, step.subject))?.count ?? 1;
    return scaleTo(step, ctx, count, (state) => (state.wanted === count ? 'started again' : undefined), 'absent');
  },
};

/** What lets the fence go on without: a forced run does not wait for an API server that does not answer, no run for ever. */
function overtaken(step: StepStatus, ctx: Context): Judgement | undefined {
  const { fact } = workloadAt(ctx, step.subject ?? '', ctx.source);
  const silent = !fact.known && (fact.why === 'Unreachable' || fact.why === 'Timeout');
  if (silent && ctx.status.mode === 'Forced') {
    return done(
      'Overridden',
      unknownEvidence(`${step.subject ?? ''} in ${ctx.source} not stopped, the fence goes on`, fact),
    );
  }
  const late = step.deadline !== undefined && ctx.facts.now.wall >= step.deadline;
  if (!late) return undefined;
  return done('Overridden', {
    what: 'not seen at zero before its deadline; the fence goes on',
    at: ctx.facts.now.wall,
  });
}

/** The source's workloads go to their standby size once nobody is sent there any more: old TTL plus drain. */
export const standDown: StepRule = {
  needs: lookAtIt,
  judge(step, ctx) {
    const expire = ctx.status.milestones.cachesExpireBy ?? ctx.status.milestones.trafficObserved ?? ctx.facts.now.wall;
    const from = expire + ctx.spec.failover.drainMs;
    if (ctx.facts.now.wall < from) {
      return wait(
        hold('Draining', `Waiting until caches of the old answer have expired and the drain is over.`, [
          { what: 'stand down from', at: from },
        ]),
      );
    }
    const count = workloadOf(ctx, step.subject).standby.replicas;
    return scaleTo(
      step,
      ctx,
      count,
      (state) => (state.wanted === count ? `at its standby size ${String(count)}` : undefined),
      'absent',
    );
  },
};

function wantedActive(step: StepStatus, ctx: Context): number {
  const workload = workloadOf(ctx, step.subject);
  const count = replicasFor(ctx, workload);
  if (count === undefined) throw new Error(`replicas of ${workload.name} were not settled by its preflight`);
  return count.count;
}

type Existing = Extract<WorkloadState, { exists: true }>;

function scaleTo(
  step: StepStatus,
  ctx: Context,
  replicas: number,
  reached: (state: Existing) => string | undefined,
  absent?: 'absent',
): Judgement {
  const name = step.subject ?? '';
  const region = step.region ?? '';
  const { fact } = workloadAt(ctx, name, region);
  const effect: Effect = { kind: 'Scale', workload: name, region, replicas };
  if (!fact.known) {
    const reason = fact.why === 'NotAsked' ? 'Observing' : 'WorkloadUnknown';
    return wait(
      hold(reason, `Workload ${name} in ${region} cannot be seen yet.`, [unknownEvidence(`${name}@${region}`, fact)]),
    );
  }
  if (!fact.value.exists) {
    const seen = seenAt(fact, `${name} does not exist in ${region}`);
    return absent === 'absent'
      ? done('Vacuous', seen)
      : wait(hold('TargetNotReady', `Workload ${name} does not exist in ${region}.`, [seen]));
  }
  const state = fact.value;
  const seen = seenAt(
    fact,
    `${name}@${region}: ${String(state.ready)} of ${String(state.wanted)} ready, ${String(state.pods)} pods`,
  );
  const answer = reached(state);
  if (answer !== undefined) return done('Succeeded', { ...seen, what: `${seen.what}; ${answer}` });
  const notYet = hold(...obstacleOf(state, name, region, replicas), [seen, ...obstacleEvidence(fact.at.wall, state)]);
  return state.wanted === replicas ? wait(notYet) : { kind: 'Act', effect, again: againMs, hold: notYet };
}

function obstacleOf(state: Existing, name: string, region: string, replicas: number): [string, string] {
  const [first] = state.obstacles;
  if (first === undefined) {
    return ['Scaling', `Workload ${name} in ${region} is on its way to ${String(replicas)} replicas.`];
  }
  return ['TargetNotReady', `Workload ${name} in ${region} does not become ready (${first.kind}): ${first.message}`];
}

function obstacleEvidence(at: number, state: Existing): Evidence[] {
  return state.obstacles.map((obstacle) => ({ what: `${obstacle.kind}: ${obstacle.message}`, at }));
}
