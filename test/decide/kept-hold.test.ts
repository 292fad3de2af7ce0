import assert from 'node:assert/strict';
import type { Hold } from '../../src/api/run.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import { keptHold, renewMs } from '../../src/decide/kept-hold.ts';
import type { CheckResult } from '../../src/drivers/checks/driver.ts';
import { ago, at, lost, now } from './support/facts.ts';
import { factsOf, outcome } from './support/runs.ts';

const seenAgo = (...ages: readonly number[]): Hold => ({
  reason: 'SmokeRed',
  message: 'Red.',
  evidence: ages.map((ms) => ({ what: `503 of ${String(ms)}`, at: ago(ms).wall })),
});
const kept = (previous: Hold | undefined, held: Hold): boolean => keptHold(previous, held, now.wall) === previous;

describe('the evidence of a hold in the same words', () => {
  const rows: readonly (readonly [string, Hold | undefined, Hold, boolean])[] = [
    ['none before', undefined, seenAgo(0), false],
    ['of a moment ago', seenAgo(1_000), seenAgo(0), true],
    ['of almost a minute ago', seenAgo(renewMs - 1), seenAgo(0), true],
    ['of a minute ago', seenAgo(renewMs), seenAgo(0), false],
    ['old, and no newer look', seenAgo(40 * renewMs), seenAgo(40 * renewMs), true],
    ['one of two old', seenAgo(90_000, 1_000), seenAgo(90_000, 0), true],
    ['both old, one seen anew', seenAgo(90_000, 90_000), seenAgo(90_000, 0), false],
    ['none, and now there is', seenAgo(), seenAgo(0), false],
    ['some, and now there is none', seenAgo(renewMs), seenAgo(), true],
    ['of what is to come', seenAgo(-5 * renewMs), seenAgo(-5 * renewMs), true],
    ['in other words', seenAgo(1_000), { ...seenAgo(0), message: 'Still red.' }, false],
    ['with another reason', seenAgo(1_000), { ...seenAgo(0), reason: 'DependencyRed' }, false],
    ['with another command', seenAgo(1_000), { ...seenAgo(0), next: 'type this' }, false],
  ];
  for (const [name, previous, held, stays] of rows) {
    it(`${name} ${stays ? 'is kept' : 'gives way'}`, () => {
      assert.equal(kept(previous, held), stays);
    });
  }

  /** How often the status shows another evidence while a step is looked at four times a second, for ten minutes. */
  function writes(lookedAt: (ms: number) => number): number {
    let { run } = factsOf({ steps: { assess: outcome('Succeeded', { mode: 'Forced' }) } });
    const shown: unknown[] = [];
    for (let ms = 0; ms < 600_000; ms += 250) {
      const observed = { checks: { 'dependency/idp': lost<CheckResult>('Timeout', at(lookedAt(ms))) } };
      const { status } = decideRun(factsOf({ observed, facts: { run, now: at(ms) } }));
      run = { ...run, status };
      shown.push(status.steps.find(({ id }) => id === 'dependency/idp')?.waitsFor?.evidence);
    }
    return shown.filter((evidence, index) => evidence !== shown[index - 1]).length;
  }

  it('is written once a minute where it is seen anew with every pass, and once where it is not', () => {
    assert.equal(
      writes(() => 0),
      1,
    );
    assert.equal(
      writes((ms) => ms),
      10,
    );
  });
});
