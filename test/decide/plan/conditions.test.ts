import assert from 'node:assert/strict';
import type { Condition } from '../../../src/api/plan-status.ts';
import type { Observed } from '../../../src/decide/facts.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import { replicationLag } from '../../../src/decide/plan/lag.ts';
import {
  absent,
  ago,
  aPrimary,
  aStandby,
  everyWhy,
  fenced,
  inEast,
  inWest,
  lost,
  now,
  scaled,
  seen,
} from '../support/facts.ts';
import { atRest, condition, decide, message, planFacts, type PlanCase } from '../support/plan-facts.ts';
import { aCronJob, aDatabase, east, minute, stateless, west } from '../support/plans.ts';
import { aRun, aSample, contextFor, outcome } from '../support/runs.ts';

describe('condition Accepted', () => {
  it('is true for a plan whose Regions can be used', () => {
    assert.equal(condition(decide(), 'Accepted'), 'True Accepted');
  });
  it('says everything that is wrong with them', () => {
    const decision = decide({ facts: { regionProblems: ['No Region east.', 'Region west is refused.'] } });
    assert.equal(condition(decision, 'Accepted'), 'False RegionRefused');
    assert.equal(message(decision, 'Accepted'), 'No Region east. Region west is refused.');
    assert.equal(condition(decision, 'Ready'), 'False NotAccepted');
  });
});

describe('condition Ready', () => {
  const last = { name: 'checkout-6', epoch: 6, from: east, to: west, finishedAt: 1 };
  const wantsWest = { activeRegion: west };
  const taken = { acknowledgedActiveRegion: west };
  const rows: readonly (readonly [string, PlanCase, string])[] = [
    ['active where it is wanted', {}, 'True Active'],
    ['taken up, and nothing came of it', { spec: wantsWest, status: atRest(taken) }, 'False Pending'],
    [
      'aborted',
      { spec: wantsWest, status: atRest({ ...taken, lastRun: { ...last, phase: 'Aborted' } }) },
      'False RunAborted',
    ],
    [
      'observed only',
      {
        spec: { ...wantsWest, enforcement: 'Observe' },
        status: atRest({ ...taken, lastRun: { ...last, phase: 'Succeeded' } }),
      },
      'False ObserveOnly',
    ],
    [
      'succeeded, and yet not there: the plan only observed until then',
      { spec: wantsWest, status: atRest({ ...taken, lastRun: { ...last, phase: 'Succeeded' } }) },
      'False ObserveOnly',
    ],
    [
      'abandoned before anything was moved',
      { spec: wantsWest, status: atRest({ ...taken, lastRun: { ...last, phase: 'Abandoned' } }) },
      'False Pending',
    ],
  ];
  for (const [name, given, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(condition(decide(given), 'Ready'), wanted);
    });
  }
  it('says how to go on where the wish was answered, and nothing begins by itself', () => {
    const of = (phase: 'Succeeded' | 'Abandoned' | 'Superseded'): string =>
      message(decide({ spec: wantsWest, status: atRest({ ...taken, lastRun: { ...last, phase } }) }), 'Ready');
    assert.match(
      of('Succeeded'),
      /in Observe, and nothing was changed. Set activeRegion to us-east-1, and then to us-w/,
    );
    assert.match(
      of('Abandoned'),
      /checkout-6 ended as Abandoned. Set activeRegion to us-east-1, and then to us-west-2/,
    );
    assert.match(of('Superseded'), /checkout-6 ended as Superseded. Set activeRegion to us-east-1/);
  });
  it('is told of when it turns false for another reason, once', () => {
    const first = decide({ spec: wantsWest, status: atRest(taken) });
    assert.deepEqual(first.notices, [
      { type: 'Warning', reason: 'Pending', message: 'Wanted in us-west-2, active in us-east-1.' },
    ]);
    assert.deepEqual(decide({ spec: wantsWest, status: first.status }).notices, []);
  });
});

