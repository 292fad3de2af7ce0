import assert from 'node:assert/strict';
import { createRunSlots, movingPlans, type SlotPlan } from '../../src/controller/run-slots.ts';
import type { Run } from '../../src/api/run.ts';
import { aRun, aRunSpec, contextFor } from '../decide/support/runs.ts';

const pinned = contextFor({}).status;
const { snapshot: _none, ...unpinned } = pinned;

function run(status: Partial<Run['status']> = {}, bound = true): Run {
  const spec = aRunSpec({ planRef: { name: 'checkout', uid: 'checkout-uid' } });
  return aRun({ ...(bound ? pinned : unpinned), phase: 'Recovery', ...status }, spec, { name: 'checkout-7' });
}

const plan = (over: Partial<SlotPlan> = {}): SlotPlan => ({
  namespace: 'payments',
  uid: 'checkout-uid',
  readable: true,
  currentRun: { name: 'checkout-7', uid: 'run-uid', epoch: 7 },
  ...over,
});
const { currentRun: _at, ...atRest } = plan();

describe('who takes a slot', () => {
  const sustained = { milestones: { sustained: 1 } };
  const rows: readonly (readonly [string, readonly SlotPlan[], readonly Run[], boolean])[] = [
    ['a plan at rest', [atRest], [], false],
    ['a plan whose Run is to be made', [plan()], [], true],
    ['one that makes none, for it cannot be read', [plan({ readable: false })], [], false],
    ['a plan whose Run was made, and is not pinned yet', [plan()], [run({}, false)], true],
    ['a plan whose Run is under way', [plan()], [run()], true],
    ['one that cannot be read meanwhile', [plan({ readable: false })], [run()], true],
    ['one that is gone, with its Run going on by its own record', [], [run()], true],
    ['one that is gone, with a Run that nobody binds any more', [], [run({}, false)], false],
    ['one that is gone, with its Run turned back', [], [run({ phase: 'Aborted' })], false],
    ['a plan that has not heard of its Run`s end yet', [plan()], [run({ phase: 'Succeeded' })], false],
    ['one that cannot be read, with its Run over', [plan({ readable: false })], [run({ phase: 'Aborted' })], false],
    ['a plan whose Run has moved everything and cleans up', [plan()], [run(sustained)], false],
    ['a plan beside a Run that a person made and that waits to be bound', [atRest], [run({}, false)], false],
  ];
  for (const [name, plans, runs, takes] of rows) {
    it(`${name}: ${takes ? 'it does' : 'it does not'}`, () => {
      assert.deepEqual([...movingPlans(plans, runs)], takes ? ['checkout-uid'] : []);
    });
  }

  it('counts a plan once, and each plan', () => {
    const other = plan({ uid: 'other-uid', namespace: 'orders' });
    assert.deepEqual([...movingPlans([plan(), other], [run()])], ['checkout-uid', 'other-uid']);
  });
});

describe('the slots of Runs', () => {
  it('are those of others', () => {
    const slots = createRunSlots(() => new Set(['a', 'b']));
    assert.deepEqual(
      ['a', 'b', 'c'].map((uid) => slots.elsewhere(uid)),
      [1, 1, 2],
    );
  });

  it('see what was decided a moment ago, until its plan is looked at again', () => {
    const held = new Set<string>();
    const slots = createRunSlots(() => held);
    slots.take('payments/checkout', 'a');
    assert.equal(slots.elsewhere('b'), 1);
    assert.equal(slots.elsewhere('a'), 0);
    held.add('a');
    assert.equal(slots.elsewhere('b'), 1, 'once, though it is held as well');
    slots.free('payments/checkout');
    assert.equal(slots.elsewhere('b'), 1, 'by what is held alone');
    held.delete('a');
    assert.equal(slots.elsewhere('b'), 0);
  });

  it('forget a plan that was deleted, of which nothing but its key is known', () => {
    const slots = createRunSlots(() => new Set());
    slots.take('payments/checkout', 'a');
    slots.free('payments/checkout');
    assert.equal(slots.elsewhere('b'), 0);
  });
});
