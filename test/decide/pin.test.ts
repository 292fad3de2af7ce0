import assert from 'node:assert/strict';
import { pinRun } from '../../src/decide/pin.ts';
import { start } from './support/facts.ts';
import { aPlan, aSpec, east, west } from './support/plans.ts';
import { aRun, aRunSpec, aSample, aStatus } from './support/runs.ts';

describe('pinning', () => {
  const plan = aPlan(aSpec());
  const made = aRun(aStatus({ phase: 'Pending' }), aRunSpec());
  const pinned = pinRun(
    made,
    plan,
    [aSample('orders', 0, '0/1'), aSample('orders', 0, '0/1', west)],
    { [east]: 'uid' },
    start + 5_000,
  );

  it('keeps the plan as it is now, with the samples of the source', () => {
    assert.equal(pinned.snapshot, plan.spec);
    assert.equal(pinned.sourceRegion, east);
    assert.deepEqual(pinned.samples, [aSample('orders', 0, '0/1')]);
    assert.deepEqual(pinned.clusterUids, { [east]: 'uid' });
    assert.deepEqual([pinned.phase, pinned.steps, pinned.recovery], ['Activation', [], []]);
  });
  it('names it by its content', () => {
    const hash = (spec: typeof plan.spec) => pinRun(made, aPlan(spec), [], {}, start).snapshotHash;
    assert.equal(hash(aSpec()), pinned.snapshotHash);
    assert.notEqual(hash(aSpec({ identity: 'payments/other' })), pinned.snapshotHash);
    assert.match(pinned.snapshotHash ?? '', /^[0-9a-f]{32}$/);
  });
  it('declares it at its creation, rounded up to what the API server has cut, never later than now', () => {
    assert.equal(pinned.milestones.declared, start + 999);
    assert.equal(pinRun(made, plan, [], {}, start + 10).milestones.declared, start + 10);
  });
});
