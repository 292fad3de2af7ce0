import assert from 'node:assert/strict';
import { createAlarm } from '../../src/kube/alarm.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-clock.ts';

interface Counted {
  readonly clock: Clock;
  /** Sleeps that have neither ended nor been given up. */
  readonly asleep: () => number;
}

/** `earlyMs`: every sleep ends so much before its time, as a timer of whole milliseconds may. */
function counted(time: VirtualTime, earlyMs = 0): Counted {
  const clock = time.machine();
  let asleep = 0;
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    asleep += 1;
    try {
      await clock.sleep(ms > earlyMs ? ms - earlyMs : ms, signal);
    } finally {
      asleep -= 1;
    }
  };
  return { clock: { ...clock, sleep }, asleep: () => asleep };
}

describe('alarm', () => {
  it('wakes each key at its time, behind one timer, and those of one instant in the order in which they were set', async () => {
    const time = createVirtualTime();
    const { clock, asleep } = counted(time);
    const woken: string[] = [];
    const alarm = createAlarm(clock, (key) => woken.push(`${key}@${String(time.now())}`));
    for (let key = 0; key < 100; key += 1) alarm.set(`late-${String(key)}`, 5_000 + key);
    alarm.set('b', 300);
    alarm.set('a', 300);
    alarm.set('first', 200);
    await time.advance(0);
    assert.equal(asleep(), 1);
    await time.advance(4_000);
    assert.deepEqual(woken, ['first@200', 'b@300', 'a@300']);
    assert.equal(asleep(), 1);
    await time.advance(2_000);
    assert.equal(woken.length, 103);
    assert.equal(woken.at(-1), 'late-99@5099');
    assert.equal(asleep(), 0, 'nothing is waited for');
  });

  it('wakes no key that was cancelled or put off, and no other later for it', async () => {
    const time = createVirtualTime();
    const woken: string[] = [];
    const alarm = createAlarm(time.machine(), (key) => woken.push(`${key}@${String(time.now())}`));
    alarm.set('gone', 100);
    alarm.set('later', 150);
    alarm.set('kept', 400);
    alarm.cancel('gone');
    alarm.set('later', 600);
    assert.deepEqual([alarm.at('gone'), alarm.at('later'), alarm.at('kept')], [undefined, 600, 400]);
    await time.advance(1_000);
    assert.deepEqual(woken, ['kept@400', 'later@600']);
    assert.equal(alarm.at('kept'), undefined, 'a key that was woken waits no longer');
  });

  it('rings again where its timer was a moment early, and goes on when a key sets itself anew', async () => {
    const time = createVirtualTime();
    const { clock } = counted(time, 1);
    const woken: string[] = [];
    const alarm = createAlarm(clock, (key) => {
      woken.push(`${key}@${String(time.now())}`);
      if (woken.length < 3) alarm.set(key, time.now() + 50);
    });
    alarm.set('a', 100);
    await time.advance(1_000);
    assert.deepEqual(woken, ['a@100', 'a@150', 'a@200']);
  });

  it('is silent once all is cancelled', async () => {
    const time = createVirtualTime();
    const { clock, asleep } = counted(time);
    const woken: string[] = [];
    const alarm = createAlarm(clock, (key) => woken.push(key));
    alarm.set('a', 100);
    alarm.set('b', 200);
    alarm.cancelAll();
    await time.advance(1_000);
    assert.deepEqual(woken, []);
    assert.equal(asleep(), 0);
  });
});