describe('condition Protected', () => {
  const standby = (fact: Observed['databases'][string] | undefined): PlanCase => ({
    observed: {
      databases: { [inEast('orders')]: seen(aPrimary()), ...(fact === undefined ? {} : { [inWest('orders')]: fact }) },
    },
  });
  const uncounted = (fact: Observed['workloads'][string] | undefined, countedIn?: string): PlanCase => ({
    observed: { workloads: fact === undefined ? {} : { [inEast('api')]: fact } },
    status: atRest({
      workloads: countedIn === undefined ? [] : [{ name: 'api', region: countedIn, replicas: 3, at: 1 }],
    }),
  });
  const rights = seen(aPrimary({ missingRights: ['GRANT x'] }));
  const rows: readonly (readonly [string, PlanCase, string])[] = [
    ['every standby streams', {}, 'True Streaming'],
    ['a standby that does not', standby(seen(aStandby({ receiver: { streaming: false } }))), 'False NotStreaming'],
    ['a standby without a receiver', standby(seen(aPrimary({ role: 'Replica' }))), 'False NotStreaming'],
    ['a primary on the other side', standby(seen(aPrimary())), 'False NotStreaming'],
    ['a standby that was not asked', standby(undefined), 'absent'],
    [
      'rights missing on the source',
      { observed: { databases: { [inEast('orders')]: rights, [inWest('orders')]: seen(aStandby()) } } },
      'False RightsMissing',
    ],
    ['rights missing on the standby', standby(seen(aStandby({ missingRights: ['GRANT x'] }))), 'False RightsMissing'],
    ['the operator in the active region', { facts: { operatorRegion: east } }, 'False OperatorColocated'],
    ['the operator in the other', { facts: { operatorRegion: west } }, 'True Streaming'],
    ['a workload that was never counted', uncounted(seen(scaled(3, { ready: 2 }))), 'False ReplicasUnknown'],
    ['a workload that nobody can see to count', uncounted(lost('Unreachable')), 'False ReplicasUnknown'],
    ['a workload that is counted just now', uncounted(seen(scaled(3))), 'True Streaming'],
    ['a workload that was counted in the other region', uncounted(lost('Unreachable'), west), 'False ReplicasUnknown'],
    ['a workload that was counted once, unseen now', uncounted(lost('Unreachable'), east), 'True Streaming'],
    ['a workload that was not asked', uncounted(undefined), 'absent'],
    [
      'a CronJob that was never counted',
      { ...uncounted(lost('Unreachable')), spec: { workloads: [aCronJob('api')] } },
      'True Streaming',
    ],
    ['no database', { spec: stateless() }, 'absent'],
    ['not adopted', {}, 'absent'],
    ...everyWhy.map((why): [string, PlanCase, string] => [
      `a standby unknown for ${why}`,
      standby(lost(why)),
      'Unknown StandbyUnknown',
    ]),
  ];
  for (const [name, given, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      const { activeRegion: _none, ...fresh } = atRest();
      const decision = decide(name === 'not adopted' ? { status: fresh, observed: { databases: {} } } : given);
      assert.equal(condition(decision, 'Protected'), wanted);
    });
  }

  it('keeps what was known while a standby is not asked', () => {
    const had: Condition = {
      type: 'Protected',
      status: 'True',
      reason: 'Streaming',
      message: 'was',
      lastTransitionAt: 5,
      observedGeneration: 2,
    };
    const decision = decide({ ...standby(undefined), status: atRest({ conditions: [had] }) });
    assert.deepEqual(
      decision.status.conditions.find((c) => c.type === 'Protected'),
      { ...had, observedGeneration: 3 },
    );
  });

  it('looks at every database', () => {
    const spec = { databases: [aDatabase('orders'), aDatabase('ledger')] };
    const observed = {
      databases: {
        [inEast('orders')]: seen(aPrimary()),
        [inWest('orders')]: seen(aStandby()),
        [inEast('ledger')]: seen(aPrimary()),
        [inWest('ledger')]: seen(aStandby({ receiver: { streaming: false } })),
      },
    };
    const decision = decide({ spec, observed });
    assert.equal(message(decision, 'Protected'), 'Database ledger in us-west-2 does not stream from us-east-1.');
  });

  it('tells of the one that is seen not to stream, whatever is not known of another', () => {
    const spec = { databases: [aDatabase('orders'), aDatabase('ledger')] };
    const of = (orders: Observed['databases'][string] | undefined): string => {
      const databases = {
        [inEast('orders')]: seen(aPrimary()),
        ...(orders === undefined ? {} : { [inWest('orders')]: orders }),
        [inEast('ledger')]: seen(aPrimary()),
        [inWest('ledger')]: seen(aStandby({ receiver: { streaming: false } })),
      };
      return condition(decide({ spec, observed: { databases } }), 'Protected');
    };
    assert.equal(of(lost('Forbidden')), 'False NotStreaming');
    assert.equal(of(undefined), 'False NotStreaming', 'nor what was said before');
  });
});

