import assert from 'node:assert/strict';
import { createKernel, firstDifference, formatEntry, SILENCE } from './index.ts';
import type { Kernel, KernelOptions, Process, TraceEntry } from './index.ts';
import { createRegister, sleep, steady, write } from './toy.ts';

const startWall = Date.UTC(2030, 0, 1);
const kernelOf = (options: Partial<KernelOptions> = {}): Kernel => createKernel({ seed: 1, startWall, ...options });

describe('simulation kernel: events', () => {
  it('happen in the order of their time, those of one instant in the order of their scheduling', async () => {
    const kernel = kernelOf();
    const seen: string[] = [];
    const plan = (ms: number, name: string): (() => void) =>
      kernel.time.after(ms, () => void seen.push(`${name}@${String(kernel.now())}`));
    plan(5, 'late');
    plan(1, 'first');
    plan(1, 'second');
    const cancel = plan(3, 'cancelled');
    kernel.time.after(2, () => {
      cancel();
      plan(0, 'nested');
      plan(3, 'later');
    });
    const stopped = await kernel.run();
    assert.deepEqual(seen, ['first@1', 'second@1', 'nested@2', 'late@5', 'later@5']);
    assert.deepEqual(stopped, { why: 'finished', at: 5, events: 6 });
    assert.equal(kernel.time.now(), startWall + 5);
  });

  it('come out sorted from a heap that much was cancelled in', async () => {
    const kernel = kernelOf();
    const draw = kernel.random('times');
    const seen: number[] = [];
    const cancels = Array.from({ length: 500 }, () =>
      kernel.time.after(Math.floor(draw() * 100), () => void seen.push(kernel.now())),
    );
    cancels.filter((_, index) => index % 3 === 0).forEach((cancel) => cancel());
    await kernel.run();
    assert.equal(seen.length, 333);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
  });

  it('are followed by everything that can go on because of them, however many hops that takes', async () => {
    const kernel = kernelOf();
    const seen: string[] = [];
    kernel.time.after(1, () => {
      const hop = async (left: number): Promise<void> => {
        if (left > 0) await hop(left - 1);
        await Promise.resolve();
      };
      void hop(500).then(() => seen.push('hops done'));
    });
    kernel.time.after(1, () => void seen.push('next event'));
    await kernel.run();
    assert.deepEqual(seen, ['hops done', 'next event']);
  });

  it('stop at the asked condition, the time, the number, and go on from there', async () => {
    const kernel = kernelOf();
    let beats = 0;
    const beat = (): void => {
      beats += 1;
      kernel.time.after(10, beat);
    };
    beat();
    assert.deepEqual(await kernel.run({ until: () => beats === 4 }), { why: 'until', at: 30, events: 3 });
    assert.deepEqual(await kernel.run({ maxVirtualMs: 15 }), { why: 'time', at: 45, events: 1 });
    assert.deepEqual(await kernel.run({ maxEvents: 2 }), { why: 'events', at: 60, events: 2 });
  });

  it('fail the run where a model or the scenario throws', async () => {
    const kernel = kernelOf();
    kernel.at(5, 'a person errs', () => {
      throw new Error('no such plan');
    });
    await assert.rejects(kernel.run(), /no such plan/);
  });

  it('are never scheduled at no time at all', () => {
    assert.throws(() => kernelOf().time.after(NaN, () => undefined), /NaN/);
  });
});

