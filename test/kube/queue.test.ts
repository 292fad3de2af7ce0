import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { WorkQueue } from '../../src/kube/queue.ts';
import { createQueue } from '../../src/kube/queue.ts';
import type { VirtualTime } from '../support/virtual-clock.ts';
import { createSeededRandom, createVirtualTime } from '../support/virtual-clock.ts';

interface Fixture {
  readonly time: VirtualTime;
  readonly queue: WorkQueue;
  /** `key@ms` of each start. */
  readonly starts: string[];
  readonly errors: string[];
  readonly stop: () => Promise<void>;
}

type Work = (key: string, time: VirtualTime, queue: WorkQueue) => Promise<void>;

const takes =
  (ms: number): Work =>
  (_key, time) =>
    new Promise((resolve) => time.after(ms, resolve));

function working(workers: number, work: Work, stuckAfterMs?: number, goesFirst?: (key: string) => boolean): Fixture {
  const time = createVirtualTime();
  const clock = time.machine();
  const queue = createQueue({ clock, random: createSeededRandom(7), label: 'test', goesFirst });
  const starts: string[] = [];
  const errors: string[] = [];
  const ending = new AbortController();
  const onError = (key: string, error: unknown): void => {
    errors.push(`${key}: ${String(error)}`);
  };
  const handler = async (key: string): Promise<void> => {
    starts.push(`${key}@${String(time.now())}`);
    await work(key, time, queue);
  };
  const running = queue.run({ workers, stuckAfterMs, onError }, handler, ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort(new Error('the test is over'));
    await time.settle(running);
  };
  return { time, queue, starts, errors, stop };
}