describe('replication lag', () => {
  const sample = (ms: number, lsn: string) => ({ ...aSample('orders', 0, lsn), at: ago(ms).wall });
  const lag = (
    samples: readonly ReturnType<typeof sample>[],
    standby: Observed['databases'][string] | undefined,
    source?: Observed['databases'][string],
  ) => {
    const databases = {
      ...(standby === undefined ? {} : { [inWest('orders')]: standby }),
      ...(source === undefined ? {} : { [inEast('orders')]: source }),
    };
    const fact = replicationLag(planFacts({ observed: { databases }, facts: { samples } }), 'orders', east);
    return fact.known ? fact.value : fact.why;
  };
  const replayed = seen(aStandby());
  const alive = seen(aPrimary());
  const rows: readonly (readonly [string, () => number | string, number | string])[] = [
    ['the newest sample replayed', () => lag([sample(9_000, '0/4000'), sample(0, '0/5000')], replayed, alive), 0],
    ['an idle primary', () => lag([sample(0, '0/1000')], replayed, alive), 0],
    ['the newest replayed, the source dark', () => lag([sample(60_000, '0/5000')], replayed, lost()), 'Unreachable'],
    ['the newest replayed, the source not asked', () => lag([sample(60_000, '0/5000')], replayed), 'NotAsked'],
    ['one sample behind', () => lag([sample(9_000, '0/5000'), sample(1_000, '0/6000')], replayed, alive), 9_000],
    [
      'several behind',
      () => lag([sample(9_000, '0/4000'), sample(5_000, '0/5001'), sample(1, '0/6000')], replayed, alive),
      9_000,
    ],
    ['behind, the source dark', () => lag([sample(9_000, '0/5000'), sample(1_000, '0/6000')], replayed, lost()), 9_000],
    ['behind everything', () => lag([sample(9_000, '0/5001')], replayed, alive), 'NotAsked'],
    ['no sample', () => lag([], replayed, alive), 'NotAsked'],
    ['no sample of this region', () => lag([{ ...sample(0, '0/5000'), region: west }], replayed, alive), 'NotAsked'],
    [
      'no sample of this database',
      () => lag([{ ...sample(0, '0/5000'), database: 'ledger' }], replayed, alive),
      'NotAsked',
    ],
    ['the standby not asked', () => lag([sample(0, '0/5000')], undefined, alive), 'NotAsked'],
    ...everyWhy.map((why): [string, () => number | string, string] => [
      `the standby unknown for ${why}`,
      () => lag([sample(0, '0/5000')], lost(why), alive),
      why,
    ]),
  ];
  for (const [name, found, wanted] of rows) {
    it(`with ${name}: ${String(wanted)}`, () => {
      assert.equal(found(), wanted);
    });
  }
});

