import assert from 'node:assert/strict';
import { createBound, type Bounded } from '../../src/observe/bounded.ts';
import { createVirtualTime, drained } from '../support/virtual-clock.ts';

function bound(most: number): Bounded {
  return createBound({ clock: createVirtualTime().machine(), most, holdMs: 250 });
}

const never = new AbortController().signal;

describe('looks in line', () => {
  it('begin at once while there is room, and then as others end, first come first served', async () => {
    const bounded = bound(2);
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

  it('go on behind those that hang, which hold their places for so long and no longer', async () => {
    const time = createVirtualTime();
    const bounded = createBound({ clock: time.machine(), most: 2, holdMs: 250 });
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const looks = Array.from({ length: 6 }, (_none, index) =>
      bounded(() => {
        begun.push(index);
        return new Promise<void>((resolve) => ends.push(resolve));
      }, never),
    );
    await time.advance(249);
    assert.deepEqual(begun, [0, 1]);
    await time.advance(1);
    assert.deepEqual(begun, [0, 1, 2, 3]);
    // Late ends of those whose places were given away give nothing away a second time.
    ends[0]?.();
    ends[1]?.();
    await time.advance(100);
    assert.deepEqual(begun, [0, 1, 2, 3]);
    ends[2]?.();
    await drained();
    assert.deepEqual(begun, [0, 1, 2, 3, 4]);
    await time.advance(150);
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
    for (const end of ends) end();
    await Promise.all(looks);
  });

  it('go on behind one that failed', async () => {
    const bounded = bound(1);
    const failing = bounded(() => Promise.reject(new Error('down')), never);
    const next = bounded(() => Promise.resolve('well'), never);
    await assert.rejects(failing, /down/);
    assert.equal(await next, 'well');
  });

  it('leave the line when nobody wants them any more', async () => {
    const bounded = bound(1);
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
