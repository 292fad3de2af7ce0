import type { PlanSpec } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { promptMs } from './prompt.ts';

/** Looking only: what is the matter, what is known, and whether the target can take over. */
export function activation(spec: PlanSpec, source: string, target: string): Step[] {
  const look = { phase: 'Activation', effect: 'None', after: ['assess'] } as const;
  const preflight = { ...look, region: target, deadlineMs: promptMs };
  const preflights: Step[] = [
    ...spec.databases.map((d): Step => ({
      ...preflight,
      id: `preflight/${d.name}`,
      kind: 'PreflightDatabase',
      subject: d.name,
    })),
    ...spec.workloads.map((w): Step => ({
      ...preflight,
      id: `preflight/${w.name}`,
      kind: 'PreflightWorkload',
      subject: w.name,
    })),
    ...spec.traffic.map((t): Step => ({
      ...preflight,
      id: `preflight/${t.name}`,
      kind: 'PreflightTraffic',
      subject: t.name,
    })),
  ];
  return [
    { ...look, id: 'positions', kind: 'SamplePositions', region: source },
    ...distinctIds(preflights),
    { ...look, id: 'approve', kind: 'Approve', after: ['assess', 'positions'] },
  ];
}

/** A database, a workload and a record may share a name; their preflights then carry the kind. */
function distinctIds(steps: readonly Step[]): Step[] {
  const count = (id: string): number => steps.filter((step) => step.id === id).length;
  const family: Partial<Record<Step['kind'], string>> = {
    PreflightDatabase: 'database',
    PreflightWorkload: 'workload',
    PreflightTraffic: 'traffic',
  };
  return steps.map((step) =>
    count(step.id) === 1 ? step : { ...step, id: `preflight/${family[step.kind] ?? ''}/${step.subject ?? ''}` },
  );
}

export function preflightIds(steps: readonly Step[]): string[] {
  return steps.filter((step) => step.kind.startsWith('Preflight')).map((step) => step.id);
}

/** The preflight of a workload, whatever it had to be called. */
export function workloadPreflight(ids: readonly string[], workload: string): string {
  const id = `preflight/${workload}`;
  return ids.includes(id) ? id : `preflight/workload/${workload}`;
}
