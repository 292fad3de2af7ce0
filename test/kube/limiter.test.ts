import assert from 'node:assert/strict';
import type { LimiterOptions } from '../../src/kube/limiter.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { createVirtualTime, drained } from '../support/virtual-clock.ts';

const forever = new AbortController().signal;

function limiting(options: LimiterOptions) {
  const time = createVirtualTime();
  const limiter = createLimiter(time.machine(), options);
  const granted: string[] = [];
  const ask = async (name: string, signal = forever): Promise<() => void> => {
    const release = await limiter.acquire(signal);
    granted.push(`${name}@${String(time.now())}`);
    return release;
  };
  return { time, granted, ask };
}

describe('limiter', () => {
  it('lets a burst through, then one for each token, in the order of asking', async () => {
    const { time, granted, ask } = limiting({ ratePerSecond: 4, burst: 2, maxInFlight: 100 });
    const asked = ['a', 'b', 'c', 'd', 'e'].map((name) => ask(name));
    await time.settle(Promise.all(asked));
    assert.deepEqual(granted, ['a@0', 'b@0', 'c@250', 'd@500', 'e@750']);
  });

  it('holds back what is beyond the places in flight, and frees a place once', async () => {
    const { time, granted, ask } = limiting({ ratePerSecond: 1000, burst: 1000, maxInFlight: 2 });
    const release = await ask('a');
    await ask('b');
    const waiting = [ask('c'), ask('d')];
    await time.advance(1000);
    assert.deepEqual(granted, ['a@0', 'b@0']);
    release();
    release();
    await waiting[0];
    await time.advance(1000);
    assert.deepEqual(granted, ['a@0', 'b@0', 'c@1000']);
  });

  it('drops who gave up, before and after the grant', async () => {
    const { time, granted, ask } = limiting({ ratePerSecond: 1000, burst: 1000, maxInFlight: 1 });
    const holder = new AbortController();
    await ask('a', holder.signal);
    const impatient = new AbortController();
    const second = assert.rejects(ask('b', impatient.signal), { name: 'PortError', why: 'Timeout' });
    const third = ask('c');
    impatient.abort();
    await second;
    holder.abort();
    await time.settle(third);
    assert.deepEqual(granted, ['a@0', 'c@0']);
    await assert.rejects(ask('d', impatient.signal), { why: 'Timeout' });
  });

  it('gives the place back of who gives up at the very moment of the grant', async () => {
    const { granted, ask } = limiting({ ratePerSecond: 1000, burst: 1000, maxInFlight: 1 });
    const release = await ask('a');
    const fickle = new AbortController();
    const refused = assert.rejects(ask('b', fickle.signal), { why: 'Timeout' });
    await drained();
    release();
    fickle.abort();
    await refused;
    await ask('c');
    assert.deepEqual(granted, ['a@0', 'c@0']);
  });
});
