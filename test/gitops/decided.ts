import { known } from '../../src/api/fact.ts';
import { parseRegionStatus, renderRegionStatus } from '../../src/api/wire-region-status.ts';
import { renderPlanStatus } from '../../src/api/render-plan-status.ts';
import { renderRunStatus } from '../../src/api/render-run.ts';
import type { Run } from '../../src/api/run.ts';
import { decidePlan } from '../../src/decide/plan/decide-plan.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { regionStatus, type RegionFacts } from '../../src/decide/region-status.ts';
import type { DatabaseState } from '../../src/drivers/databases/driver.ts';
import type { TrafficState } from '../../src/drivers/traffic/driver.ts';
import type { Wire } from '../crds/objects.ts';
import { ago, aPrimary, aStandby, inEast, inWest, lost, now, seen, start } from '../decide/support/facts.ts';
import { aPlanStatus, atRest, planFacts, settled, type PlanCase } from '../decide/support/plan-facts.ts';
import { aDatabase, aSpec, east, west } from '../decide/support/plans.ts';
import { anIntent, factsOf, type Case } from '../decide/support/runs.ts';
import { expect, type Take } from './state.ts';

/** What no story of recorded.ts leads to is decided on facts, by the program's own functions. */
export function decidedStates(take: Take): void {
  plans(take);
  moving(take);
  runs(take);
  regions(take);
}

function plans(take: Take): void {
  const inTheWest = { [inEast('orders')]: seen(aStandby()), [inWest('orders')]: seen(aPrimary()) };
  const dark = { [inEast('orders')]: lost<DatabaseState>(), [inWest('orders')]: lost<DatabaseState>() };
  const unseen = { databases: dark, records: {} };
  take(
    'plan, moved by hand behind the operator’s back',
    planObject({ observed: { databases: inTheWest } }),
    expect('InProgress', 'Suspended', /writes in us-west-2/),
  );
  take(
    'plan, adopted after a move by hand that left its record behind',
    planObject({ observed: { databases: inTheWest }, spec: { activeRegion: west } }),
    expect('InProgress', 'Degraded', /leads to us-east-1, and the plan is active in us-west-2/),
  );
  take(
    'plan, adopted after a move by hand, its record not looked at yet',
    planObject({ observed: { databases: inTheWest, records: {} }, spec: { activeRegion: west } }),
    expect('InProgress', 'Progressing', /Where record .* leads is being looked at/),
  );
  take(
    'plan, adopted after a move by hand, its record looked at in vain',
    planObject({
      observed: { databases: inTheWest, records: { public: lost<TrafficState>() } },
      spec: { activeRegion: west },
    }),
    expect('InProgress', 'Progressing', /Where record .* leads cannot be seen yet/),
  );
  take(
    'plan, never adopted for nothing can be seen',
    planObject({ observed: unseen, status: aPlanStatus() }),
    expect('InProgress', 'Suspended', /Cannot tell where/),
  );
  take(
    'plan, one of its databases left behind',
    planObject({
      spec: { databases: [aDatabase('orders'), aDatabase('ledger')] },
      observed: {
        databases: {
          [inEast('orders')]: seen(aPrimary()),
          [inWest('orders')]: seen(aStandby()),
          [inEast('ledger')]: seen(aStandby()),
          [inWest('ledger')]: seen(aStandby()),
        },
      },
    }),
    expect('InProgress', 'Degraded', /Database ledger does not write in us-east-1/),
  );
  take(
    'plan, asked to be deleted',
    planObject({ plan: { deleting: true } }),
    expect('InProgress', 'Progressing', /The plan is being deleted/),
  );
}

/** A wish that is not taken up, and a run that is gone. */
function moving(take: Take): void {
  const wanted = { spec: { activeRegion: west } };
  take(
    'plan, wanted where its database was not seen',
    planObject({
      ...wanted,
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: lost() } },
    }),
    expect('InProgress', 'Suspended', /^The move to us-west-2 waits: database orders in us-west-2 has not been seen/),
  );
  take(
    'plan, behind as many Runs as may be',
    planObject({ ...wanted, facts: { runsElsewhere: 2, maxRuns: 2 } }),
    expect('InProgress', 'Progressing', /2 Runs are under way/),
  );
  take(
    'plan, its last run superseded',
    planObject({
      ...wanted,
      status: atRest({
        acknowledgedActiveRegion: west,
        lastRun: { name: 'checkout-7', epoch: 7, from: east, to: west, phase: 'Superseded', finishedAt: start },
      }),
    }),
    expect('InProgress', 'Progressing', /^Wanted in us-west-2, active in us-east-1/),
  );
  take(
    'plan, its run deleted under way',
    planObject({ status: atRest({ currentRun: { name: 'checkout-6', uid: 'gone', epoch: 6 } }) }, false),
    expect('InProgress', 'Progressing', /checkout-6 was deleted while it was under way/),
  );
  const problem = 'status.steps[3].kind: "WarmUp" is not known; use one that this operator knows.';
  take(
    'plan, its run made by another version',
    planObject({
      ...wanted,
      status: atRest({ currentRun: { name: 'checkout-7', uid: 'run-uid', epoch: 7 } }),
      facts: { unread: [{ name: 'checkout-7', uid: 'run-uid', problem }] },
    }),
    expect('InProgress', 'Suspended', /Run checkout-7 cannot be read by this operator.*WarmUp/),
  );
}

