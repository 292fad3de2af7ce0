import assert from 'node:assert/strict';
import type { Mode, PlanSpec } from '../../src/api/plan.ts';
import type { Step, StepKind } from '../../src/api/run.ts';
import { buildGraph } from '../../src/decide/graph.ts';
import { applyModes, describeStep } from '../../src/decide/modes.ts';
import { aDatabase, aRecord, aSmokeTest, aSpec, aWorkload, east, stateless, west } from './support/plans.ts';

/** Every shape of plan that makes a difference to the graph. */
const plans: Readonly<Record<string, PlanSpec>> = {
  'one of everything': aSpec(),
  'several databases': aSpec({ databases: [aDatabase('orders'), aDatabase('ledger'), aDatabase('catalog')] }),
  'no database': stateless(),
  'databases alone': aSpec({ workloads: [], traffic: [], dependencyChecks: [], smokeTests: [] }),
  'traffic alone': stateless({ workloads: [], dependencyChecks: [], smokeTests: [] }),
  nothing: stateless({ workloads: [], dependencyChecks: [], smokeTests: [], traffic: [] }),
  'no probe': aSpec({ databases: [withoutProbe('orders')] }),
  'one name for everything': aSpec({
    databases: [aDatabase('shop')],
    workloads: [aWorkload('shop', { uses: ['shop'] })],
    traffic: [aRecord('shop')],
    dependencyChecks: [],
    smokeTests: [aSmokeTest('shop', 'BeforeTraffic')],
  }),
  'waves and workers': aSpec({
    databases: [aDatabase('orders'), withoutProbe('ledger')],
    workloads: [
      aWorkload('front', { wave: 3, uses: [] }),
      aWorkload('api', { wave: 2, uses: ['orders', 'ledger'] }),
      aWorkload('worker', { wave: 1, quiesce: true, uses: ['ledger'] }),
      aWorkload('cron', { wave: 1, quiesce: true }),
    ],
    traffic: [aRecord('public'), aRecord('partner')],
  }),
};

function withoutProbe(name: string): ReturnType<typeof aDatabase> {
  const { applicationProbe: _none, ...rest } = aDatabase(name);
  return rest;
}

const modes: readonly Mode[] = ['Planned', 'Forced'];

function graph(spec: PlanSpec, mode: Mode): readonly Step[] {
  return buildGraph({ spec, target: west, mode });
}

function idsOf(steps: readonly Step[], ...kinds: readonly StepKind[]): string[] {
  return steps.filter((step) => kinds.includes(step.kind)).map((step) => step.id);
}

/** Everything that has to be done before a step, however far back. */
function before(steps: readonly Step[], id: string): readonly string[] {
  const step = steps.find((one) => one.id === id);
  assert.ok(step, `no step ${id}`);
  return [...new Set(step.after.flatMap((edge) => [edge, ...before(steps, edge)]))];
}

function waitsForAll(steps: readonly Step[], id: string, wanted: readonly string[]): void {
  const missing = wanted.filter((one) => !before(steps, id).includes(one));
  assert.deepEqual(missing, [], `${id} does not wait for them`);
}

