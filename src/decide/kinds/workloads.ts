import { isScheduled } from '../../api/plan.ts';
import type { Hold, StepStatus } from '../../api/run.ts';
import { hold, stepOf, unknownEvidence, workloadAt, workloadOf, type Context } from '../context.ts';
import type { Need } from '../facts.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';
import { autoscaledFloor, replicasFor } from '../replicas.ts';
import { asTheFence } from './quiesce-as-fence.ts';
import { scaleTo, type Existing } from './scaling.ts';

/** The CronJob controller works from a cache: a Job of the last moment may come after the suspension. */
const lastJobMs = 1_000;

const lookAtIt = (step: StepStatus): Need[] => [
  { kind: 'Workload', name: step.subject ?? '', region: step.region ?? '' },
];

/**
 * Request workloads of the target are brought up while the databases are being moved: it costs no time of the path.
 * Never down: where they are larger than wanted, somebody may be served there.
 */
export const preScale: StepRule = {
  needs: lookAtIt,
  judge(step, ctx) {
    const replicas = wantedActive(step, ctx);
    return scaleTo(step, ctx, { replicas, reached: (state) => (state.wanted >= replicas ? 'scaled' : undefined) });
  },
  undo: backAsItWas,
};

/**
 * To what was there before; where an older operator did not write that down, to the standby size of the plan. What was
 * pre-scaled and then scaled again goes back past both: each to what it found itself, the two would undo one another.
 */
function backAsItWas(step: StepStatus, ctx: Context): Judgement {
  const first = stepOf(ctx.status, `pre-scale/${step.subject ?? ''}`)?.intent ?? step.intent;
  const replicas = first?.found ?? workloadOf(ctx, step.subject).standby.replicas;
  const reached = (state: Existing): string | undefined => (state.wanted === replicas ? 'as it was' : undefined);
  return scaleTo(step, ctx, { replicas, reached, mayBeAbsent: true });
}

/** Ready in the target at its full size. A background worker is started here, once its databases are open. */
export const workload: StepRule = {
  needs: lookAtIt,
  judge(step, ctx) {
    const replicas = wantedActive(step, ctx);
    if (isScheduled(workloadOf(ctx, step.subject))) return schedule(step, ctx, replicas);
    const floor = leftToItsAutoscaler(step, ctx);
    const enough = (state: Existing): boolean => state.wanted >= (floor ?? replicas) && state.ready >= state.wanted;
    const reached = (state: Existing): string | undefined => {
      if (!state.settled || !enough(state)) return undefined;
      const words = `${String(state.ready)} ready`;
      return state.wanted >= replicas ? words : `${words}, where its autoscaler keeps it`;
    };
    const leftToOthers = ({ wanted }: Existing): boolean => floor !== undefined && wanted >= floor;
    return scaleTo(step, ctx, { replicas, reached, leftToOthers });
  },
  undo: backAsItWas,
};

/** Of a CronJob that a person had suspended in the source there is nothing to start. */
function schedule(step: StepStatus, ctx: Context, replicas: number): Judgement {
  return scaleTo(step, ctx, {
    replicas,
    reached: (state) => {
      if (replicas === 0) return `left as it is, for in ${ctx.source} it was suspended`;
      return state.wanted === 1 ? 'started' : undefined;
    },
  });
}

/** Scaled once by this run, the rest is its autoscaler's: two who scale one workload would never come to rest. */
function leftToItsAutoscaler(step: StepStatus, ctx: Context): number | undefined {
  const floor = autoscaledFloor(ctx, workloadOf(ctx, step.subject));
  const scaled = stepOf(ctx.status, `pre-scale/${step.subject ?? ''}`)?.outcome?.state === 'Succeeded';
  return scaled || step.intent !== undefined ? floor : undefined;
}

