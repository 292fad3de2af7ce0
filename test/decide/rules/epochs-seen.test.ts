import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import type { TrafficAnswers, TrafficState } from '../../../src/drivers/traffic/driver.ts';
import { epochNeeds, epochsSeen } from '../../../src/decide/rules/epochs-seen.ts';
import { answer, answers, aPrimary, aStandby, everyWhy, inEast, inWest, listed, lost, seen } from '../support/facts.ts';
import { east, stateless, west } from '../support/plans.ts';
import { ask, contextFor, graphOf, stepIn } from '../support/runs.ts';

const scaling = ['pre-scale/api', 'quiesce/billing-worker', 'workload/api', 'stand-down/api'];

describe('what is scaled before this life has looked whose turn it is', () => {
  const both = { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aStandby()) };

  it('is held for a look at each database, on both sides', () => {
    for (const id of scaling) {
      const message = (databases: Observed['databases']) => ask(epochsSeen, id, { observed: { databases } })?.message;
      assert.match(message({}) ?? '', /^Looking at orders in us-east-1, whether a later Run has moved/);
      assert.match(message({ [inEast('orders')]: seen(aPrimary()) }) ?? '', /orders in us-west-2/);
      assert.equal(message(both), undefined);
    }
  });

  it('goes on past a look that brought nothing', () => {
    for (const why of everyWhy) {
      const databases = { ...both, [inEast('orders')]: lost<DatabaseState>(why) };
      const held = ask(epochsSeen, 'pre-scale/api', { observed: { databases } });
      assert.equal(held?.reason, why === 'NotAsked' ? 'Observing' : undefined, why);
    }
  });

  it('without databases is held for a look at each record', () => {
    const spec = stateless();
    const held = (observed: Partial<Observed>) => ask(epochsSeen, 'pre-scale/api', { spec, observed })?.reason;
    assert.equal(held({}), 'Observing');
    assert.equal(held({ answers: { public: seen(answers([answer(east)])) } }), undefined);
    assert.equal(held({ answers: { public: lost<TrafficAnswers>('Timeout') } }), undefined);
    assert.equal(held({ records: { public: seen(listed(east)) } }), undefined);
    assert.equal(held({ records: { public: lost<TrafficState>('NotAsked') } }), 'Observing');
  });

  it('asks for what it waits for, and for no younger look than there is', () => {
    const of = (id: string, ctx = contextFor()) => epochNeeds(stepIn(ctx, id), ctx);
    for (const id of scaling) {
      assert.deepEqual(
        of(id),
        [east, west].map((region) => ({ kind: 'Database', name: 'orders', region, once: true })),
      );
    }
    const without = contextFor({ spec: stateless() });
    assert.deepEqual(of('pre-scale/api', without), [{ kind: 'Answers', name: 'public', once: true }]);
  });

  it('is no concern of the others: they see for themselves', () => {
    const ctx = contextFor();
    const others = graphOf(ctx.spec, 'Forced').filter(
      ({ id }) => !/^(pre-scale|quiesce|workload|stand-down)\//.test(id),
    );
    assert.ok(others.length > 10);
    for (const { id } of others) {
      assert.equal(epochsSeen.applies(stepIn(ctx, id)), false, id);
      assert.deepEqual(epochNeeds(stepIn(ctx, id), ctx), [], id);
    }
  });
});