for (const [name, spec] of Object.entries(plans)) {
  for (const mode of modes) {
    describe(`graph of a plan with ${name}, ${mode}`, () => {
      const steps = graph(spec, mode);

      it('names each step once', () => {
        const ids = steps.map((step) => step.id);
        assert.deepEqual(
          ids.filter((id, index) => ids.indexOf(id) !== index),
          [],
        );
      });

      it('has only edges that point backwards, to steps that exist', () => {
        steps.forEach((step, index) => {
          const earlier = steps.slice(0, index).map((one) => one.id);
          assert.deepEqual(
            step.after.filter((edge) => !earlier.includes(edge)),
            [],
            `edges of ${step.id}`,
          );
        });
      });

      it('begins by assessing, and ends with the report, which waits for everything that lasts', () => {
        assert.equal(steps[0]?.id, 'assess');
        assert.equal(steps.at(-1)?.id, 'report');
        waitsForAll(steps, 'report', idsOf(steps, 'Soak', 'StandDown', 'Protect', 'Shift', 'FinishFence', 'Rebuild'));
      });

      it('lets nothing act before a person could have been asked', () => {
        for (const step of steps.filter((one) => one.effect !== 'None')) {
          waitsForAll(steps, step.id, ['approve', 'assess', 'positions']);
        }
      });

      it('promotes after all fences, all preflights and all positions', () => {
        const first = [
          ...idsOf(steps, 'Fence', 'Position', 'PreflightDatabase', 'PreflightWorkload', 'PreflightTraffic'),
          ...idsOf(steps, 'Quiesce'),
        ];
        const promotes = idsOf(steps, 'Promote');
        assert.equal(promotes.length, spec.databases.length);
        for (const id of promotes) waitsForAll(steps, id, first);
      });

      it('fences after every quiesce and every preflight', () => {
        for (const id of idsOf(steps, 'Fence')) {
          waitsForAll(steps, id, idsOf(steps, 'Quiesce', 'PreflightDatabase', 'PreflightWorkload', 'PreflightTraffic'));
        }
      });

      it('shifts traffic after everything that makes the target serve', () => {
        const kinds: StepKind[] = ['Promote', 'Open', 'Probe', 'Workload', 'PreScale', 'Dependency', 'Quiesce'];
        const smokes = spec.smokeTests.filter((s) => s.when === 'BeforeTraffic').map((s) => `smoke/${s.name}`);
        for (const id of idsOf(steps, 'Shift')) waitsForAll(steps, id, [...idsOf(steps, ...kinds), ...smokes]);
      });

      it('soaks after what tells that clients are served', () => {
        waitsForAll(steps, 'soak', idsOf(steps, 'Shift', 'ObserveTraffic', 'Smoke', 'Workload', 'Open'));
      });

      it('stands the source down, and rebuilds it, only after the traffic was seen to move', () => {
        for (const id of idsOf(steps, 'StandDown')) waitsForAll(steps, id, idsOf(steps, 'Shift', 'ObserveTraffic'));
        for (const id of idsOf(steps, 'Rebuild')) {
          const { subject = '' } = steps.find((step) => step.id === id) ?? {};
          waitsForAll(steps, id, ['soak', `finish-fence/${subject}`, `compare/${subject}`, `checkpoint/${subject}`]);
        }
      });

      it('knows positions to be reached in a planned run only', () => {
        const expected = mode === 'Planned' ? spec.databases.map((d) => `position/${d.name}`) : [];
        assert.deepEqual(idsOf(steps, 'Position'), expected);
      });
    });
  }
}

