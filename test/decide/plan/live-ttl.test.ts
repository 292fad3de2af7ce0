import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import { everyWhy, listed, lost, seen, unclaimed } from '../support/facts.ts';
import { atRest, condition, decide, message, settled, type PlanCase } from '../support/plan-facts.ts';
import { aRecord, east, stateless } from '../support/plans.ts';
import { aRun, aStatus } from '../support/runs.ts';

const live = (liveTtl: number): Observed['records'][string] => seen(listed(east, unclaimed, { liveTtl }));
const records = (liveTtl: number): PlanCase => ({ observed: { records: { public: live(liveTtl) } } });
const asked = (given: PlanCase): boolean => decide(given).needs.some((need) => need.kind === 'Record');
const warned = decide(records(300)).status;

describe('condition LongTTL', () => {
  it('is there only while a record lives with a longer TTL than the plan says', () => {
    assert.equal(condition(decide(records(30)), 'LongTTL'), 'absent');
    assert.equal(condition(decide(records(31)), 'LongTTL'), 'True LiveTTLAbovePlan');
    assert.equal(
      message(decide(records(300)), 'LongTTL'),
      "record public.example.com lives with a TTL of 300 s, above the plan's 30 s: clients may keep the old answer for that long after a move; lower it now.",
    );
    assert.equal(condition(decide(records(300)), 'Ready'), 'True Active', 'it stops nothing');
  });

  it('names each of several records that does', () => {
    const spec = stateless({ traffic: [aRecord('public'), aRecord('partner'), aRecord('short')] });
    const observed = { records: { public: live(300), partner: live(90), short: live(5) } };
    const words = message(decide({ spec, observed }), 'LongTTL');
    assert.match(words, /public\.example\.com lives with a TTL of 300 s.*; record partner\.example\.com lives with/);
    assert.doesNotMatch(words, /short/);
  });

  it('stands while the records are not looked at, and goes when they were lowered', () => {
    assert.equal(condition(decide({ status: warned, observed: { records: {} } }), 'LongTTL'), 'True LiveTTLAbovePlan');
    for (const why of everyWhy) {
      const given = { status: warned, observed: { records: { public: lost<ReturnType<typeof listed>>(why) } } };
      assert.equal(condition(decide(given), 'LongTTL'), 'True LiveTTLAbovePlan', why);
    }
    assert.equal(condition(decide({ status: warned, ...records(30) }), 'LongTTL'), 'absent');
    assert.equal(condition(decide({ status: warned, spec: { traffic: [] } }), 'LongTTL'), 'absent');
  });

  it('keeps asking only while it stands, and asks anew of a plan that was edited', () => {
    assert.equal(asked({}), false, 'a control plane has few calls to give');
    assert.equal(asked({ status: warned }), true);
    assert.equal(asked({ status: atRest({ observedGeneration: 2 }) }), true);
  });

  it('leaves the looking to the run while there is one', () => {
    const status = atRest({ observedGeneration: 2, currentRun: { name: 'checkout-7', epoch: 7, uid: 'run-uid' } });
    const running = aRun(aStatus({ phase: 'Recovery' }));
    assert.equal(asked({ status, runs: [running] }), false);
  });

  it('comes to rest', () => {
    assert.equal(condition(settled(records(300)), 'LongTTL'), 'True LiveTTLAbovePlan');
  });
});