describe('condition RPOMet', () => {
  const behind = (ms: number): PlanCase => ({
    facts: {
      samples: [
        { ...aSample('orders', 0, '0/5000'), at: ago(ms).wall },
        { ...aSample('orders', 0, '0/6000'), at: now.wall },
      ],
    },
  });
  it('compares the lag with the objective', () => {
    assert.equal(condition(decide(), 'RPOMet'), 'True WithinObjective');
    assert.equal(condition(decide(behind(5 * minute)), 'RPOMet'), 'True WithinObjective');
    assert.equal(condition(decide(behind(5 * minute + 1)), 'RPOMet'), 'False LagAboveObjective');
    assert.equal(message(decide(behind(6 * minute)), 'RPOMet'), 'The standby of orders is more than 300 s behind.');
  });
  it('tells of the one that is behind, whatever is not known of another', () => {
    const { facts } = behind(6 * minute);
    const spec = { databases: [aDatabase('ledger'), aDatabase('orders')] };
    const decision = decide({ spec, ...(facts === undefined ? {} : { facts }) });
    assert.equal(condition(decision, 'RPOMet'), 'False LagAboveObjective');
    assert.equal(message(decision, 'RPOMet'), 'The standby of orders is more than 300 s behind.');
  });
  it('is unknown where the lag is, and absent without databases', () => {
    assert.equal(condition(decide({ facts: { samples: [] } }), 'RPOMet'), 'Unknown LagUnknown');
    assert.equal(condition(decide({ spec: stateless() }), 'RPOMet'), 'absent');
  });
});

describe('condition FenceIncomplete', () => {
  const during = (steps: Parameters<typeof contextFor>[0]) => {
    const status = { ...contextFor(steps).status, phase: 'Recovery' as const };
    const current = { name: 'checkout-7', uid: 'run-uid', epoch: 7 };
    return decide({
      spec: { activeRegion: west },
      status: atRest({ acknowledgedActiveRegion: west, currentRun: current }),
      runs: [aRun(status)],
    });
  };
  it('stands from an override of the fence until it is proven', () => {
    const overridden = { 'fence/orders': outcome('Overridden') };
    const open = during({ steps: overridden });
    assert.equal(condition(open, 'FenceIncomplete'), 'True FenceNotProven');
    assert.match(message(open, 'FenceIncomplete'), /^Not proven fenced: orders in us-east-1\./);
    const finished = during({ steps: { ...overridden, 'finish-fence/orders': outcome('Succeeded') } });
    assert.equal(condition(finished, 'FenceIncomplete'), 'absent');
    assert.equal(condition(during({ steps: { 'fence/orders': outcome('Succeeded') } }), 'FenceIncomplete'), 'absent');
    assert.equal(condition(during({}), 'FenceIncomplete'), 'absent');
    assert.equal(condition(decide(), 'FenceIncomplete'), 'absent');
  });

  describe('after its Run was abandoned', () => {
    const overridden = contextFor({ steps: { 'fence/orders': outcome('Overridden') } }).status;
    const run = aRun({ ...overridden, phase: 'Abandoned', finishedAt: now.wall });
    const before = during({ steps: { 'fence/orders': outcome('Overridden') } }).status;
    const open = { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aPrimary({ timeline: 2 })) };
    const after = (databases: Observed['databases'], runs = [run]) =>
      decide({ spec: { activeRegion: west }, status: before, runs, observed: { databases } });

    it('stands, with nothing told to the contrary', () => {
      for (const old of [seen(aPrimary()), lost<DatabaseState>()]) {
        const decision = after({ ...open, [inEast('orders')]: old });
        assert.equal(decision.status.currentRun, undefined);
        assert.equal(condition(decision, 'FenceIncomplete'), 'True FenceNotProven');
        assert.match(
          message(decision, 'FenceIncomplete'),
          /orders in us-east-1\. checkout-7 was abandoned, so nothing fences it/,
        );
        assert.deepEqual(
          decision.notices.filter(({ reason }) => reason === 'FenceIncompleteOver'),
          [],
        );
      }
    });
    it('stands where the Run`s record is gone, too', () => {
      const { status } = after(open);
      const later = decide({ spec: { activeRegion: west }, status, observed: { databases: open } });
      assert.equal(condition(later, 'FenceIncomplete'), 'True FenceNotProven');
    });
    it('ends when the old writer is seen closed or a standby, or was not overtaken', () => {
      for (const databases of [
        { ...open, [inEast('orders')]: seen(fenced(7)) },
        { ...open, [inEast('orders')]: seen(aStandby()) },
        { ...open, [inWest('orders')]: seen(aStandby()) },
      ]) {
        assert.equal(condition(after(databases), 'FenceIncomplete'), 'absent');
      }
    });
  });
});