describe('simulation kernel: processes', () => {
  it('are told apart: nothing left and somebody waiting is stuck', async () => {
    const register = createRegister();
    register.answer = () => SILENCE;
    const kernel = kernelOf();
    kernel.spawn('operator', async (process) => {
      await write(process, register, 'a');
    });
    assert.equal((await kernel.run()).why, 'stuck');
    assert.deepEqual(kernel.process('operator'), { state: 'running', incarnation: 1 });
    kernel.kill('operator');
    assert.equal((await kernel.run()).why, 'finished');
  });

  it('end with their program', async () => {
    const kernel = kernelOf();
    kernel.spawn('operator', (process) => sleep(process, 50));
    assert.deepEqual(await kernel.run(), { why: 'finished', at: 50, events: 2 });
    assert.deepEqual(kernel.process('operator'), { state: 'ended', incarnation: 1 });
  });

  it('crash when their program throws, which stops the run unless somebody restarts them', async () => {
    const kernel = kernelOf();
    const crash = async (process: Process): Promise<void> => {
      await sleep(process, 5);
      if (process.incarnation < 3) throw new Error(`bug ${String(process.incarnation)}`);
    };
    kernel.spawn('alone', crash);
    assert.deepEqual(await kernel.run(), { why: 'crashed', at: 5, events: 2 });
    kernel.spawn('looked-after', crash, { restartAfterMs: 10 });
    assert.deepEqual((await kernel.run()).why, 'finished');
    assert.deepEqual(kernel.process('looked-after'), { state: 'ended', incarnation: 3 });
    const crashed = kernel
      .crashes()
      .map(({ process, error }) => `${process} ${error instanceof Error ? error.message : ''}`);
    assert.deepEqual(crashed, ['alone#1 bug 1', 'looked-after#1 bug 1', 'looked-after#2 bug 2']);
  });

  it('exit by their own word, and nothing they do afterwards reaches anything', async () => {
    const register = createRegister();
    const kernel = kernelOf();
    kernel.spawn('operator', async (process) => {
      process.exit(3, 'the lease was lost');
      process.trace('log', 'still here', '', '');
      await write(process, register, 'late');
    });
    assert.equal((await kernel.run()).why, 'finished');
    assert.deepEqual(register.values, []);
    assert.deepEqual(
      kernel.trace.map(({ label, detail }) => `${label} ${detail}`),
      ['starts ', 'dies exit 3: the lease was lost'],
    );
  });

  it('take their timers with them, and what waited for them waits for ever', async () => {
    const register = createRegister();
    const kernel = kernelOf();
    const seen: string[] = [];
    kernel.spawn('operator', async (process) => {
      const { incarnation } = process;
      void sleep(process, 30).then(() => seen.push(`slept ${String(incarnation)}`));
      const settled = (): void => void seen.push(`settled ${String(incarnation)}`);
      await write(process, register, `from ${String(incarnation)}`).then(settled, settled);
    });
    kernel.at(5, 'the node dies', () => kernel.kill('operator'));
    await kernel.run();
    assert.deepEqual(seen, []);
    assert.deepEqual(register.values, ['from 1'], 'what was on the wire still took effect');
    kernel.restart('operator', 100);
    await kernel.run();
    assert.deepEqual(seen, ['settled 2', 'slept 2']);
    assert.deepEqual(register.values, ['from 1', 'from 2']);
  });

  it('remember nothing over a restart: clock, draws and occurrences begin anew', async () => {
    const kernel = kernelOf();
    const seen: { readonly id: string; readonly monotonic: number; readonly draw: number }[] = [];
    kernel.spawn('operator', async (process) => {
      await sleep(process, 7);
      seen.push({ id: process.id, monotonic: process.monotonic(), draw: process.draw('x') });
    });
    await kernel.run();
    kernel.restart('operator');
    await kernel.run();
    assert.deepEqual(
      seen.map(({ id, monotonic }) => `${id} ${String(monotonic)}`),
      ['operator#1 7', 'operator#2 7'],
    );
    assert.notEqual(seen[0]?.draw, seen[1]?.draw);
  });

  it('draw from streams of their own, which nobody else’s draws shift', async () => {
    const drawn = async (others: number): Promise<readonly number[]> => {
      const kernel = kernelOf();
      const seen: number[] = [];
      for (let index = 0; index < others; index += 1) {
        kernel.spawn(`other-${String(index)}`, (process) => void process.draw('x'));
      }
      kernel.spawn('operator', (process) => void seen.push(process.draw('x'), process.draw('x')));
      kernel.random('x')();
      await kernel.run();
      return seen;
    };
    const alone = await drawn(0);
    assert.deepEqual(await drawn(3), alone);
    assert.notEqual(alone[0], alone[1]);
    assert.notEqual(alone[0], kernelOf().random('x')());
  });

  it('may be spawned again under their name, as another program on the same machine', async () => {
    const kernel = kernelOf();
    kernel.spawn('operator', (process) => sleep(process, 5));
    await kernel.run();
    assert.throws(() => kernel.spawn('operator', () => undefined), /lives already/);
    kernel.jumpWall('operator', 1000);
    kernel.kill('operator');
    let seen = '';
    kernel.spawn('operator', (process) => {
      seen = `${process.id} ${String(process.wall() - kernel.time.now())}`;
    });
    await kernel.run();
    assert.equal(seen, 'operator#2 1000');
    assert.throws(() => kernel.kill('nobody'), /there is no process nobody/);
  });

  it('stop for a while: what came due happens when they resume, and both clocks have gone on', async () => {
    const seen = await standstill('process');
    assert.deepEqual(seen, [
      'reply @60 monotonic 60 wall 60',
      'timer @60 monotonic 60 wall 60',
      'long timer @100 monotonic 100 wall 100',
    ]);
  });

  it('sleep with their machine: the monotonic clock and the timers stand still, the wall clock does not', async () => {
    const seen = await standstill('machine');
    assert.deepEqual(seen, [
      'reply @60 monotonic 5 wall 60',
      'timer @80 monotonic 25 wall 80',
      'long timer @155 monotonic 100 wall 155',
    ]);
  });

  it('live through jumps of the wall clock, which their monotonic one and their timers never see', async () => {
    const kernel = kernelOf();
    const seen: string[] = [];
    kernel.spawn('operator', async (process) => {
      for (const ms of [10, 10, 10]) {
        await sleep(process, ms);
        seen.push(
          `@${String(kernel.now())} monotonic ${String(process.monotonic())} wall ${String(process.wall() - startWall)}`,
        );
      }
    });
    kernel.spawn('other', async (process) => {
      await sleep(process, 25);
      seen.push(`other wall ${String(process.wall() - startWall)}`);
    });
    kernel.at(15, 'time is set back', () => kernel.jumpWall('operator', -5000));
    await kernel.run();
    assert.deepEqual(seen, [
      '@10 monotonic 10 wall 10',
      '@20 monotonic 20 wall -4980',
      'other wall 25',
      '@30 monotonic 30 wall -4970',
    ]);
    kernel.restart('operator');
    await kernel.run();
    assert.equal(seen.at(-3), '@40 monotonic 10 wall -4960', 'the machine keeps its wrong clock');
  });
});

