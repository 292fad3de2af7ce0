import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import { writerView } from '../../../src/decide/plan/writer.ts';
import type { Ownership } from '../../../src/drivers/traffic/driver.ts';
import {
  answer,
  answers,
  aPrimary,
  aStandby,
  everyWhy,
  foreign,
  inEast,
  inWest,
  listed,
  lost,
  mine,
  now,
  seen,
} from '../support/facts.ts';
import { aPlanStatus, condition, decide, message, planFacts, settled, type PlanCase } from '../support/plan-facts.ts';
import { aDatabase, aRecord, east, west } from '../support/plans.ts';

type Side = 'Primary' | 'Replica' | 'dark' | 'unasked';
const sides: readonly Side[] = ['Primary', 'Replica', 'dark', 'unasked'];

function databases(a: Side, b: Side, name = 'orders'): Observed['databases'] {
  const side = (one: Side) =>
    ({
      Primary: seen(aPrimary()),
      Replica: seen(aStandby()),
      dark: lost<ReturnType<typeof aPrimary>>(),
      unasked: undefined,
    })[one];
  return Object.fromEntries(
    [[inEast(name), side(a)] as const, [inWest(name), side(b)] as const].flatMap(([key, one]) =>
      one === undefined ? [] : [[key, one] as const],
    ),
  );
}

/** Whom the ownership record names, read from the control plane or from the servers. */
const owners: Readonly<Record<string, Partial<Observed>>> = {
  'no TXT': { records: { public: seen(listed(east)) } },
  'a TXT for the east': { records: { public: seen(listed(east, mine(6, east))) } },
  'a TXT for the west': { records: { public: seen(listed(west, mine(6, west))) } },
  'a foreign TXT': { records: { public: seen(listed(east, foreign)) } },
  'a served TXT for the east': {
    records: { public: lost() },
    answers: { public: seen(answers([answer(east)], true, mine(6, east))) },
  },
  'nothing to be read': { records: { public: lost() }, answers: { public: lost() } },
};

/** Where the platform writes, by both sides; where one is dark, by whom the TXT names. */
function expectedView(a: Side, b: Side, owner: string): string {
  const [knownA, knownB] = [a === 'Primary' || a === 'Replica', b === 'Primary' || b === 'Replica'];
  if (knownA && knownB) {
    if (a === b) return 'Contradiction';
    return a === 'Primary' ? `At ${east}` : `At ${west}`;
  }
  if (a === 'Replica' && owner === 'a TXT for the west') return `At ${west}`;
  if (b === 'Replica' && owner.endsWith('TXT for the east')) return `At ${east}`;
  return 'Unknown';
}

describe('where the platform writes', () => {
  for (const a of sides) {
    for (const b of sides) {
      for (const [owner, records] of Object.entries(owners)) {
        const wanted = expectedView(a, b, owner);
        it(`east ${a}, west ${b}, ${owner}: ${wanted}`, () => {
          const view = writerView(planFacts({ observed: { ...records, databases: databases(a, b) } }));
          assert.equal(view.kind === 'At' ? `At ${view.region}` : view.kind, wanted, view.why);
        });
      }
    }
  }

  const spec = { databases: [aDatabase('orders'), aDatabase('ledger')] };
  const two = (a: readonly [Side, Side], b: readonly [Side, Side], more: Partial<Observed> = {}) =>
    writerView(
      planFacts({ spec, observed: { ...more, databases: { ...databases(...a), ...databases(...b, 'ledger') } } }),
    );
  it('needs all databases to agree', () => {
    assert.equal(two(['Primary', 'Replica'], ['Primary', 'Replica']).kind, 'At');
    const split = two(['Primary', 'Replica'], ['Replica', 'Primary']);
    assert.deepEqual(split, {
      kind: 'Contradiction',
      why: 'the databases write in different regions: orders in us-east-1, ledger in us-west-2',
    });
    assert.equal(two(['Primary', 'Replica'], ['dark', 'Primary']).kind, 'Unknown');
    assert.equal(two(['dark', 'Primary'], ['Primary', 'Primary']).kind, 'Contradiction', 'the worse of the two');
  });

  it('says why', () => {
    const why = (a: Side, b: Side, owner = 'no TXT') =>
      writerView(planFacts({ observed: { ...owners[owner], databases: databases(a, b) } })).why;
    assert.equal(why('Primary', 'Replica'), 'database orders writes in us-east-1');
    assert.equal(why('Replica', 'Primary'), 'database orders writes in us-west-2');
    assert.equal(why('Primary', 'Primary'), 'database orders is a primary in both regions');
    assert.equal(why('Replica', 'Replica'), 'database orders is a replica in both regions');
    assert.equal(why('dark', 'Primary'), 'database orders in us-east-1 cannot be seen');
    assert.equal(why('Primary', 'dark'), 'database orders in us-west-2 cannot be seen');
    assert.match(
      why('dark', 'Replica', 'a TXT for the east'),
      /us-east-1 does not answer, us-west-2 is a replica, and the/,
    );
  });

  for (const why of everyWhy) {
    it(`a side that is unknown for ${why} is unknown`, () => {
      const dark = { [inEast('orders')]: lost<ReturnType<typeof aPrimary>>(why), [inWest('orders')]: seen(aPrimary()) };
      assert.equal(writerView(planFacts({ observed: { databases: dark } })).kind, 'Unknown');
    });
  }

  it('needs all ownership records to agree', () => {
    const records = (other: Ownership) => ({
      records: { public: seen(listed(east, mine(6, east))), partner: seen(listed(east, other)) },
      databases: databases('dark', 'Replica'),
    });
    const view = (other: Ownership) =>
      writerView(planFacts({ spec: { traffic: [aRecord('public'), aRecord('partner')] }, observed: records(other) }));
    assert.equal(view(mine(6, east)).kind, 'At');
    assert.equal(view(mine(6, west)).kind, 'Unknown');
  });

  describe('without databases', () => {
    const spec = { databases: [], workloads: [], traffic: [aRecord('public'), aRecord('partner')] };
    const drifted = listed(east, undefined, { points: { kind: 'Drifted', detail: 'x' } });
    const view = (a: Observed['records'][string], b: Observed['records'][string]) =>
      writerView(planFacts({ spec, observed: { records: { public: a, partner: b } } }));
    it('is where the records point', () => {
      assert.deepEqual(view(seen(listed(west)), seen(listed(west))), {
        kind: 'At',
        region: west,
        why: 'the records point to us-west-2',
      });
      assert.equal(view(seen(listed(west)), seen(listed(east))).kind, 'Contradiction');
      assert.equal(view(seen(listed(west)), lost()).kind, 'Unknown');
      assert.equal(view(lost(), seen(listed(west))).kind, 'Unknown');
      assert.equal(view(seen(drifted), seen(listed(west))).kind, 'Unknown');
    });
    it('is unknown without a record', () => {
      assert.equal(writerView(planFacts({ spec: { ...spec, traffic: [] } })).kind, 'Unknown');
    });
  });
});

