import assert from 'node:assert/strict';
import type { Run, Step, StepStatus } from '../../src/api/run.ts';
import { expectedOf, longestChain, tookMs } from '../../src/view/durations.ts';
import { ago } from '../decide/support/facts.ts';
import { aSpec } from '../decide/support/plans.ts';
import { aRun, aStatus, graphOf } from '../decide/support/runs.ts';

const graph = graphOf(aSpec(), 'Forced');

function step(id: string): Step {
  const found = graph.find((one) => one.id === id);
  assert.ok(found !== undefined);
  return found;
}

function ran(id: string, over: Partial<StepStatus>, mode: 'Planned' | 'Forced' = 'Forced'): Run {
  const done: StepStatus = { ...step(id), state: 'Done', since: ago(0).wall, ...over };
  return aRun(aStatus({ mode, steps: [done] }));
}

const took = (ms: number): Partial<StepStatus> => ({
  readyAt: ago(ms + 5_000).wall,
  intent: { token: 't', action: 'Do', holder: 'h', at: 0, notAfter: 0, attempt: 1, firstAt: ago(ms).wall },
  outcome: { state: 'Succeeded', at: ago(0).wall, evidence: [] },
});

describe('how long a step is thought to take', () => {
  it('is the median of former Runs of the same mode, from the first effect on', () => {
    const runs = [
      ran('promote/orders', took(1_000)),
      ran('promote/orders', took(9_000)),
      ran('promote/orders', took(3_000)),
    ];
    assert.deepEqual(expectedOf(step('promote/orders'), aSpec(), 'Forced', runs), {
      basis: 'Runs',
      ms: 3_000,
      runs: 3,
    });
    assert.deepEqual(expectedOf(step('promote/orders'), aSpec(), 'Forced', runs.slice(0, 2)), {
      basis: 'Runs',
      ms: 5_000,
      runs: 2,
    });
    const planned = [ran('promote/orders', took(1_000), 'Planned')];
    assert.deepEqual(expectedOf(step('promote/orders'), aSpec(), 'Forced', planned), {
      basis: 'Deadline',
      ms: 300_000,
    });
  });
  it('is the plan’s own time, a person, or nothing that is known', () => {
    assert.deepEqual(expectedOf(step('soak'), aSpec(), 'Forced', []), { basis: 'Plan', ms: 30_000 });
    assert.deepEqual(expectedOf(step('stand-down/api'), aSpec(), 'Forced', []), { basis: 'Plan', ms: 60_000 });
    assert.deepEqual(expectedOf(step('approve'), aSpec(), 'Forced', [ran('approve', took(1))]), { basis: 'Person' });
    assert.deepEqual(expectedOf(step('rebuild/orders'), aSpec(), 'Forced', []), { basis: 'Unknown' });
  });
  it('is nothing where a look from before its turn showed it done', () => {
    const { intent: _none, ...seenBefore } = took(-7_000);
    const runs = [ran('preflight/orders', { ...seenBefore, readyAt: ago(-2_000).wall })];
    assert.deepEqual(expectedOf(step('preflight/orders'), aSpec(), 'Forced', runs), { basis: 'Runs', ms: 0, runs: 1 });
    assert.deepEqual(expectedOf(step('preflight/orders'), aSpec(), 'Forced', []), { basis: 'Deadline', ms: 60_000 });
  });
  it('is not learnt from what was overridden, or from a clock that was set back', () => {
    const [overridden] = ran('fence/orders', {
      ...took(1_000),
      outcome: { state: 'Overridden', at: ago(0).wall, evidence: [] },
    }).status.steps;
    const [back] = ran('fence/orders', {
      ...took(1_000),
      outcome: { state: 'Succeeded', at: ago(9_000).wall, evidence: [] },
    }).status.steps;
    assert.ok(overridden !== undefined && back !== undefined);
    assert.equal(tookMs(overridden), undefined);
    assert.equal(tookMs(back), undefined);
  });
});

describe('the longest chain', () => {
  it('counts what runs beside each other once', () => {
    const made = (id: string, after: readonly string[]): Step => ({
      id,
      after,
      kind: 'Report',
      phase: 'Recovery',
      effect: 'None',
    });
    const steps = [made('a', []), made('b', ['a']), made('c', ['a']), made('d', ['b', 'c'])];
    const ms: Readonly<Record<string, number>> = { a: 1, b: 5, c: 9, d: 2 };
    assert.deepEqual(
      longestChain(steps, 'd', ({ id }) => ms[id] ?? 0),
      { ms: 12, steps: ['a', 'c', 'd'] },
    );
    assert.deepEqual(
      longestChain(steps, 'gone', () => 1),
      { ms: 0, steps: [] },
    );
  });
});
