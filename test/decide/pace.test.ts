import assert from 'node:assert/strict';
import type { RunStatus, StepStatus } from '../../src/api/run.ts';
import { paceOf, type PaceInput } from '../../src/decide/pace.ts';
import { start } from './support/facts.ts';
import { minute } from './support/plans.ts';
import { aStatus, anIntent } from './support/runs.ts';

const step = (over: Partial<StepStatus> = {}): StepStatus => ({
  id: 'fence/orders',
  kind: 'Fence',
  phase: 'Recovery',
  after: [],
  effect: 'Reversible',
  state: 'Pending',
  since: start,
  ...over,
});
describe('pace', () => {
  const status = (state: StepStatus['state'], phase: RunStatus['phase'] = 'Recovery', over: Partial<StepStatus> = {}) =>
    aStatus({ phase, steps: [step({ state, ...over })] });
  const needs = [{ kind: 'Plan' }] as const;
  const rows: readonly (readonly [string, Omit<PaceInput, 'now'>, number | undefined])[] = [
    ['over', { status: status('Done', 'Succeeded'), wakes: [5], moved: true, needs }, undefined],
    ['moved', { status: status('Running'), wakes: [5], moved: true, needs }, 0],
    ['running', { status: status('Running'), wakes: [], moved: false, needs }, 250],
    ['blocked', { status: status('Blocked'), wakes: [], moved: false, needs }, 250],
    ['being undone', { status: status('Undoing', 'Aborting'), wakes: [], moved: false, needs }, 250],
    ['on the way back', { status: status('Running', 'Reconstitution'), wakes: [], moved: false, needs }, 1_000],
    ['waiting for a person', { status: status('Waiting'), wakes: [], moved: false, needs }, 2_000],
    ['nothing to look at', { status: status('Running'), wakes: [], moved: false, needs: [] }, undefined],
    ['an earlier deadline', { status: status('Running'), wakes: [900, 30], moved: false, needs }, 30],
    ['a later deadline', { status: status('Running'), wakes: [900], moved: false, needs }, 250],
    ['a deadline that has passed', { status: status('Running'), wakes: [0, -5], moved: false, needs: [] }, undefined],
  ];
  for (const [name, given, wanted] of rows) {
    it(`${name}: ${String(wanted ?? 'only an event wakes it')}`, () => {
      assert.equal(paceOf({ now: start + minute, ...given }).wakeAfterMs, wanted);
    });
  }

  it('is quick after something moved, and slower the longer nothing does', () => {
    const moved: readonly Partial<StepStatus>[] = [
      { since: start },
      { since: 0, intent: anIntent({ at: start }) },
      { since: 0, outcome: { state: 'Succeeded', at: start, evidence: [] } },
    ];
    for (const over of moved) {
      const at = (ms: number) =>
        paceOf({ now: start + ms, status: status('Running', 'Recovery', over), wakes: [], moved: false, needs });
      assert.deepEqual(
        [0, 400, 601, 1_000, 5_000].map((ms) => at(ms).wakeAfterMs),
        [100, 100, 150, 250, 250],
      );
    }
  });
});