/** Stopped in the source, seen at zero pods. Past its deadline the fence goes on without, and says so. */
export const quiesce: StepRule = {
  needs: (step) => [...lookAtIt(step), ...(step.intent === undefined ? [{ kind: 'Plan' } as const] : [])],
  judge(step, ctx) {
    const judged = stopped(step, ctx);
    if (judged.kind === 'Done') return judged;
    if (ctx.spec.databases.length === 0) return asTheFence(step, ctx, judged);
    return overtaken(step, ctx) ?? judged;
  },
  undo: (step, ctx) => {
    const twin = stepOf(ctx.status, `workload/${step.subject ?? ''}`);
    if (twin?.intent !== undefined && twin.state !== 'Undone') {
      return wait(hold('UndoPending', `Workload ${step.subject ?? ''} must first be stopped in ${ctx.target}.`));
    }
    const replicas = step.intent?.found ?? replicasFor(ctx, workloadOf(ctx, step.subject))?.count ?? 1;
    const reached = (state: Existing): string | undefined => (state.wanted === replicas ? 'started again' : undefined);
    return scaleTo(step, ctx, { replicas, reached, mayBeAbsent: true });
  },
};

function stopped(step: StepStatus, ctx: Context): Judgement {
  const scheduled = isScheduled(workloadOf(ctx, step.subject));
  const from = scheduled && step.intent !== undefined ? step.intent.at + lastJobMs : 0;
  const judged = scaleTo(step, ctx, {
    replicas: 0,
    reached: (state, at) => {
      if (state.pods > 0 || state.wanted > 0 || at < from) return undefined;
      return scheduled ? 'no Job left' : 'no pod left';
    },
    mayBeAbsent: true,
  });
  const [seen] = judged.kind === 'Done' ? judged.evidence : [];
  if (judged.kind !== 'Done' || judged.state !== 'Succeeded' || seen === undefined || step.intent !== undefined) {
    return judged;
  }
  // Nobody had to stop it: it was so before, and is to be so in the target.
  return { ...judged, evidence: [{ ...seen, value: { found: 0 } }] };
}

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
  // Not looked at yet, by this life of the operator: it may have come to zero in time.
  if (!late || (!fact.known && fact.why === 'NotAsked')) return undefined;
  return done('Overridden', {
    what: 'not seen at zero before its deadline; the fence goes on',
    at: ctx.facts.now.wall,
  });
}

/** The source's workloads go to their standby size once nobody is sent there any more: old TTL plus drain. */
export const standDown: StepRule = {
  needs: lookAtIt,
  judge(step, ctx) {
    const from = standDownFrom(step, ctx);
    if (ctx.facts.now.wall < from) {
      return wait(
        hold('Draining', `Waiting until caches of the old answer have expired and the drain is over.`, [
          { what: 'stand down from', at: from },
        ]),
      );
    }
    const { standby } = workloadOf(ctx, step.subject);
    const judged = scaleTo(step, ctx, {
      replicas: standby.replicas,
      reached: ({ wanted }) =>
        wanted === standby.replicas ? `at its standby size ${String(standby.replicas)}` : undefined,
      mayBeAbsent: true,
    });
    const starts = judged.kind === 'Act' && (judged.found ?? 0) < standby.replicas;
    return starts && isFenceOwed(ctx) ? wait(unstarted(step, judged.hold)) : judged;
  },
};

/** The standing duty is open: a writer in the source was overtaken without proof, and is not yet seen closed. */
function isFenceOwed({ status }: Context): boolean {
  return status.steps.some(({ kind, outcome }) => kind === 'FinishFence' && outcome === undefined);
}

/** People who fear a second writer stop the old region's workloads by hand: what is started there would write to it. */
function unstarted({ subject = '', region = '' }: StepStatus, { evidence }: Hold): Hold {
  const message = `Workload ${subject} in ${region} is below its standby size, and is not started before the old writer there is fenced.`;
  return hold('Scaling', message, evidence);
}

/** Wall ms. What serves nobody and was not stopped before the fence is stopped as soon as that may be. */
function standDownFrom(step: StepStatus, ctx: Context): number {
  const quiesced = stepOf(ctx.status, `quiesce/${step.subject ?? ''}`)?.outcome?.state;
  if (quiesced === 'Overridden' || quiesced === 'Skipped') return 0;
  const { cachesExpireBy, trafficObserved } = ctx.status.milestones;
  // Without a record of traffic it is counted from the end of the soak, which this step comes after.
  return (cachesExpireBy ?? trafficObserved ?? step.readyAt ?? ctx.facts.now.wall) + ctx.spec.failover.drainMs;
}

function wantedActive(step: StepStatus, ctx: Context): number {
  const workload = workloadOf(ctx, step.subject);
  const count = replicasFor(ctx, workload);
  if (count === undefined) throw new Error(`replicas of ${workload.name} were not settled by its preflight`);
  return count.count;
}
