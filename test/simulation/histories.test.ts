import assert from 'node:assert/strict';
import fc from 'fast-check';
import { recordTable } from '../support/report-lines.ts';
import { play } from './generate.ts';
import { invariants } from './invariants/index.ts';
import { violationsOf } from './judge.ts';
import { tales } from './tales.ts';
import { tellAll } from './workers.ts';

/** Fewer than this many distinct histories have not tested an invariant. */
const ENOUGH = 100;
/** Of those from there on histories meet fewer as yet: judged in each, and counted, and no number is demanded. */
const STEERING = 27;
/** As many as meet every premise often enough, as the kinds of tales are weighted. */
const MEASURED = 1050;
/** More, or another seed, by the environment. */
const HISTORIES = Number(process.env.HISTORIES ?? MEASURED);
const SEED = Number(process.env.HISTORY_SEED ?? 20_260_301);

describe('generated histories', function () {
  this.timeout(3_600_000);

  it(`hold every invariant, and meet each premise in ${String(ENOUGH)} distinct ones`, async () => {
    const sample = fc.sample(tales, { seed: SEED, numRuns: HISTORIES });
    const begun = performance.now();
    const told = await tellAll(sample);
    const seconds = (performance.now() - begun) / 1000;
    const met = new Map<number, Set<string>>();
    const wrong: { readonly index: number; readonly text: string }[] = [];
    for (const done of told) {
      if ('failure' in done) {
        wrong.push({ index: done.index, text: done.failure });
        continue;
      }
      const { premises, signature, violations } = done.verdict;
      for (const number of premises) met.set(number, (met.get(number) ?? new Set()).add(signature));
      if (violations.length > 0) wrong.push({ index: done.index, text: violations.join('\n') });
    }
    const counts = invariants.map(({ number, name }) => ({ number, name, count: met.get(number)?.size ?? 0 }));
    const lines = counts.map(
      ({ number, name, count }) => `${String(number).padStart(3)} ${String(count).padStart(4)}  ${name}`,
    );
    const pace = `${String(told.length)} histories in ${seconds.toFixed(1)} s, ${(told.length / seconds).toFixed(1)}/s, seed ${String(SEED)}`;
    recordTable('invariants: distinct histories that met the premise', [pace, ...lines].join('\n'));
    const [first] = wrong;
    if (first !== undefined) {
      const all = wrong.map(({ index, text }) => `history ${String(index)}: ${text}`).join('\n');
      throw new Error(`${all}\n\nthe first, shrunk:\n${await shrunk(first.index)}`);
    }
    const seldom = counts.filter(({ number, count }) => number < STEERING && count < ENOUGH);
    if (HISTORIES >= MEASURED) assert.deepEqual(seldom, [], 'premises met too seldom');
  });
});

/** The smallest tale that still fails, found within a bounded number of tries. */
async function shrunk(index: number): Promise<string> {
  const holds = fc.asyncProperty(tales, async (tale) => {
    assert.deepEqual(violationsOf(await play(tale)), []);
  });
  const result = await fc.check(holds, {
    seed: SEED,
    path: String(index),
    interruptAfterTimeLimit: 60_000,
    markInterruptAsFailure: true,
  });
  return JSON.stringify(result.counterexample?.[0] ?? 'none');
}