describe('graph', () => {
  it('reads as a runbook', () => {
    assert.deepEqual(
      graph(aSpec(), 'Planned').map((step) => step.id),
      [
        'assess',
        'positions',
        'preflight/orders',
        'preflight/api',
        'preflight/billing-worker',
        'preflight/public',
        'approve',
        'pre-scale/api',
        'dependency/idp',
        'quiesce/billing-worker',
        'fence/orders',
        'position/orders',
        'promote/orders',
        'checkpoint/orders',
        'open/orders',
        'probe/orders',
        'workload/api',
        'workload/billing-worker',
        'smoke/place-order',
        'shift/public',
        'observed/public',
        'smoke/front-door',
        'soak',
        'stand-down/api',
        'stand-down/billing-worker',
        'finish-fence/orders',
        'compare/orders',
        'rebuild/orders',
        'protect/orders',
        'report',
      ],
    );
  });

  it('acts where it should: the source is fenced and rebuilt, the target promoted, opened and protected', () => {
    const steps = graph(aSpec(), 'Planned');
    const regions = (...kinds: StepKind[]) => [
      ...new Set(steps.filter((s) => kinds.includes(s.kind)).map((s) => s.region)),
    ];
    assert.deepEqual(regions('SamplePositions', 'Quiesce', 'Fence', 'StandDown', 'FinishFence', 'Compare', 'Rebuild'), [
      east,
    ]);
    assert.deepEqual(
      regions('PreflightDatabase', 'PreflightWorkload', 'PreflightTraffic', 'PreScale', 'Dependency', 'Position'),
      [west],
    );
    assert.deepEqual(regions('Promote', 'Checkpoint', 'Open', 'Probe', 'Workload', 'Smoke', 'Shift', 'Protect'), [
      west,
    ]);
    assert.deepEqual(regions('ObserveTraffic', 'Soak'), [west]);
  });

  it('declares the effect of each kind', () => {
    const effects = new Map(graph(aSpec(), 'Planned').map((step) => [step.kind, step.effect]));
    const of = (effect: Step['effect']) => [...effects].filter(([, own]) => own === effect).map(([kind]) => kind);
    assert.deepEqual(of('Irreversible'), ['Promote', 'Open', 'Shift', 'Rebuild']);
    assert.deepEqual(of('Reversible'), [
      'PreScale',
      'Quiesce',
      'Fence',
      'Checkpoint',
      'Probe',
      'Workload',
      'StandDown',
      'FinishFence',
      'Protect',
    ]);
  });

  it('lists as effect-free only what never acts', () => {
    const acting = graph(plans['waves and workers'] ?? aSpec(), 'Planned').filter((step) => step.effect !== 'None');
    for (const id of ['workload/front', 'workload/api', 'workload/worker']) {
      assert.ok(
        acting.some((step) => step.id === id),
        `${id} may have to scale, and what is not listed is refused`,
      );
    }
  });

  it('takes the deadlines from the plan; what only looks or asks has a minute before it says that it is late', () => {
    const deadlines = new Map(graph(aSpec(), 'Planned').map((step) => [step.kind, step.deadlineMs]));
    const { deadlines: wanted } = aSpec().failover;
    const expected: Readonly<Partial<Record<StepKind, number>>> = {
      PreflightDatabase: 60_000,
      PreflightWorkload: 60_000,
      PreflightTraffic: 60_000,
      PreScale: 60_000,
      Quiesce: wanted.quiesce,
      Fence: wanted.fence,
      Position: wanted.position,
      Promote: wanted.promote,
      Open: wanted.promote,
      Probe: wanted.promote,
      Checkpoint: wanted.promote,
      Workload: wanted.workloads,
      Dependency: wanted.workloads,
      Shift: wanted.traffic,
      ObserveTraffic: wanted.traffic,
      Soak: aSpec().failover.soakMs + wanted.traffic,
      Compare: 900_000,
    };
    for (const [kind, own] of deadlines) {
      if (kind !== 'Smoke') assert.equal(own, Object.entries(expected).find(([name]) => name === kind)?.[1], kind);
    }
  });

  it('leaves nothing before the return of the source without a deadline but what a person decides', () => {
    const open = modes.flatMap((mode) =>
      Object.values(plans).flatMap((spec) =>
        graph(spec, mode).filter((step) => step.deadlineMs === undefined && step.phase !== 'Reconstitution'),
      ),
    );
    // The mode is asked for after 15 s; positions are only counted.
    assert.deepEqual([...new Set(open.map(({ kind }) => kind))], ['Assess', 'SamplePositions', 'Approve']);
  });

  it('gives a smoke test the deadline of what it waits for', () => {
    const steps = graph(aSpec(), 'Planned');
    const { workloads, traffic } = aSpec().failover.deadlines;
    assert.equal(steps.find((s) => s.id === 'smoke/place-order')?.deadlineMs, workloads);
    assert.equal(steps.find((s) => s.id === 'smoke/front-door')?.deadlineMs, traffic);
  });

  it('gives preflights of one name the kind as well, and finds them by it', () => {
    const steps = graph(plans['one name for everything'] ?? aSpec(), 'Forced');
    assert.deepEqual(idsOf(steps, 'PreflightDatabase', 'PreflightWorkload', 'PreflightTraffic'), [
      'preflight/database/shop',
      'preflight/workload/shop',
      'preflight/traffic/shop',
    ]);
    waitsForAll(steps, 'pre-scale/shop', ['preflight/workload/shop']);
  });

  it('quiesces in a planned run only after every preflight, in a forced one after its own', () => {
    const after = (mode: Mode) => graph(aSpec(), mode).find((s) => s.id === 'quiesce/billing-worker')?.after;
    assert.deepEqual(after('Forced'), ['approve', 'preflight/billing-worker']);
    assert.deepEqual(after('Planned'), [
      'approve',
      'preflight/orders',
      'preflight/api',
      'preflight/billing-worker',
      'preflight/public',
    ]);
  });

  it('starts a workload on the databases that it uses, usable: probed where there is a probe, else opened', () => {
    const steps = graph(plans['waves and workers'] ?? aSpec(), 'Forced');
    const after = (id: string) => steps.find((step) => step.id === id)?.after;
    assert.deepEqual(after('workload/worker'), ['open/ledger']);
    assert.deepEqual(after('workload/cron'), ['probe/orders', 'open/ledger'], 'a worker without a database of its own');
    assert.deepEqual(after('workload/api'), [
      'probe/orders',
      'open/ledger',
      'pre-scale/api',
      'workload/worker',
      'workload/cron',
    ]);
    assert.deepEqual(after('workload/front'), ['pre-scale/front', 'workload/api', 'workload/worker', 'workload/cron']);
  });

  it('holds a plan without databases by quiesce, preflights and approval alone', () => {
    const steps = graph(stateless(), 'Planned');
    assert.deepEqual(idsOf(steps, 'Fence', 'Position', 'Promote', 'Open', 'Compare', 'Rebuild', 'Protect'), []);
    waitsForAll(steps, 'workload/billing-worker', ['quiesce/billing-worker', 'preflight/billing-worker', 'approve']);
  });

  it('lets the source be stood down after the soak where there is no traffic to look at', () => {
    const steps = graph(aSpec({ traffic: [] }), 'Forced');
    assert.deepEqual(steps.find((step) => step.id === 'stand-down/api')?.after, ['soak']);
  });

  it('pre-scales what serves requests, and quiesces what does not', () => {
    const steps = graph(plans['waves and workers'] ?? aSpec(), 'Forced');
    assert.deepEqual(idsOf(steps, 'PreScale'), ['pre-scale/front', 'pre-scale/api']);
    assert.deepEqual(idsOf(steps, 'Quiesce'), ['quiesce/worker', 'quiesce/cron']);
    assert.deepEqual(
      idsOf(steps, 'Workload'),
      ['workload/worker', 'workload/cron', 'workload/api', 'workload/front'],
      'wave by wave',
    );
  });
});

