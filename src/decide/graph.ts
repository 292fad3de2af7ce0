import type { Database, Mode, PlanSpec, Workload } from '../api/plan.ts';
import { peerOf } from '../api/plan.ts';
import type { Step } from '../api/run.ts';

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
  return [
    assessStep,
    ...activation(spec, source, target),
    ...recovery(spec, source, target, mode),
    ...reconstitution(spec, source),
  ];
}

function activation(spec: PlanSpec, source: string, target: string): Step[] {
  const look = { phase: 'Activation', effect: 'None', after: ['assess'] } as const;
  const preflights: Step[] = [
    ...spec.databases.map((d): Step => ({
      ...look,
      id: `preflight/${d.name}`,
      kind: 'PreflightDatabase',
      subject: d.name,
      region: target,
    })),
    ...spec.workloads.map((w): Step => ({
      ...look,
      id: `preflight/${w.name}`,
      kind: 'PreflightWorkload',
      subject: w.name,
      region: target,
    })),
    ...spec.traffic.map((t): Step => ({
      ...look,
      id: `preflight/${t.name}`,
      kind: 'PreflightTraffic',
      subject: t.name,
      region: target,
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

function recovery(spec: PlanSpec, source: string, target: string, mode: Mode): Step[] {
  const { deadlines } = spec.failover;
  const phase = 'Recovery';
  const preflights = preflightIds(activation(spec, source, target));
  const quiesced = spec.workloads.filter((w) => w.quiesce);
  const prescaled = spec.workloads.filter((w) => !w.quiesce);
  const quiesceIds = quiesced.map((w) => `quiesce/${w.name}`);
  const fenceIds = spec.databases.map((d) => `fence/${d.name}`);
  const positionIds = mode === 'Planned' ? spec.databases.map((d) => `position/${d.name}`) : [];
  const dependencyIds = spec.dependencyChecks.map((c) => `dependency/${c.name}`);

  return [
    ...prescaled.map((w): Step => ({
      id: `pre-scale/${w.name}`,
      kind: 'PreScale',
      phase,
      subject: w.name,
      region: target,
      after: ['approve', `preflight/${w.name}`].map((id) => nameOf(preflights, id, 'workload')),
      effect: 'Reversible',
    })),
    ...spec.dependencyChecks.map((c): Step => ({
      id: `dependency/${c.name}`,
      kind: 'Dependency',
      phase,
      subject: c.name,
      region: target,
      after: ['assess'],
      effect: 'None',
      deadlineMs: deadlines.workloads,
    })),
    ...quiesced.map((w): Step => ({
      id: `quiesce/${w.name}`,
      kind: 'Quiesce',
      phase,
      subject: w.name,
      region: source,
      after: mode === 'Planned' ? ['approve', ...preflights] : ['approve'],
      effect: 'Reversible',
      deadlineMs: deadlines.quiesce,
    })),
    ...spec.databases.map((d): Step => ({
      id: `fence/${d.name}`,
      kind: 'Fence',
      phase,
      subject: d.name,
      region: source,
      after: ['approve', ...preflights, ...quiesceIds],
      effect: 'Reversible',
      deadlineMs: deadlines.fence,
    })),
    ...(mode === 'Planned' ? spec.databases : []).map((d): Step => ({
      id: `position/${d.name}`,
      kind: 'Position',
      phase,
      subject: d.name,
      region: target,
      after: [`fence/${d.name}`],
      effect: 'None',
      deadlineMs: deadlines.position,
    })),
    ...spec.databases.flatMap((d) =>
      databaseSteps(d, target, [...preflights, ...fenceIds, ...positionIds], deadlines.promote),
    ),
    ...workloadSteps(spec, target, spec.databases.length === 0 ? ['approve', ...preflights, ...quiesceIds] : []),
    ...spec.smokeTests
      .filter((s) => s.when === 'BeforeTraffic')
      .map((s): Step => ({
        id: `smoke/${s.name}`,
        kind: 'Smoke',
        phase,
        subject: s.name,
        region: target,
        after: workloadIds(spec),
        effect: 'None',
        deadlineMs: deadlines.workloads,
      })),
    ...trafficSteps(spec, target, dependencyIds, quiesceIds),
  ];
}

function databaseSteps(database: Database, target: string, gates: readonly string[], deadlineMs: number): Step[] {
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

function workloadSteps(spec: PlanSpec, target: string, otherwise: readonly string[]): Step[] {
  return spec.workloads.map((w): Step => ({
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
    effect: w.quiesce ? 'Reversible' : 'None',
    deadlineMs: spec.failover.deadlines.workloads,
  }));
}

function earlierWaves(spec: PlanSpec, workload: Workload): string[] {
  return spec.workloads.filter((w) => w.wave < workload.wave).map((w) => `workload/${w.name}`);
}

function workloadIds(spec: PlanSpec): string[] {
  return [...spec.workloads.map((w) => `workload/${w.name}`), ...spec.databases.map((d) => usableId(spec, d.name))];
}

function trafficSteps(
  spec: PlanSpec,
  target: string,
  dependencyIds: readonly string[],
  quiesceIds: readonly string[],
): Step[] {
  const phase = 'Recovery';
  const { traffic } = spec.failover.deadlines;
  const before = spec.smokeTests.filter((s) => s.when === 'BeforeTraffic').map((s) => `smoke/${s.name}`);
  const settled = [...workloadIds(spec), ...before, ...dependencyIds, ...quiesceIds, 'approve'];
  const observed = spec.traffic.map((t) => `observed/${t.name}`);
  const reached = observed.length === 0 ? settled : observed;
  const after = spec.smokeTests.filter((s) => s.when === 'AfterTraffic');
  return [
    ...spec.traffic.map((t): Step => ({
      id: `shift/${t.name}`,
      kind: 'Shift',
      phase,
      subject: t.name,
      region: target,
      after: settled,
      effect: 'Irreversible',
      deadlineMs: traffic,
    })),
    ...spec.traffic.map((t): Step => ({
      id: `observed/${t.name}`,
      kind: 'ObserveTraffic',
      phase,
      subject: t.name,
      region: target,
      after: [`shift/${t.name}`],
      effect: 'None',
      deadlineMs: traffic,
    })),
    ...after.map((s): Step => ({
      id: `smoke/${s.name}`,
      kind: 'Smoke',
      phase,
      subject: s.name,
      region: target,
      after: reached,
      effect: 'None',
      deadlineMs: traffic,
    })),
    {
      id: 'soak',
      kind: 'Soak',
      phase,
      region: target,
      after: [...reached, ...after.map((s) => `smoke/${s.name}`)],
      effect: 'None',
    },
  ];
}

function reconstitution(spec: PlanSpec, source: string): Step[] {
  const phase = 'Reconstitution';
  const back = { phase, region: source } as const;
  const target = peerOf(spec, source);
  const observed = spec.traffic.length === 0 ? ['soak'] : spec.traffic.map((t) => `observed/${t.name}`);
  const standDowns = spec.workloads.filter((w) => !w.quiesce);
  return [
    ...standDowns.map((w): Step => ({
      ...back,
      id: `stand-down/${w.name}`,
      kind: 'StandDown',
      subject: w.name,
      after: observed,
      effect: 'Reversible',
    })),
    ...spec.databases.flatMap((d): Step[] => [
      {
        ...back,
        id: `finish-fence/${d.name}`,
        kind: 'FinishFence',
        subject: d.name,
        after: [`promote/${d.name}`],
        effect: 'Reversible',
      },
      {
        ...back,
        id: `compare/${d.name}`,
        kind: 'Compare',
        subject: d.name,
        after: [`finish-fence/${d.name}`, `open/${d.name}`],
        effect: 'None',
      },
      {
        ...back,
        id: `rebuild/${d.name}`,
        kind: 'Rebuild',
        subject: d.name,
        effect: 'Irreversible',
        after: [`compare/${d.name}`, `checkpoint/${d.name}`, 'soak'],
      },
      {
        phase,
        region: target,
        id: `protect/${d.name}`,
        kind: 'Protect',
        subject: d.name,
        after: [`rebuild/${d.name}`],
        effect: 'Reversible',
      },
    ]),
    {
      id: 'report',
      kind: 'Report',
      phase,
      effect: 'None',
      after: [
        'soak',
        ...standDowns.map((w) => `stand-down/${w.name}`),
        ...spec.databases.map((d) => `protect/${d.name}`),
      ],
    },
  ];
}

function nameOf(ids: readonly string[], id: string, family: string): string {
  if (!id.startsWith('preflight/')) return id;
  return ids.includes(id) ? id : `preflight/${family}/${id.slice('preflight/'.length)}`;
}