async function standstill(how: 'process' | 'machine'): Promise<readonly string[]> {
  const kernel = kernelOf();
  const register = createRegister();
  const seen: string[] = [];
  kernel.spawn('operator', async (process) => {
    const log = (what: string): void => {
      seen.push(
        `${what} @${String(kernel.now())} monotonic ${String(process.monotonic())} wall ${String(process.wall() - startWall)}`,
      );
    };
    process.after(25, () => log('timer'));
    process.after(100, () => log('long timer'));
    await write(process, register, 'a').then(() => log('reply'));
  });
  kernel.at(5, 'it stops', () => kernel.suspend('operator', 55, how));
  await kernel.run();
  assert.deepEqual(register.values, ['a'], 'what was on the wire arrived');
  return seen;
}

describe('simulation kernel: histories', () => {
  const history = async (seed: number, busy = false): Promise<Kernel> => {
    const kernel = kernelOf({ seed });
    const registers = ['east', 'west'].map((region) => createRegister(`register.${region}:1`));
    for (const name of ['one', 'two']) {
      kernel.spawn(name, async (process) => {
        for (let turn = 0; turn < 20; turn += 1) {
          await sleep(process, 100 * process.draw('pause'));
          if (busy) process.draw('something new');
          await Promise.all(
            registers.map((register) =>
              write(process, register, String(turn), { latency: { ...steady, jitterMs: 5 } }),
            ),
          );
        }
      });
    }
    await kernel.run();
    return kernel;
  };
  const text = (trace: readonly TraceEntry[]): string => trace.map(formatEntry).join('\n');

  it('are identical twice, and different with another seed', async () => {
    const [first, second, other] = [await history(7), await history(7), await history(8)];
    assert.equal(firstDifference(first.trace, second.trace), undefined);
    assert.equal(first.traceHash(), second.traceHash());
    assert.equal(text(first.trace), text(second.trace));
    assert.notEqual(first.traceHash(), other.traceHash());
    assert.match(firstDifference(first.trace, other.trace) ?? '', /^entry \d+:\n.*\n.*$/);
    assert.deepEqual(first.callCounts(), { 'toy.write': 80 });
  });

  it('are not shifted by a new draw under another label', async () => {
    assert.equal((await history(7)).traceHash(), (await history(7, true)).traceHash());
  });
});
