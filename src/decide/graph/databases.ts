import type { Database, PlanSpec } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';

/** Fencing, and for a planned run the position that has to be reached: the source's side of the move. */
export function fenceSteps(spec: PlanSpec, source: string, after: readonly string[]): Step[] {
  return spec.databases.map((d): Step => ({
    id: `fence/${d.name}`,
    kind: 'Fence',
    phase: 'Recovery',
    subject: d.name,
    region: source,
    after,
    effect: 'Reversible',
    deadlineMs: spec.failover.deadlines.fence,
  }));
}

export function positionSteps(spec: PlanSpec, target: string): Step[] {
  return spec.databases.map((d): Step => ({
    id: `position/${d.name}`,
    kind: 'Position',
    phase: 'Recovery',
    subject: d.name,
    region: target,
    after: [`fence/${d.name}`],
    effect: 'None',
    deadlineMs: spec.failover.deadlines.position,
  }));
}

/** The target's side: promoted, opened, and seen to take the application's writes. */
export function databaseSteps(
  database: Database,
  target: string,
  gates: readonly string[],
  deadlineMs: number,
): Step[] {
  const on = { phase: 'Recovery', subject: database.name, region: target, deadlineMs } as const;
  const opened = `open/${database.name}`;
  return [
    { ...on, id: `promote/${database.name}`, kind: 'Promote', after: gates, effect: 'Irreversible' },
    {
      ...on,
      id: `checkpoint/${database.name}`,
      kind: 'Checkpoint',
      after: [`promote/${database.name}`],
      effect: 'Reversible',
    },
    { ...on, id: opened, kind: 'Open', after: [`promote/${database.name}`], effect: 'Irreversible' },
    ...(database.applicationProbe === undefined
      ? []
      : [{ ...on, id: `probe/${database.name}`, kind: 'Probe', after: [opened], effect: 'Reversible' } as const]),
  ];
}

/** The step after which a database counts as usable. */
export function usableId(spec: PlanSpec, database: string): string {
  const found = spec.databases.find((d) => d.name === database);
  return found?.applicationProbe === undefined ? `open/${database}` : `probe/${database}`;
}
