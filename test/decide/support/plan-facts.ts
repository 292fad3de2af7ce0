import type { PlanStatus } from '../../../src/api/plan-status.ts';
import type { Plan, PlanSpec } from '../../../src/api/plan.ts';
import { nothingObserved, type Observed } from '../../../src/decide/facts.ts';
import { decidePlan } from '../../../src/decide/plan/decide-plan.ts';
import type { PlanDecision, PlanFacts } from '../../../src/decide/plan/facts.ts';
import { aPrimary, aStandby, inEast, inWest, listed, now, scaled, seen, start } from './facts.ts';
import { aPlan, aSpec, east } from './plans.ts';
import { aSample } from './runs.ts';

export function aPlanStatus(over: Partial<PlanStatus> = {}): PlanStatus {
  return { observedGeneration: 3, epoch: 0, workloads: [], conditions: [], ...over };
}

/** Adopted in the east, at rest. */
export function atRest(over: Partial<PlanStatus> = {}): PlanStatus {
  return aPlanStatus({
    activeRegion: east,
    acknowledgedActiveRegion: east,
    adoptedAt: start,
    epoch: 6,
    ...over,
  });
}

/** Everything as it should be with the east active. */
export function allWell(spec: PlanSpec = aSpec()): Observed {
  const databases = spec.databases.flatMap(({ name }) => [
    [inEast(name), seen(aPrimary({ highestEpoch: 6 }))] as const,
    [inWest(name), seen(aStandby({ highestEpoch: 6 }))] as const,
  ]);
  const records = spec.traffic.map(({ name }) => [name, seen(listed(east))] as const);
  const workloads = spec.workloads.map(({ name }) => [inEast(name), seen(scaled(3))] as const);
  return {
    ...nothingObserved,
    databases: Object.fromEntries(databases),
    records: Object.fromEntries(records),
    workloads: Object.fromEntries(workloads),
  };
}

/** What a test says of a plan; everything else is at rest in the east, and well. */
export interface PlanCase {
  readonly spec?: Partial<PlanSpec>;
  readonly plan?: Partial<Plan>;
  readonly status?: PlanStatus;
  readonly runs?: PlanFacts['runs'];
  readonly observed?: Partial<Observed>;
  readonly facts?: Partial<PlanFacts>;
}

export function planFacts(given: PlanCase = {}): PlanFacts {
  const spec = aSpec(given.spec);
  return {
    now,
    plan: aPlan(spec, given.plan),
    status: given.status ?? atRest(),
    runs: given.runs ?? [],
    unread: [],
    observed: { ...allWell(spec), ...given.observed },
    samples: spec.databases.map(({ name }) => ({ ...aSample(name, 0, '0/5000'), at: now.wall })),
    regionProblems: [],
    runsElsewhere: 0,
    maxRuns: 50,
    ...given.facts,
  };
}

export function decide(given: PlanCase = {}): PlanDecision {
  return decidePlan(planFacts(given));
}

export function condition(decision: PlanDecision, type: string): string {
  const found = decision.status.conditions.find((one) => one.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
}

export function message(decision: PlanDecision, type: string): string {
  return decision.status.conditions.find((one) => one.type === type)?.message ?? '';
}

/** Decides again and again on the same facts until the status stands still. */
export function settled(given: PlanCase): PlanDecision {
  let facts = planFacts(given);
  for (let count = 0; count < 10; count += 1) {
    const decision = decidePlan(facts);
    if (JSON.stringify(decision.status) === JSON.stringify(facts.status)) return decision;
    facts = { ...facts, status: decision.status };
  }
  throw new Error('the status does not stand still');
}
