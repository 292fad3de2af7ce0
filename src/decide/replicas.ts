import { isScheduled, type Workload } from '../api/plan.ts';
import type { StepStatus } from '../api/run.ts';
import type { Autoscaler } from '../drivers/workloads/driver.ts';
import { autoscalersIn, stepOf, workloadAt, type Context } from './context.ts';

/** Of a CronJob 1 or 0: whether its schedule runs. */
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
  if (isScheduled(workload)) return scheduleFor(ctx, workload);
  const latched = latchedAs(ctx, workload, 'replicas');
  if (latched !== undefined) return { count: latched, basis: 'the preflight' };
  const live = workloadAt(ctx, workload.name, ctx.source).fact;
  if (live.known && live.value.exists && live.value.wanted > 0 && live.value.ready >= live.value.wanted) {
    return { count: live.value.wanted, basis: `${ctx.source}, live` };
  }
  const last = ctx.facts.sourceReplicas[workload.name];
  return last === undefined ? undefined : { count: last.replicas, basis: `${ctx.source}, last seen healthy` };
}

/**
 * A CronJob that a person had suspended in the source stays suspended in the target. As it was when this run stopped
 * it, which from then on only the journal knows; before that as it is seen, or was last. Never seen, it runs: a plan
 * names what is to run where it is active.
 */
function scheduleFor(ctx: Context, workload: Workload): ReplicaCount {
  const stopped = foundBy(stepOf(ctx.status, `quiesce/${workload.name}`));
  if (stopped !== undefined) return { count: stopped, basis: `${ctx.source}, when it was stopped` };
  const latched = latchedAs(ctx, workload, 'replicas');
  if (latched !== undefined) return { count: latched, basis: 'the preflight' };
  const live = workloadAt(ctx, workload.name, ctx.source).fact;
  if (live.known && live.value.exists) return { count: live.value.wanted, basis: `${ctx.source}, live` };
  const last = ctx.facts.sourceReplicas[workload.name];
  if (last !== undefined) return { count: last.replicas, basis: `${ctx.source}, last seen` };
  return { count: 1, basis: `the plan, for nobody has seen whether it is suspended in ${ctx.source}` };
}

/** What a step found before its first attempt, or found done already. */
function foundBy(step: StepStatus | undefined): number | undefined {
  const done = step?.outcome?.evidence[0]?.value?.found;
  return step?.intent?.found ?? (typeof done === 'number' ? done : undefined);
}

/** A number that the workload's preflight wrote down. */
function latchedAs(ctx: Context, workload: Workload, key: 'replicas' | 'floor'): number | undefined {
  const step = ctx.status.steps.find((s) => s.kind === 'PreflightWorkload' && s.subject === workload.name);
  const value = step?.outcome?.evidence[0]?.value?.[key];
  return typeof value === 'number' ? value : undefined;
}

/** The target's autoscaler of this workload, as far as one was seen. */
export function autoscalerOf(ctx: Context, { target }: Workload): Autoscaler | undefined {
  const { fact } = autoscalersIn(ctx, ctx.target);
  if (!fact.known) return undefined;
  return fact.value.find((one) => one.target.kind === target.kind && one.target.name === target.name);
}

/**
 * The least that an autoscaler of the target leaves standing, where that is less than what the run scales to: it then
 * has the last word (ADR 11). Latched by the preflight.
 */
export function autoscaledFloor(ctx: Context, workload: Workload): number | undefined {
  return latchedAs(ctx, workload, 'floor');
}
