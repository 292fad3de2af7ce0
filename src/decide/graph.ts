import { peerOf, type Mode, type PlanSpec } from '../api/plan.ts';
import type { Step } from '../api/run.ts';
import { activation, preflightIds } from './graph/activation.ts';
import { databaseSteps, fenceSteps, positionSteps } from './graph/databases.ts';
import { reconstitution } from './graph/reconstitution.ts';
import { dependencySteps, smokeBeforeSteps, trafficSteps } from './graph/traffic.ts';
import { preScaleSteps, quiesceSteps, workloadSteps } from './graph/workloads.ts';

/** What the graph is made of: the pinned plan, the way it goes, and the mode. */
export interface GraphInput {
  readonly spec: PlanSpec;
  readonly target: string;
  readonly mode: Mode;
}

/** The step that decides the mode: all there is until it has. */
export const assessStep: Step = { id: 'assess', kind: 'Assess', phase: 'Activation', after: [], effect: 'None' };

/** Computed once from the pinned plan; the order is the order of reading. Every edge points backwards. */
export function buildGraph({ spec, target, mode }: GraphInput): readonly Step[] {
  const source = peerOf(spec, target);
  const looking = activation(spec, source, target);
  return [
    assessStep,
    ...looking,
    ...recovery(spec, source, target, mode, preflightIds(looking)),
    ...reconstitution(spec, source),
  ];
}

/** No promotion before every fence and preflight; no traffic before every database is usable and every check is green. */
function recovery(spec: PlanSpec, source: string, target: string, mode: Mode, preflights: readonly string[]): Step[] {
  const quiesces = quiesceSteps(
    spec,
    source,
    preflights,
    mode === 'Planned' ? ['approve', ...preflights] : ['approve'],
  );
  const quiesceIds = quiesces.map((step) => step.id);
  const fences = fenceSteps(spec, source, ['approve', ...preflights, ...quiesceIds]);
  const positions = mode === 'Planned' ? positionSteps(spec, target) : [];
  const dependencies = dependencySteps(spec, target);
  const gates = [...preflights, ...fences.map((step) => step.id), ...positions.map((step) => step.id)];
  return [
    ...preScaleSteps(spec, target, preflights),
    ...dependencies,
    ...quiesces,
    ...fences,
    ...positions,
    ...spec.databases.flatMap((d) => databaseSteps(d, target, gates, spec.failover.deadlines.promote)),
    ...workloadSteps(spec, target, spec.databases.length === 0 ? ['approve', ...preflights, ...quiesceIds] : []),
    ...smokeBeforeSteps(spec, target),
    ...trafficSteps(
      spec,
      target,
      dependencies.map((step) => step.id),
      quiesceIds,
    ),
  ];
}