describe('modes', () => {
  const observe = (spec: PlanSpec, mode: Mode) => applyModes(graph(spec, mode), { ...spec, enforcement: 'Observe' });

  it('leave the steps of an acting plan as they are', () => {
    const steps = graph(aSpec(), 'Planned');
    assert.equal(applyModes(steps, aSpec()), steps);
  });

  for (const [name, spec] of Object.entries(plans)) {
    for (const mode of modes) {
      it(`take every effect out of an observing plan with ${name}, ${mode}`, () => {
        const acting = graph(spec, mode);
        const observing = observe(spec, mode);
        assert.deepEqual(
          observing.filter((step) => step.effect !== 'None').map((step) => step.id),
          [],
        );
        assert.deepEqual(
          observing.filter((step) => step.pretend === 'Would').map((step) => step.id),
          acting.filter((step) => step.effect !== 'None').map((step) => step.id),
        );
        assert.deepEqual(
          observing.map(({ id, after }) => ({ id, after })),
          acting.map(({ id, after }) => ({ id, after })),
        );
      });
    }
  }

  it('really look at whatever can be seen without an effect', () => {
    const real = observe(aSpec(), 'Planned').filter((step) => step.pretend === undefined);
    assert.deepEqual(
      real.map((step) => step.id),
      [
        'assess',
        'positions',
        'preflight/orders',
        'preflight/api',
        'preflight/billing-worker',
        'preflight/public',
        'dependency/idp',
      ],
    );
  });

  it('tell what only follows an effect from an effect', () => {
    const follows = observe(aSpec(), 'Planned').filter((step) => step.pretend === 'Follows');
    assert.deepEqual(
      follows.map((step) => step.id),
      [
        'approve',
        'position/orders',
        'smoke/place-order',
        'observed/public',
        'smoke/front-door',
        'soak',
        'compare/orders',
        'report',
      ],
    );
  });

  it('say what a step would do', () => {
    const words = new Map(graph(aSpec(), 'Planned').map((step) => [step.id, describeStep(step)]));
    assert.equal(words.get('promote/orders'), 'Promote orders in us-west-2');
    assert.equal(words.get('soak'), 'Soak in us-west-2');
    assert.equal(words.get('report'), 'Report');
  });
});
