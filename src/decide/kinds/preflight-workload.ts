import type { Fact } from '../../api/fact.ts';
import { isScheduled, type Workload } from '../../api/plan.ts';
import type { Evidence } from '../../api/run.ts';
import { abortCommand } from '../commands.ts';
import { autoscalersIn, hold, seenAt, unknownEvidence, workloadAt, workloadOf, type Context } from '../context.ts';
import { done, wait, type Judgement, type StepRule } from '../judgement.ts';
import { autoscalerOf, replicasFor, type ReplicaCount } from '../replicas.ts';

/** The workload exists in the target, and it is known how many replicas it shall have there. */
export const preflightWorkload: StepRule = {
  needs: (step, ctx) => [
    { kind: 'Workload', name: step.subject ?? '', region: ctx.target },
    { kind: 'Workload', name: step.subject ?? '', region: ctx.source },
    ...(isScheduled(workloadOf(ctx, step.subject)) ? [] : [{ kind: 'Autoscalers', region: ctx.target } as const]),
  ],
  judge(step, ctx) {
    const workload = workloadOf(ctx, step.subject);
    const { fact } = workloadAt(ctx, workload.name, ctx.target);
    if (!fact.known) {
      return wait(
        hold('TargetNotReady', `Workload ${workload.name} in ${ctx.target} cannot be seen.`, [
          unknownEvidence(`${workload.name}@${ctx.target}`, fact),
        ]),
      );
    }
    if (!fact.value.exists) {
      const text = `Workload ${workload.name}: ${workload.target.kind} ${workload.target.name} does not exist in ${ctx.target}; deploy it there.`;
      return wait(hold('TargetNotReady', text, [seenAt(fact, 'not found')]));
    }
    const waiting = stillLooking(ctx, workload);
    if (waiting !== undefined) return waiting;
    const replicas = replicasFor(ctx, workload);
    if (replicas === undefined) {
      const found = seenAt(fact, `found with ${String(fact.value.wanted)} replicas`);
      return countUnknown(ctx, workload, found);
    }
    return settled(ctx, workload, replicas, fact.at.wall);
  },
};

/** Before they were looked at, nothing is said of how large the workload shall be, or who else scales it. */
function stillLooking(ctx: Context, workload: Workload): Judgement | undefined {
  const source = workloadAt(ctx, workload.name, ctx.source).fact;
  const fromSource = isScheduled(workload) || replicasFor(ctx, workload) === undefined;
  const autoscalers = autoscalersIn(ctx, ctx.target).fact;
  const open = [
    ...(fromSource && isUnasked(source) ? [`${workload.name} in ${ctx.source}`] : []),
    ...(!isScheduled(workload) && isUnasked(autoscalers) ? [`the autoscalers in ${ctx.target}`] : []),
  ];
  return open.length === 0 ? undefined : wait(hold('Observing', `Looking at ${open.join(' and ')}.`));
}

function isUnasked<T>(fact: Fact<T>): boolean {
  return !fact.known && fact.why === 'NotAsked';
}

function countUnknown(ctx: Context, workload: Workload, found: Evidence): Judgement {
  const text = `Workload ${workload.name} takes its replicas from ${ctx.source}, and no healthy count of it was ever seen; abort, set active.replicas in the plan, and start again.`;
  // The plan is pinned: this Run will not see the count set.
  return wait(hold('ReplicasUnknown', text, [found], abortCommand(ctx)));
}

function settled(ctx: Context, workload: Workload, replicas: ReplicaCount, at: number): Judgement {
  const { count, basis } = replicas;
  const autoscaled = autoscaling(ctx, workload, count, at);
  const wanted = isScheduled(workload)
    ? `${count === 0 ? 'suspended' : 'running'} as in`
    : `${String(count)} replicas wanted, from`;
  const evidence = {
    what: `${workload.target.name} found; ${wanted} ${basis}`,
    at,
    value: { replicas: count, ...(autoscaled.floor === undefined ? {} : { floor: autoscaled.floor }) },
  };
  return done('Succeeded', evidence, ...autoscaled.evidence);
}

interface Autoscaling {
  /** Absent where nobody scales it below what is wanted. */
  readonly floor?: number;
  readonly evidence: readonly Evidence[];
}

/** Nothing that would hold a failover up: it is warned of, and left the last word (ADR 11). */
function autoscaling(ctx: Context, workload: Workload, count: number, at: number): Autoscaling {
  if (isScheduled(workload)) return { evidence: [] };
  const { fact } = autoscalersIn(ctx, ctx.target);
  if (!fact.known) return { evidence: [unknownEvidence(`autoscalers in ${ctx.target} not seen`, fact)] };
  const found = autoscalerOf(ctx, workload);
  if (found === undefined || count === 0) return { evidence: [] };
  const { name, minReplicas, maxReplicas } = found;
  if (minReplicas >= count && maxReplicas >= count) return { evidence: [] };
  const bounds = `${String(minReplicas)} to ${String(maxReplicas)}`;
  const what = `HorizontalPodAutoscaler ${name} in ${ctx.target} keeps it at ${bounds} replicas: it may take back the scale to ${String(count)}; set its minReplicas to that`;
  return { floor: Math.max(1, Math.min(minReplicas, count)), evidence: [{ what, at }] };
}
