import assert from 'node:assert/strict';
import { conditionOf, mergeConditions, parseConditions, renderConditions } from '../../src/api/conditions.ts';

const ready = { type: 'Ready', status: 'False', reason: 'RunInProgress', message: 'moving' } as const;

describe('conditions', () => {
  it('date a transition from when the status changed, not from a newer reason or message', () => {
    const first = mergeConditions([], [ready], { wall: 1000, generation: 1 });
    const later = { ...ready, reason: 'RunAborted', message: 'aborted' };
    const second = mergeConditions(first, [later], { wall: 2000, generation: 2 });
    assert.deepEqual(second, [{ ...later, lastTransitionAt: 1000, observedGeneration: 2 }]);
    const third = mergeConditions(second, [{ ...ready, status: 'True' }], { wall: 3000, generation: 2 });
    assert.equal(conditionOf(third, 'Ready')?.lastTransitionAt, 3000);
  });

  it('are gone when nobody claims them any more', () => {
    const before = mergeConditions([], [ready, { ...ready, type: 'RPOMet' }], { wall: 1, generation: 1 });
    const after = mergeConditions(before, [ready], { wall: 2, generation: 1 });
    assert.deepEqual(
      after.map(({ type }) => type),
      ['Ready'],
    );
  });

  it('have Reconciling and Stalled only where they are True: kstatus reads their presence', () => {
    const claims = [
      { ...ready, type: 'Reconciling' },
      { ...ready, type: 'Stalled', status: 'Unknown' as const },
      { ...ready, type: 'Reconciling', status: 'True' as const },
    ];
    const merged = mergeConditions([], claims, { wall: 1, generation: 1 });
    assert.deepEqual(
      merged.map(({ type, status }) => `${type}=${status}`),
      ['Reconciling=True'],
    );
  });

  it('leave out what is no condition: it is computed anew', () => {
    const [wire] = renderConditions(mergeConditions([], [ready], { wall: 1000, generation: 1 }));
    assert.equal(wire?.lastTransitionTime, '1970-01-01T00:00:01.000Z');
    const strange = [wire, { ...wire, status: 'Maybe' }, { ...wire, lastTransitionTime: 'now' }, 'Ready', null];
    assert.equal(parseConditions(strange).length, 1);
    assert.deepEqual(parseConditions('Ready'), []);
  });
});
