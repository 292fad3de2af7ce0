import { conditionOf } from '../../api/conditions.ts';
import type { Plan } from '../../api/plan.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import { conditionSamples } from './conditions.ts';
import type { Lag } from './lags.ts';
import { is, sample, secondsOf, type Sample } from './sample.ts';

/** What a plan and its status say, and how far its standbys lie behind. */
export function planSamples(plan: Plan, status: PlanStatus, lags: readonly Lag[]): readonly Sample[] {
  const labels = { plan_namespace: plan.namespace, plan: plan.name };
  const { identity, enforcement, failover, objectives, databases, activeRegion } = plan.spec;
  const { mode, approval, fencing } = failover;
  return [
    is('maestro_dr_plan_info', { ...labels, identity, enforcement, mode, approval, fencing }),
    ...databases.map(({ name, kind }) => is('maestro_dr_plan_database_info', { ...labels, database: name, kind })),
    ...secondsOf('maestro_dr_plan_rto_objective_seconds', labels, objectives.rtoMs),
    // Without databases nothing can be lost, and there is no RPO to meet.
    ...secondsOf('maestro_dr_plan_rpo_objective_seconds', labels, databases.length > 0 ? objectives.rpoMs : undefined),
    is('maestro_dr_plan_wanted_region', { ...labels, region: activeRegion }),
    ...(status.activeRegion === undefined
      ? []
      : [is('maestro_dr_plan_active_region', { ...labels, region: status.activeRegion })]),
    sample('maestro_dr_plan_epoch', labels, status.epoch),
    ...conditionSamples(labels, status.conditions),
    ...protectedSample(labels, status),
    ...fenceSample(labels, status),
    ...lags
      .filter(({ database }) => databases.some(({ name }) => name === database))
      .map(({ database, ms }) => sample('maestro_dr_plan_replication_lag_seconds', { ...labels, database }, ms / 1000)),
  ];
}

interface PlanLabels {
  readonly plan_namespace: string;
  readonly plan: string;
}

function protectedSample(labels: PlanLabels, status: PlanStatus): readonly Sample[] {
  const claim = conditionOf(status.conditions, 'Protected')?.status;
  if (claim === undefined || claim === 'Unknown') return [];
  return [sample('maestro_dr_plan_protected', labels, claim === 'True' ? 1 : 0)];
}

/** The condition is there only while it is so; that it is not so is known once the plan was looked at. */
function fenceSample(labels: PlanLabels, status: PlanStatus): readonly Sample[] {
  if (conditionOf(status.conditions, 'Ready') === undefined) return [];
  const claim = conditionOf(status.conditions, 'FenceIncomplete')?.status;
  return [sample('maestro_dr_plan_fence_incomplete', labels, claim === 'True' ? 1 : 0)];
}