function runs(take: Take): void {
  const late = { state: 'Running', readyAt: ago(400_000).wall, deadline: ago(100_000).wall } as const;
  const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
  // What a preflight of a workload writes down, on each: the rules read it there.
  const evidence = [{ what: 'seen', at: start, value: { replicas: 3 } }];
  const moved = { state: 'Done', outcome: { state: 'Succeeded', at: start, evidence } } as const;
  const graph = factsOf({ spec }).run.status.steps;
  const before = Object.fromEntries(
    graph.filter(({ id, phase }) => phase === 'Activation' || id.startsWith('fence/')).map(({ id }) => [id, moved]),
  );
  const partial = {
    spec,
    steps: { ...before, 'promote/orders': { ...moved, intent: anIntent() }, 'promote/ledger': late },
  };
  take(
    'run, part of its databases promoted',
    runObject(partial),
    expect(
      'InProgress',
      'Suspended',
      /^A person is awaited: Part of the plan has moved: .* Type: kubectl patch drrun .*skips/,
      'pause',
    ),
  );
  const halt = { uid: 'halt-uid', by: 'ana', reason: 'the network is rebuilt', since: ago(60_000).wall };
  take(
    'run, under a halt',
    runObject({ facts: { halt }, steps: { assess: moved, positions: moved } }),
    expect(
      'InProgress',
      'Suspended',
      /^A person is awaited: The operator is halted by ana.* Type: kubectl /,
      'pause',
      'abort',
    ),
  );
  const drifted = factsOf({ steps: { assess: moved, 'workload/api': { ...moved, state: 'Drifted' } } }).run;
  take(
    'run, one of its steps no longer as it was left',
    wireRun({ ...drifted, status: { ...drifted.status, phase: 'Recovery' } }),
    expect('InProgress', 'Degraded', /^Step workload\/api is no longer as the Run left it/, 'pause', 'abort'),
  );
}

function regions(take: Take): void {
  const answering = known({ clusterUid: 'uid-1' }, now);
  const region = (facts: Partial<RegionFacts>): Wire => ({
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRegion',
    metadata: { name: west, generation: 1 },
    spec: {},
    status: renderRegionStatus(
      regionStatus({
        generation: 1,
        status: parseRegionStatus({}),
        health: answering,
        problems: [],
        others: [],
        wall: now.wall,
        ...facts,
      }),
    ),
  });
  take(
    'region, another cluster behind its name',
    region({ status: { ...parseRegionStatus({}), clusterUid: 'uid-0' } }),
    expect('Current', 'Degraded', /Another cluster answers/),
  );
  take(
    'region, not asked yet',
    region({ health: { known: false, why: 'NotAsked', detail: 'not asked yet', since: now } }),
    expect('InProgress', 'Progressing', /not asked yet/),
  );
  for (const why of ['Unreachable', 'Timeout', 'Forbidden', 'Throttled', 'Malformed'] as const) {
    take(
      `region, ${why}`,
      region({ health: { known: false, why, detail: `it is ${why}`, since: now } }),
      expect('InProgress', 'Degraded', new RegExp(`does not answer: it is ${why}`)),
    );
  }
}

/** @param still false: as one pass leaves it, which the next goes on from at once. */
function planObject(given: PlanCase, still = true): Wire {
  const { plan } = planFacts(given);
  const { status } = still ? settled(given) : decidePlan(planFacts(given));
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryPlan',
    metadata: { name: plan.name, namespace: plan.namespace, generation: plan.generation },
    spec: { activeRegion: plan.spec.activeRegion, regions: plan.spec.regions },
    status: renderPlanStatus(status),
  };
}

function runObject(given: Case): Wire {
  const facts = factsOf(given);
  return wireRun({ ...facts.run, status: decideRun(facts).status });
}

function wireRun({ name, namespace, generation, spec, status }: Run): Wire {
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRun',
    metadata: { name, namespace, generation },
    spec: { desiredState: spec.desiredState },
    status: { ...renderRunStatus(status, spec) },
  };
}
