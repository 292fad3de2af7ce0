import assert from 'node:assert/strict';
import { PortError } from '../../../src/ports/port-error.ts';
import { createKernel, KILL_MOMENTS, killAt, matchesText } from './index.ts';
import type { Fault, Kernel, KernelOptions, KillMoment, Process } from './index.ts';
import { createRegister, sleep, write } from './toy.ts';
import type { Register } from './toy.ts';

const startWall = Date.UTC(2030, 0, 1);
const kernelOf = (options: Partial<KernelOptions> = {}): Kernel => createKernel({ seed: 1, startWall, ...options });

describe('simulation kernel: faults', () => {
  /** Writes a, then b; reads nothing. A restarted life begins again. */
  const twice =
    (register: Register) =>
    async (process: Process): Promise<void> => {
      for (const text of ['a', 'b']) await write(process, register, `${text}${String(process.incarnation)}`);
    };
  const killed = async (
    moment: KillMoment,
  ): Promise<{ readonly values: readonly string[]; readonly replies: readonly string[] }> => {
    const register = createRegister();
    const kernel = kernelOf({ faults: [{ label: 'toy.write', occurrence: 1, incarnation: 1, do: moment }] });
    kernel.spawn('operator', twice(register));
    await kernel.run();
    assert.deepEqual(kernel.unmet(), []);
    const replies = kernel.trace.filter(({ kind }) => kind === 'reply').map(({ detail }) => detail);
    return { values: register.values, replies };
  };

  it('kill before a request leaves', async () => {
    assert.deepEqual(await killed('kill-before'), { values: [], replies: [] });
  });

  it('kill at its effect, before the reply', async () => {
    assert.deepEqual(await killed('kill-after-effect'), { values: ['a1'], replies: [] });
  });

  it('kill after the reply was taken, whose next request is then on the wire', async () => {
    assert.deepEqual(await killed('kill-after-reply'), { values: ['a1', 'b1'], replies: ['stored a1'] });
  });

  it('sweep: every mutation of the history without faults, at every moment, each with another history', async () => {
    const history = async (fault?: Fault): Promise<{ readonly kernel: Kernel; readonly register: Register }> => {
      const register = createRegister();
      const kernel = kernelOf({ faults: fault === undefined ? [] : [fault] });
      kernel.spawn('operator', twice(register), { restartAfterMs: 100 });
      assert.equal((await kernel.run()).why, 'finished');
      return { kernel, register };
    };
    const { kernel: faultless } = await history();
    assert.deepEqual(
      faultless.mutations().map(({ occurrence, detail, at }) => `${String(occurrence)} ${detail} @${String(at)}`),
      ['1 a1 @0', '2 b1 @20'],
    );
    const hashes = new Set([faultless.traceHash()]);
    for (const call of faultless.mutations()) {
      for (const moment of KILL_MOMENTS) {
        const { kernel, register } = await history(killAt(call, moment));
        assert.deepEqual(kernel.unmet(), []);
        assert.deepEqual(register.values.slice(-2), ['a2', 'b2'], `${moment} ${call.detail}`);
        hashes.add(kernel.traceHash());
      }
    }
    assert.equal(hashes.size, 7);
  });

  const outcome = async (fault: Fault): Promise<string> => {
    const register = createRegister();
    const kernel = kernelOf({ faults: [fault] });
    let seen = 'nothing';
    kernel.spawn('operator', async (process) => {
      const tell = (what: string): void => {
        seen = `${what} @${String(kernel.now())}`;
      };
      await write(process, register, 'a').then(tell, (error: unknown) =>
        tell(error instanceof Error ? error.message : ''),
      );
    });
    await kernel.run();
    return `${seen}; ${register.values.join() || 'no effect'}`;
  };

  it('lose, delay, refuse and silence', async () => {
    assert.equal(await outcome({ do: 'drop-request' }), 'nothing; no effect');
    assert.equal(await outcome({ do: 'drop-request', seen: 'reset' }), 'reset @20; no effect');
    assert.equal(await outcome({ do: 'drop-reply' }), 'nothing; a');
    assert.equal(await outcome({ do: 'drop-reply', seen: 'reset' }), 'reset @20; a');
    assert.equal(await outcome({ do: 'delay', ms: 100 }), 'stored a @120; a');
    assert.equal(await outcome({ do: 'delay', ms: 7, leg: 'reply' }), 'stored a @27; a');
    assert.equal(await outcome({ do: 'hang' }), 'nothing; no effect');
    assert.equal(
      await outcome({ do: 'error', error: { why: 'Throttled', message: 'slowly' } }),
      'slowly @20; no effect',
    );
    assert.equal(
      await outcome({ do: 'error', error: { why: 'Unreachable', message: 'gone' }, effect: 'after' }),
      'gone @20; a',
    );
    assert.equal(await outcome({ do: 'suspend', ms: 50 }), 'stored a @70; a');
  });

  it('call what the scenario wants called, with what happened until then', async () => {
    for (const when of ['call', 'effect', 'reply'] as const) {
      const register = createRegister();
      const kernel = kernelOf();
      const seen: string[] = [];
      kernel.inject({
        do: 'run',
        when,
        run: (call) => void seen.push(`${call.detail} @${String(kernel.now())} ${String(register.values.length)}`),
      });
      kernel.spawn('operator', async (process) => {
        await write(process, register, 'x');
      });
      await kernel.run();
      assert.deepEqual(seen, { call: ['x @0 0'], effect: ['x @10 1'], reply: ['x @20 1'] }[when]);
    }
  });

  it('are addressed by process, label, destination, detail, time, occurrence and count', async () => {
    const strikes = async (fault: Fault): Promise<string> => {
      const [east, west] = [createRegister('register.east:1'), createRegister('register.west:1')];
      const kernel = kernelOf({ faults: [fault] });
      const program =
        (prefix: string) =>
        async (process: Process): Promise<void> => {
          for (const text of ['1', '2', '3']) {
            await Promise.allSettled([east, west].map((register) => write(process, register, `${prefix}${text}`)));
          }
        };
      kernel.spawn('first', program('f'));
      kernel.spawn('second', program('s'));
      await kernel.run();
      const struck = kernel.trace
        .filter(({ kind }) => kind === 'reply')
        .filter(({ detail }) => detail.startsWith('Throttled'));
      return struck.map((entry) => `${entry.process}/${entry.destination.slice(9, 13)}@${String(entry.t)}`).join(' ');
    };
    const fault = { do: 'error', error: { why: 'Throttled' } } as const;
    assert.equal(
      await strikes({ ...fault, process: 'second', destination: '*.west:*' }),
      'second/west@20 second/west@40 second/west@60',
    );
    assert.equal(
      await strikes({ ...fault, process: 'second', destination: '*.west:*', occurrence: 2 }),
      'second/west@40',
    );
    assert.equal(
      await strikes({ ...fault, detail: 'f*', destination: '*east*', occurrence: 2, count: 2 }),
      'first/east@40 first/east@60',
    );
    assert.equal(
      await strikes({ ...fault, label: 'toy.*', destination: '*east*', from: 20, to: 40 }),
      'first/east@40 second/east@40',
    );
    assert.equal(await strikes({ ...fault, label: 'toy' }), '');
    assert.equal(await strikes({ ...fault, incarnation: 2 }), '');
    assert.equal(await strikes({ ...fault, mutating: false }), '');
  });

  it('match texts exactly, or with stars for any characters', () => {
    const matching: readonly (readonly [string | undefined, string, boolean])[] = [
      [undefined, 'kube.patch', true],
      ['kube.patch', 'kube.patch', true],
      ['kube', 'kube.patch', false],
      ['kube.*', 'kube.patch', true],
      ['*.patch', 'kube.patch', true],
      ['*', '', true],
      ['k*b*p*h', 'kube.patch', true],
      ['k*p*b*h', 'kube.patch', false],
      ['ab*b', 'ab', false],
      ['ab*b', 'abb', true],
      ['a*bc*c', 'abc', false],
      ['a*b*b', 'ab', false],
    ];
    for (const [pattern, text, expected] of matching) {
      assert.equal(matchesText(pattern, text), expected, `${String(pattern)} ${text}`);
    }
  });

  it('kill once, unless a count says otherwise', async () => {
    for (const [count, lives] of [
      [undefined, 2],
      [3, 4],
    ] as const) {
      const register = createRegister();
      const kernel = kernelOf({
        faults: [{ label: 'toy.*', do: 'kill-before', ...(count === undefined ? {} : { count }) }],
      });
      kernel.spawn('operator', twice(register), { restartAfterMs: 100 });
      await kernel.run();
      assert.deepEqual(kernel.process('operator'), { state: 'ended', incarnation: lives });
    }
  });

  it('count the calls of each life anew', async () => {
    const register = createRegister();
    const faults: readonly Fault[] = [
      { incarnation: 1, label: 'toy.write', occurrence: 2, do: 'kill-after-effect' },
      { incarnation: 2, label: 'toy.write', occurrence: 1, do: 'kill-before' },
    ];
    const kernel = kernelOf({ faults });
    kernel.spawn('operator', twice(register), { restartAfterMs: 100 });
    await kernel.run();
    assert.deepEqual(register.values, ['a1', 'b1', 'a3', 'b3']);
    const calls = kernel
      .mutations()
      .map(({ incarnation, occurrence }) => `${String(incarnation)}.${String(occurrence)}`);
    assert.deepEqual(calls, ['1.1', '1.2', '2.1', '3.1', '3.2']);
  });

  it('that strike nothing can be seen to, and can be taken away', async () => {
    const kernel = kernelOf({ faults: [{ label: 'toy.read', do: 'hang' }] });
    const remove = kernel.inject({ label: 'toy.write', do: 'hang' }, { label: 'toy.write', occurrence: 2, do: 'hang' });
    const register = createRegister();
    kernel.spawn('operator', async (process) => {
      await write(process, register, 'x');
    });
    await kernel.run();
    assert.deepEqual(
      kernel.unmet().map(({ label, occurrence }) => [label, occurrence]),
      [
        ['toy.read', undefined],
        ['toy.write', 2],
      ],
    );
    remove();
    assert.equal(kernel.unmet().length, 1);
  });

  it('of a kind that the port does not know fail the run', async () => {
    const register = createRegister();
    const kernel = kernelOf({ faults: [{ do: 'error', error: { sqlState: '57014' } }] });
    kernel.spawn('operator', async (process) => {
      await write(process, register, 'x');
    });
    await assert.rejects(kernel.run(), /the toy speaks no such errors/);
  });
});

