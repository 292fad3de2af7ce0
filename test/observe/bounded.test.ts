import assert from 'node:assert/strict';
import { createBound } from '../../src/observe/bounded.ts';
import { drained } from '../support/virtual-clock.ts';

const never = new AbortController().signal;

describe('looks in line', () => {
  it('begin at once while there is room, and then as others end, first come first served', async () => {
    const bounded = createBound(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3, 4].map((index) =>
      bounded(() => {
        begun.push(index);
        return new Promise<number>((resolve) => ends.push(() => resolve(index)));
      }, never),
    );
    assert.deepEqual(begun, [0, 1], 'in the call itself');
    ends[1]?.();
    await drained();
    assert.deepEqual(begun, [0, 1, 2]);
    ends[0]?.();
    ends[2]?.();
    await drained();
    assert.deepEqual(begun, [0, 1, 2, 3, 4]);
    ends[3]?.();
    ends[4]?.();
    assert.deepEqual(await Promise.all(all), [0, 1, 2, 3, 4]);
  });

  it('go on behind one that failed', async () => {
    const bounded = createBound(1);
    const failing = bounded(() => Promise.reject(new Error('down')), never);
    const next = bounded(() => Promise.resolve('well'), never);
    await assert.rejects(failing, /down/);
    assert.equal(await next, 'well');
  });

  it('leave the line when nobody wants them any more', async () => {
    const bounded = createBound(1);
    let end = (): void => undefined;
    const first = bounded(() => new Promise<void>((resolve) => (end = resolve)), never);
    const giving = new AbortController();
    let begun = false;
    const second = bounded(() => {
      begun = true;
      return Promise.resolve();
    }, giving.signal);
    giving.abort(new Error('the operator stops'));
    await assert.rejects(second, /stops/);
    end();
    await first;
    assert.equal(begun, false);
    await bounded(() => Promise.resolve(), never);
  });
});