describe('work queue', () => {
  it('works in the order of arrival, coalescing what waits', async () => {
    const { time, queue, starts, stop } = working(1, takes(10));
    for (const key of ['b', 'a', 'b', 'c', 'a']) queue.add(key);
    assert.equal(queue.depth(), 2);
    await time.advance(1000);
    assert.deepEqual(starts, ['b@0', 'a@10', 'c@20', 'b@30'], 'b was wanted again while it ran');
    await stop();
  });

  it('takes those that go first before all others, in the order of their arrival', async () => {
    const urgent = new Set(['u', 'v']);
    const { time, queue, starts, stop } = working(1, takes(10), undefined, (key) => urgent.has(key));
    for (const key of ['a', 'b', 'c', 'u', 'v']) queue.add(key);
    assert.equal(queue.depth(), 4);
    queue.addAfter('w', 5);
    urgent.add('w');
    await time.advance(1000);
    assert.deepEqual(starts, ['a@0', 'u@10', 'v@20', 'w@30', 'b@40', 'c@50']);
    await stop();
  });

  it('takes one that has come to go first since it began to wait, and has it wait once', async () => {
    const urgent = new Set<string>();
    const { time, queue, starts, stop } = working(1, takes(10), undefined, (key) => urgent.has(key));
    for (const key of ['a', 'b', 'c']) queue.add(key);
    urgent.add('c');
    queue.add('c');
    queue.add('a');
    urgent.add('a');
    assert.equal(queue.depth(), 2);
    await time.advance(1000);
    assert.deepEqual(starts, ['a@0', 'c@10', 'a@20', 'b@30'], 'a was wanted again while it ran');
    await stop();
  });

  it('turns wishes during a run into exactly one more', async () => {
    const { time, queue, starts, stop } = working(3, takes(10));
    queue.add('a');
    await time.advance(5);
    queue.add('a');
    queue.addAfter('a', 1);
    queue.add('a');
    await time.advance(1000);
    assert.deepEqual(starts, ['a@0', 'a@10']);
    await stop();
  });

  it('keeps only the earliest pending turn', async () => {
    const { time, queue, starts, stop } = working(1, takes(1));
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    queue.addAfter('b', 300);
    queue.addAfter('c', 700);
    queue.add('c');
    await time.advance(2000);
    assert.deepEqual(starts, ['c@0', 'a@200', 'b@300']);
    await stop();
  });

  it('backs off with jitter up to the cap, and an urgent add cuts through', async () => {
    const failing = { yes: true };
    const { time, queue, starts, errors, stop } = working(1, async () => {
      if (failing.yes) throw new Error('not yet');
    });
    queue.add('a');
    await time.advance(600_000);
    const at = starts.map((start) => Number(start.split('@')[1]));
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] ?? 0));
    pauses.forEach((pause, index) => assert.ok(pause <= Math.min(60_000, 500 * 2 ** index), String(pauses)));
    assert.ok(Math.max(...pauses) > 10_000 && new Set(pauses).size > 5, String(pauses));
    assert.equal(errors.length, starts.length);
    const before = starts.length;
    failing.yes = false;
    queue.add('a');
    await time.advance(0);
    assert.equal(starts.length, before + 1, 'at once, not after the backoff');
    await time.advance(600_000);
    assert.equal(starts.length, before + 1, 'the pending backoff was replaced, not added');
    failing.yes = true;
    queue.add('a');
    const again = starts.length;
    await time.advance(500);
    assert.ok(starts.length > again, 'a success forgot the failures');
    await stop();
  });

  it('grows the backoff of a handler that asks for a retry itself', async () => {
    const delays: number[] = [];
    const { time, queue, stop } = working(1, async (key, _time, self) => {
      delays.push(self.retry(key));
    });
    queue.add('a');
    await time.advance(300_000);
    assert.ok(delays.length > 5 && delays.length < 60, String(delays.length));
    assert.ok(Math.max(...delays) > 5000, String(delays));
    queue.forget('a');
    const before = delays.length;
    queue.add('a');
    await time.advance(0);
    assert.ok((delays[before] ?? Infinity) <= 500, 'forget starts over');
    await stop();
  });

  it('serves an urgent event at once while every key is backing off', async () => {
    const { time, queue, starts, stop } = working(2, async (key, at) => {
      await takes(10)(key, at, never);
      if (key !== 'urgent') throw new Error('down');
    });
    const failing = Array.from({ length: 100 }, (_none, index) => `down-${String(index)}`);
    for (const key of failing) queue.add(key);
    // Long enough that all of them have failed often, and their turns come at any time.
    await time.advance(600_000);
    for (let wish = 0; wish < 50; wish += 1) {
      const asked = time.now();
      queue.add('urgent');
      await time.until(() => starts.at(-1)?.startsWith('urgent@') === true && startedSince(starts, asked), 60_000);
      const waited = Number(starts.at(-1)?.split('@')[1]) - asked;
      assert.ok(waited <= 20, `waited ${String(waited)} ms behind keys that fail`);
      await time.advance(997);
    }
    await stop();
  });

  it('is at worst behind one turn of each key that was there before it', async () => {
    const { time, queue, starts, stop } = working(4, async (key, at) => {
      await takes(10)(key, at, never);
      if (key !== 'urgent') throw new Error('down');
    });
    for (let index = 0; index < 100; index += 1) queue.add(`down-${String(index)}`);
    queue.add('urgent');
    await time.until(() => starts.some((start) => start.startsWith('urgent@')));
    assert.ok(time.now() <= (100 / 4) * 10, `${String(time.now())} ms for 100 keys of 10 ms on 4 places`);
    await stop();
  });

  it('property: an urgent event during a failing run, or in any backoff, is served as soon as the key is free', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 12 }),
        async (wishes) => {
          const runMs = 50;
          const { time, queue, starts, stop } = working(1, async (key, at) => {
            await takes(runMs)(key, at, never);
            throw new Error('down');
          });
          queue.add('a');
          for (const at of wishes) time.after(at, () => queue.add('a'));
          await time.advance(200_000);
          const begun = starts.map((start) => Number(start.split('@')[1]));
          for (const at of wishes) {
            const served = begun.find((start) => start >= at) ?? Infinity;
            assert.ok(served - at <= runMs, `wished at ${String(at)}, served at ${String(served)}`);
          }
          await stop();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('does not let hung handlers hold up other keys', async () => {
    const hung: Work = (key, time) => (key.startsWith('hung') ? takes(1_000_000)(key, time, never) : Promise.resolve());
    const { time, queue, starts, stop } = working(2, hung, 30_000);
    for (const key of ['hung-1', 'hung-2', 'well']) queue.add(key);
    await time.advance(29_999);
    assert.equal(starts.length, 2);
    await time.advance(2);
    assert.equal(starts[2], 'well@30000');
    queue.add('hung-1');
    await time.advance(100_000);
    assert.equal(starts.length, 3, 'its own key stays locked');
    await stop();
  });

  it('starts nothing after the signal, and ends when the last handler has', async () => {
    const { time, queue, starts, stop } = working(1, takes(100));
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await time.advance(5);
    await stop();
    assert.equal(time.now(), 100);
    await time.advance(10_000);
    assert.deepEqual(starts, ['a@0']);
  });

  const operation = fc.record({
    at: fc.integer({ min: 0, max: 200 }),
    key: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('add', 'addAfter', 'retry'),
    delay: fc.integer({ min: 1, max: 100 }),
    takes: fc.integer({ min: 0, max: 60 }),
    fails: fc.boolean(),
  });

  it('property: a key never runs twice at once, and no wish is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 25 }),
        fc.integer({ min: 1, max: 3 }),
        async (script, workers) => {
          const running = new Set<string>();
          const startedAt = new Map<string, number>();
          const pace = new Map<string, { takes: number; fails: boolean }>();
          let most = 0;
          const { time, queue, stop } = working(workers, async (key) => {
            assert.ok(!running.has(key), `${key} runs twice at once`);
            running.add(key);
            most = Math.max(most, running.size);
            startedAt.set(key, time.now());
            const { takes: ms, fails } = pace.get(key) ?? { takes: 0, fails: false };
            pace.delete(key);
            await takes(ms)(key, time, queue);
            running.delete(key);
            if (fails) throw new Error('on purpose');
          });
          const wished = new Map<string, number>();
          for (const { at, key, kind, delay, takes: ms, fails } of script) {
            time.after(at, () => {
              pace.set(key, { takes: ms, fails });
              wished.set(key, at);
              if (kind === 'add') queue.add(key);
              else if (kind === 'addAfter') queue.addAfter(key, delay);
              else queue.retry(key);
            });
          }
          await time.advance(200_000);
          for (const [key, at] of wished) {
            assert.ok((startedAt.get(key) ?? -1) >= at, `${key} was wished at ${String(at)} and never ran after`);
          }
          assert.ok(most <= workers);
          await stop();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('property: an add during a run causes exactly one more run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 8 }), async (adds) => {
        const { time, queue, starts, stop } = working(2, takes(100));
        queue.add('a');
        for (const at of adds) time.after(at, () => queue.add('a'));
        await time.advance(10_000);
        assert.deepEqual(starts, ['a@0', 'a@100']);
        await stop();
      }),
      { numRuns: 50 },
    );
  });
});

function startedSince(starts: readonly string[], ms: number): boolean {
  return Number(starts.at(-1)?.split('@')[1]) >= ms;
}

const never: WorkQueue = createQueue({
  clock: createVirtualTime().machine(),
  random: createSeededRandom(0),
  label: 'never',
});
