import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mutants } from '../mutants/index.ts';
import { recordTable } from '../support/report-lines.ts';
import { play, type StartOperator } from './generate.ts';
import { invariants } from './invariants/index.ts';
import { mutatedOperator } from './mutated.ts';
import type { History } from './history.ts';
import type { Tale } from './tale.ts';

const quiet: Tale = {
  seed: 7,
  databases: ['orders'],
  fencing: 'Verified',
  approval: 'Forced',
  enforcement: 'Act',
  rpo: '30s',
  cooldown: '0s',
  outage: { kind: 'None' },
  faults: [],
  deeds: [],
  weather: [],
  comesBack: false,
  badPlan: false,
  twin: false,
  answerMs: 1_000,
};
const dies: Tale = { ...quiet, outage: { kind: 'Dies', heldMs: 5_000, returns: 'OnceHealthy' } };
const dark: Tale = { ...quiet, outage: { kind: 'Dark', heldMs: 5_000, returns: 'OnceHealthy' } };

interface Broken {
  readonly mutant: string;
  /** What it breaks; where `alone`, nothing else may break. */
  readonly breaks: readonly number[];
  readonly tale: Tale;
  readonly alone?: boolean;
}

/** Each mutant in a history in which the unbroken program holds every invariant. */
const broken: readonly Broken[] = [
  { mutant: 'fence', breaks: [2], tale: dies, alone: true },
  { mutant: 'cas', breaks: [4], tale: quiet, alone: true },
  { mutant: 'intent', breaks: [6], tale: quiet, alone: true },
  {
    mutant: 'position',
    breaks: [7],
    tale: { ...quiet, weather: [{ at: 0, forMs: 15_000, do: 'link', how: 'hold' }] },
    alone: true,
  },
  { mutant: 'traffic-gate', breaks: [3], tale: quiet, alone: true },
  { mutant: 'standing-fence', breaks: [24], tale: dies, alone: true },
  // A look is longer on its way than a pass waits for it: the one before it is still the last.
  {
    mutant: 'stale-look',
    breaks: [3],
    tale: { ...quiet, faults: [{ label: 'sql.server', do: 'delay', ms: 1000, count: 500 }] },
    alone: true,
  },
  { mutant: 'fence', breaks: [1], tale: dark },
  { mutant: 'old-epoch', breaks: [5], tale: { ...quiet, comesBack: true } },
  { mutant: 'optimist', breaks: [8], tale: dies },
  { mutant: 'careless', breaks: [9], tale: { ...dies, rpo: '1s' } },
  { mutant: 'abort', breaks: [10], tale: { ...quiet, deeds: [{ at: 450, do: 'abort' }] } },
  { mutant: 'quiesce', breaks: [11], tale: dark },
  { mutant: 'restless', breaks: [12], tale: quiet },
  { mutant: 'endless', breaks: [13], tale: quiet },
  { mutant: 'rivals', breaks: [14], tale: { ...quiet, twin: true, weather: [{ at: 600, forMs: 9_000, do: 'rival' }] } },
  { mutant: 'unpinned', breaks: [15], tale: { ...quiet, deeds: [{ at: 2_000, do: 'edit' }] } },
  { mutant: 'cooldown', breaks: [16], tale: { ...quiet, cooldown: '10m', comesBack: true } },
  { mutant: 'observe', breaks: [17], tale: { ...quiet, enforcement: 'Observe' } },
  { mutant: 'queue', breaks: [18], tale: { ...quiet, badPlan: true, twin: true } },
  { mutant: 'stand-down', breaks: [19], tale: { ...quiet, comesBack: true } },
  {
    mutant: 'deleted',
    breaks: [20],
    tale: { ...quiet, approval: 'Always', deeds: [{ at: 195, do: 'delete' }] },
  },
  { mutant: 'secrets', breaks: [21], tale: dies },
  { mutant: 'looks', breaks: [22], tale: { ...dark, rpo: '1s' } },
  { mutant: 'ready', breaks: [23], tale: quiet },
  { mutant: 'compare', breaks: [25], tale: dies },
  { mutant: 'discard', breaks: [25], tale: dies, alone: true },
  { mutant: 'unnamed', breaks: [25], tale: dies, alone: true },
  {
    mutant: 'out-of-band',
    breaks: [26],
    tale: {
      ...quiet,
      hand: { after: 'Nothing', operator: 'Dead', source: 'Stopped', movesDns: true, then: 'Rebuilt', adopts: true },
    },
    alone: true,
  },
  { mutant: 'restive', breaks: [27], tale: { ...quiet, deeds: [{ at: 600, do: 'pause', forMs: 9_000 }] }, alone: true },
  { mutant: 'deaf', breaks: [28], tale: { ...quiet, deeds: [{ at: 300, do: 'skip', step: 'quiesce/worker' }] } },
  { mutant: 'mute', breaks: [29], tale: { ...quiet, deeds: [{ at: 600, do: 'skip', step: 'soak' }] }, alone: true },
];

const numbers = (history: History): readonly number[] =>
  invariants.filter((one) => one.violations(history).length > 0).map(({ number }) => number);

describe('mutants: each invariant fails when one function is wrong, and holds when none is', function () {
  this.timeout(300_000);
  let folder = '';
  const lines: string[] = [];
  const unbroken = new Map<string, Promise<History>>();
  const toldUnbroken = (tale: Tale): Promise<History> => {
    const key = JSON.stringify(tale);
    const told = unbroken.get(key) ?? play(tale);
    unbroken.set(key, told);
    return told;
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-mutants-'));
  });
  after(async () => {
    recordTable('mutants', lines.join('\n'));
    await rm(folder, { recursive: true, force: true });
  });

  const build = async (name: string): Promise<StartOperator> => {
    const swap = mutants[name];
    assert.ok(swap !== undefined, `there is no mutant ${name}`);
    return await mutatedOperator(swap, folder, name);
  };

  for (const { mutant, breaks, tale, alone } of broken) {
    it(`${mutant} breaks ${breaks.join(', ')}${alone === true ? ' and no other' : ''}`, async () => {
      const whole = await toldUnbroken(tale);
      assert.deepEqual(
        invariants.flatMap((one) => one.violations(whole)),
        [],
        'the unbroken program',
      );
      const history = await play(tale, await build(mutant));
      const found = numbers(history);
      const evidence = invariants.flatMap((one) =>
        one.violations(history).map((text) => `${String(one.number)}: ${text}`),
      );
      if (alone === true) assert.deepEqual(found, breaks, evidence.join('\n'));
      else {
        for (const number of breaks) {
          assert.ok(found.includes(number), `it broke ${found.join(', ')}\n${evidence.join('\n')}`);
        }
      }
      lines.push(`${mutant.padEnd(15)} ${breaks.join(', ').padEnd(4)} ${evidence[0] ?? ''}`);
    });
  }

  it('leaves no invariant without a mutant', () => {
    const covered = new Set(broken.flatMap(({ breaks }) => breaks));
    assert.deepEqual(
      invariants.filter(({ number }) => !covered.has(number)).map(({ number }) => number),
      [],
    );
    assert.deepEqual(
      Object.keys(mutants).filter((name) => !broken.some(({ mutant }) => mutant === name)),
      [],
    );
  });
});
