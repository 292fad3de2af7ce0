import type { PlanSpec } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { workloadIds } from './workloads.ts';

export function dependencySteps(spec: PlanSpec, target: string): Step[] {
  return spec.dependencyChecks.map((c): Step => ({
    id: `dependency/${c.name}`,
    kind: 'Dependency',
    phase: 'Recovery',
    subject: c.name,
    region: target,
    after: ['assess'],
    effect: 'None',
    deadlineMs: spec.failover.deadlines.workloads,
  }));
}

/** Tested at the target's own address before anybody is sent there. */
export function smokeBeforeSteps(spec: PlanSpec, target: string): Step[] {
  return spec.smokeTests
    .filter((s) => s.when === 'BeforeTraffic')
    .map((s): Step => ({
      id: `smoke/${s.name}`,
      kind: 'Smoke',
      phase: 'Recovery',
      subject: s.name,
      region: target,
      after: workloadIds(spec),
      effect: 'None',
      deadlineMs: spec.failover.deadlines.workloads,
    }));
}

/** Traffic moves last; the RTO clock stops when it has stayed healthy. */
export function trafficSteps(
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
      // A test that turns red starts the soak again, for ever if nobody is told.
      deadlineMs: spec.failover.soakMs + traffic,
    },
  ];
}