describe('simulation kernel: calls', () => {
  const told = (error: unknown): string =>
    error instanceof PortError ? `${error.why}: ${error.message}` : String(error);

  it('that are cancelled reject at once, and may still take effect', async () => {
    const register = createRegister();
    const kernel = kernelOf();
    const seen: string[] = [];
    kernel.spawn('operator', async (process) => {
      const controller = new AbortController();
      process.after(5, () => controller.abort(new Error('out of patience')));
      const tell = (error: unknown): void =>
        void seen.push(`${told(error)} @${String(kernel.now())} ${String(register.values.length)}`);
      await write(process, register, 'a', { signal: controller.signal }).then(tell, tell);
      await write(process, register, 'b', { signal: controller.signal }).then(tell, tell);
    });
    await kernel.run();
    assert.deepEqual(seen, ['Timeout: cancelled @5 0', 'Timeout: cancelled @5 0']);
    assert.deepEqual(register.values, ['a'], 'the second was never sent');
  });

  it('are answered in the time that a model takes', async () => {
    const register = createRegister();
    const kernel = kernelOf();
    register.answer = (text) => new Promise((resolve) => void kernel.time.after(100, () => resolve(`slowly ${text}`)));
    let seen = '';
    kernel.spawn('operator', async (process) => {
      seen = `${await write(process, register, 'a')} @${String(kernel.now())}`;
    });
    await kernel.run();
    assert.equal(seen, 'slowly a @120');
  });

  it('end the run where a model has a defect, whoever would have caught the error', async () => {
    for (const answer of [
      (): string => {
        throw new TypeError('a defect');
      },
      () => Promise.reject<string>(new TypeError('a defect')),
    ]) {
      const register = createRegister();
      register.answer = answer;
      const kernel = kernelOf();
      kernel.spawn('operator', async (process) => {
        await write(process, register, 'a').catch(() => 'caught');
      });
      await assert.rejects(kernel.run(), /a defect/);
    }
  });

  it('meet cuts of the network: hung or refused, one way or both, for some processes, for a while', async () => {
    const seen = async (...cuts: NonNullable<KernelOptions['cuts']>): Promise<string> => {
      const register = createRegister();
      const kernel = kernelOf({ cuts });
      const answers: string[] = [];
      kernel.spawn('operator', async (process) => {
        for (const text of ['a', 'b']) {
          const controller = new AbortController();
          const cancel = process.after(50, () => controller.abort());
          const tell = (what: string): void => void answers.push(what);
          await write(process, register, text, { signal: controller.signal }).then(tell, (error: unknown) =>
            tell(told(error)),
          );
          cancel();
        }
      });
      await kernel.run();
      return [...answers, `[${register.values.join()}]`].join(' ');
    };
    assert.equal(await seen({ match: { region: 'east' }, how: 'hang' }), 'Timeout: cancelled Timeout: cancelled []');
    assert.equal(
      await seen({ match: { host: '*.east' }, how: 'refuse' }),
      'Unreachable: refused Unreachable: refused []',
    );
    assert.equal(
      await seen({ match: { kind: 'http' }, how: 'hang', lose: 'replies' }),
      'Timeout: cancelled Timeout: cancelled [a,b]',
    );
    assert.equal(await seen({ match: {}, how: 'hang', lose: 'requests', to: 30 }), 'Timeout: cancelled stored b [b]');
    assert.equal(await seen({ match: {}, how: 'refuse', from: 5, to: 15 }), 'Timeout: cancelled stored b [b]');
    assert.equal(
      await seen({ match: ({ id }) => id.endsWith(':1'), how: 'hang', from: 15, to: 45 }),
      'Timeout: cancelled stored b [a,b]',
    );
    assert.equal(await seen({ match: { region: 'west' }, how: 'hang' }), 'stored a stored b [a,b]');
    assert.equal(await seen({ match: {}, process: 'other', how: 'hang' }), 'stored a stored b [a,b]');
  });

  it('leave what lies in no region out of cuts by region', async () => {
    const register = createRegister();
    const { kind, id, host } = register.destination;
    const kernel = kernelOf({ cuts: [{ match: { region: '*' }, how: 'hang' }] });
    kernel.spawn('operator', async (process) => {
      await write(process, { ...register, destination: { kind, id, host } }, 'a');
    });
    assert.equal((await kernel.run()).why, 'finished');
    assert.deepEqual(register.values, ['a']);
  });

  it('are healed by hand', async () => {
    const register = createRegister();
    const kernel = kernelOf();
    const heal = kernel.cut({ match: {}, how: 'hang' });
    kernel.at(100, 'the cable is plugged in', heal);
    kernel.spawn('operator', async (process) => {
      await sleep(process, 100);
      await write(process, register, 'a');
    });
    assert.equal((await kernel.run()).why, 'finished');
    assert.deepEqual(
      kernel.trace.filter(({ kind }) => kind === 'fault').map(({ t, label }) => `${label}@${String(t)}`),
      ['network cut@0', 'network healed@100'],
    );
  });
});
