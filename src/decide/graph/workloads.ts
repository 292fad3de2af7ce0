import type { PlanSpec, Workload } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { workloadPreflight } from './activation.ts';
import { usableId } from './databases.ts';
import { promptMs } from './prompt.ts';

/** Request workloads are brought up beside the databases' move; background workers are not started before it is over. */
export function preScaleSteps(spec: PlanSpec, target: string, preflights: readonly string[]): Step[] {
  return spec.workloads
    .filter((w) => !w.quiesce)
    .map((w): Step => ({
      id: `pre-scale/${w.name}`,
      kind: 'PreScale',
      phase: 'Recovery',
      subject: w.name,
      region: target,
      after: ['approve', workloadPreflight(preflights, w.name)],
      effect: 'Reversible',
      // Done when the size is asked for; workload/ waits until it is ready.
      deadlineMs: promptMs,
    }));
}

/** Each after its own preflight, which writes down how large it is: once it is stopped, that cannot be seen any more. */
export function quiesceSteps(
  spec: PlanSpec,
  source: string,
  preflights: readonly string[],
  after: readonly string[],
): Step[] {
  return spec.workloads
    .filter((w) => w.quiesce)
    .map((w): Step => ({
      id: `quiesce/${w.name}`,
      kind: 'Quiesce',
      phase: 'Recovery',
      subject: w.name,
      region: source,
      after: [...new Set([...after, workloadPreflight(preflights, w.name)])],
      effect: 'Reversible',
      deadlineMs: spec.failover.deadlines.quiesce,
    }));
}

/** Wave by wave, however the plan lists them: every edge points backwards. */
export function workloadSteps(spec: PlanSpec, target: string, otherwise: readonly string[]): Step[] {
  const byWave = spec.workloads.toSorted((a, b) => a.wave - b.wave);
  return byWave.map((w): Step => ({
    id: `workload/${w.name}`,
    kind: 'Workload',
    phase: 'Recovery',
    subject: w.name,
    region: target,
    after: [
      ...w.uses.map((database) => usableId(spec, database)),
      // A background worker that uses no database of its own still must not run beside its twin in the source.
      ...(w.uses.length === 0
        ? [...otherwise, ...(w.quiesce ? spec.databases.map((d) => usableId(spec, d.name)) : [])]
        : []),
      ...(w.quiesce ? [] : [`pre-scale/${w.name}`]),
      ...earlierWaves(spec, w),
    ],
    // A pre-scaled one is scaled again where somebody changed it meanwhile.
    effect: 'Reversible',
    deadlineMs: spec.failover.deadlines.workloads,
  }));
}

function earlierWaves(spec: PlanSpec, workload: Workload): string[] {
  return spec.workloads.filter((w) => w.wave < workload.wave).map((w) => `workload/${w.name}`);
}

/** Everything that serves requests in the target. */
export function workloadIds(spec: PlanSpec): string[] {
  return [...spec.workloads.map((w) => `workload/${w.name}`), ...spec.databases.map((d) => usableId(spec, d.name))];
}