describe('conditions', () => {
  it('keep the time of their last change', () => {
    const first = decide();
    const later = { wall: now.wall + 1_000, monotonic: now.monotonic + 1_000, incarnation: now.incarnation };
    const again = decide({ status: first.status, facts: { now: later } });
    assert.deepEqual(again.status.conditions, first.status.conditions);
    const changed = decide({
      status: first.status,
      spec: { activeRegion: west },
      plan: { deleting: true },
      facts: { now: later },
    });
    const ready = changed.status.conditions.find((c) => c.type === 'Ready');
    assert.deepEqual([ready?.status, ready?.lastTransitionAt], ['False', later.wall]);
    assert.ok(changed.status.conditions.every((c) => c.observedGeneration === 3));
  });
});

describe('the last healthy replicas', () => {
  const seenAs = (workload: Observed['workloads'][string]): PlanCase => ({
    observed: { workloads: { [inEast('api')]: workload } },
  });
  const had = { name: 'api', region: east, replicas: 4, at: 5 };
  const kept = (given: PlanCase) => decide(given).status.workloads;

  it('are written when everything that is wanted is ready', () => {
    assert.deepEqual(kept(seenAs(seen(scaled(6)))), [{ name: 'api', region: east, replicas: 6, at: now.wall }]);
  });
  const whole: Readonly<Record<string, Observed['workloads'][string]>> = {
    'not all ready': seen(scaled(6, { ready: 5 })),
    'not settled': seen(scaled(6, { settled: false })),
    'at zero': seen(scaled(0)),
    absent: seen(absent),
    dark: lost(),
  };
  for (const [name, workload] of Object.entries(whole)) {
    it(`are kept while it is ${name}`, () => {
      assert.deepEqual(kept({ ...seenAs(workload), status: atRest({ workloads: [had] }) }), [had]);
      assert.deepEqual(kept(seenAs(workload)), []);
    });
  }
  it('of a CronJob are whether its schedule runs: suspended by a person is as well as not', () => {
    const spec = { workloads: [aCronJob('nightly')] };
    const had = { name: 'nightly', region: east, replicas: 1, at: 5 };
    const status = atRest({ workloads: [had] });
    const saw = (workload: Observed['workloads'][string]) =>
      kept({ spec, status, observed: { workloads: { [inEast('nightly')]: workload } } });
    assert.deepEqual(saw(seen(scaled(0))), [{ ...had, replicas: 0, at: now.wall }]);
    assert.deepEqual(saw(seen(scaled(1))), [had]);
    for (const unseen of [seen(absent), lost<ReturnType<typeof scaled>>()]) assert.deepEqual(saw(unseen), [had]);
  });
  it('are written again only when the count changes', () => {
    assert.deepEqual(kept({ ...seenAs(seen(scaled(4))), status: atRest({ workloads: [had] }) }), [had]);
    assert.equal(kept({ ...seenAs(seen(scaled(5))), status: atRest({ workloads: [had] }) })[0]?.replicas, 5);
  });
  it('stand still while a run is under way', () => {
    const status = atRest({ workloads: [had], currentRun: { name: 'checkout-7', epoch: 7 } });
    assert.deepEqual(kept({ ...seenAs(seen(scaled(9))), status }), [had]);
  });
  it('of another region are not taken for those of this one', () => {
    const status = atRest({ workloads: [{ ...had, region: west }] });
    assert.deepEqual(kept({ ...seenAs(lost()), status }), []);
  });
});

describe('what a plan looks at', () => {
  const kinds = (given: PlanCase) => decide(given).needs.map((need) => need.kind);
  it('at rest: databases, where its records lead, and the workloads of the active region', () => {
    assert.deepEqual(kinds({}), ['Database', 'Database', 'Heading', 'Workload', 'Workload']);
  });
  it('with a wish to be taken up: the records too', () => {
    const given = { spec: { activeRegion: west }, observed: { databases: {} } };
    assert.deepEqual(kinds(given), ['Database', 'Database', 'Record', 'Answers', 'Workload', 'Workload']);
  });
  it('with a run under way: the databases alone', () => {
    const status = atRest({ currentRun: { name: 'checkout-7', epoch: 7 } });
    assert.deepEqual(kinds({ status }), ['Database', 'Database']);
  });
});
