import assert from 'node:assert/strict';
import { createClock } from '../../src/system/clock.ts';

describe('clock', () => {
  it('reads both clocks, in ms, and is another life each time', () => {
    const clock = createClock();
    assert.ok(Math.abs(clock.wall() - Date.now()) < 10_000);
    const before = clock.monotonic();
    assert.ok(clock.monotonic() >= before);
    assert.notEqual(createClock().incarnation, clock.incarnation);
  });

  it('sleeps at least as long as asked', async () => {
    const clock = createClock();
    const before = clock.monotonic();
    await clock.sleep(20);
    assert.ok(clock.monotonic() - before >= 19);
  });

  it('rejects with the reason of its signal, aborted before or meanwhile', async () => {
    const clock = createClock();
    const reason = new Error('enough');
    const ending = new AbortController();
    const asleep = assert.rejects(clock.sleep(3_600_000, ending.signal), reason);
    ending.abort(reason);
    await asleep;
    await assert.rejects(clock.sleep(0, ending.signal), reason);
  });

  it('does not take what is too long for a timer for no time', async () => {
    const ending = new AbortController();
    const asleep = assert.rejects(createClock().sleep(2 ** 31, ending.signal), /still asleep/);
    await createClock().sleep(50);
    ending.abort(new Error('still asleep'));
    await asleep;
  });
});