describe('adoption', () => {
  const fresh = (observed: Partial<Observed>, activeRegion = east): PlanCase => ({
    status: aPlanStatus(),
    spec: { activeRegion },
    observed,
  });
  const inTheEast = { databases: databases('Primary', 'Replica') };

  it('takes the wish for acknowledged where it is what is seen, and writes nothing else', () => {
    const decision = decide(fresh(inTheEast));
    assert.equal(decision.status.activeRegion, east);
    assert.equal(decision.status.acknowledgedActiveRegion, east);
    assert.equal(decision.status.adoptedAt, now.wall);
    assert.equal(decision.status.epoch, 0);
    assert.equal(decision.create, undefined);
    assert.equal(condition(settled(fresh(inTheEast)), 'Ready'), 'True Active');
    assert.deepEqual(decision.notices[0], { type: 'Normal', reason: 'Adopted', message: 'Active in us-east-1.' });
  });

  const refusals: readonly (readonly [string, PlanCase, string, RegExp])[] = [
    [
      'another region',
      fresh(inTheEast, west),
      'ActiveRegionMismatch',
      /The plan says us-west-2, but database orders writes in us-east-1\. Nothing is done about it; set activeRegion to us-east-1/,
    ],
    [
      'two primaries',
      fresh({ databases: databases('Primary', 'Primary') }),
      'AdoptionUnknown',
      /Cannot adopt: .* primary in both/,
    ],
    [
      'a dark side',
      fresh({ databases: databases('dark', 'Primary') }),
      'AdoptionUnknown',
      /Cannot tell where the platform is active/,
    ],
    ['nothing', fresh({ databases: {} }), 'AdoptionUnknown', /orders in us-east-1 has not been seen yet/],
  ];
  for (const [name, given, reason, words] of refusals) {
    it(`of a plan that sees ${name} acts on nothing: ${reason}`, () => {
      const decision = settled(given);
      assert.equal(condition(decision, 'Ready'), `False ${reason}`);
      assert.match(message(decision, 'Ready'), words);
      assert.deepEqual(
        [
          decision.create,
          decision.status.activeRegion,
          decision.status.acknowledgedActiveRegion,
          decision.status.currentRun,
        ],
        [undefined, undefined, undefined, undefined],
      );
    });
  }

  it('never makes a run, whatever is seen and wanted', () => {
    for (const a of sides) {
      for (const b of sides) {
        for (const wanted of [east, west]) {
          const decision = settled(fresh({ databases: databases(a, b) }, wanted));
          assert.equal(decision.create, undefined);
          assert.equal(decision.status.currentRun, undefined);
        }
      }
    }
  });

  it('looks at both sides and at the records, and at no workload', () => {
    assert.deepEqual(
      decide(fresh({ databases: {} })).needs.map((need) => need.kind),
      ['Database', 'Database', 'Record', 'Answers'],
    );
  });
});
