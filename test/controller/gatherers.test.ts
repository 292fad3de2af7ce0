import assert from 'node:assert/strict';
import { createGatherers } from '../../src/controller/gatherers.ts';
import type { GatherOptions } from '../../src/observe/gather.ts';
import type { Observers } from '../../src/observe/observers.ts';
import type { Clock } from '../../src/ports/clock.ts';

const clock: Clock = { incarnation: 'life', wall: () => 0, monotonic: () => 0, sleep: async () => undefined };
const times = { graceMs: 1, reuseMs: 1, recordReuseMs: 1, headingReuseMs: 1 };
// Nothing is looked at here.
const options: GatherOptions = { clock, ...times, observers: {} as Observers };

describe('what was seen for a plan or a Run', () => {
  let term = 1;
  const gatherers = createGatherers(options, () => term);
  const of = (uid: string) => gatherers.of('payments/checkout', uid, () => undefined);

  it('is kept within a term of the lease, for one object', () => {
    const first = of('one');
    assert.equal(of('one'), first);
    assert.equal(gatherers.keepOnly('payments/checkout', 'one'), undefined);
    assert.equal(of('one'), first);
  });

  it('is nothing that was seen for another of its name, nor once that is gone', () => {
    const first = of('one');
    const other = of('other');
    assert.notEqual(other, first);
    assert.equal(gatherers.keepOnly('payments/checkout', undefined), 'other', 'whose it was');
    assert.equal(gatherers.keepOnly('payments/checkout', undefined), undefined);
    assert.notEqual(of('other'), other);
    const again = of('other');
    gatherers.drop('payments/checkout');
    assert.notEqual(of('other'), again);
  });

  it('is not carried over into another term: somebody else may have led in between', () => {
    const first = of('one');
    term += 1;
    assert.notEqual(of('one'), first);
    assert.equal(of('one'), of('one'));
  });
});
