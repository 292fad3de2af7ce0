import assert from 'node:assert/strict';
import type { RunStatus, StepStatus } from '../../src/api/run.ts';
import { paceOf } from '../../src/decide/pace.ts';
import { start } from './support/facts.ts';
import { aStatus } from './support/runs.ts';

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
  const status = (state: StepStatus['state'], phase: RunStatus['phase'] = 'Recovery') =>
    aStatus({ phase, steps: [step({ state })] });
  const needs = [{ kind: 'Plan' }] as const;
  const rows: readonly (readonly [string, Parameters<typeof paceOf>[0], number | undefined])[] = [
    ['over', { status: status('Done', 'Succeeded'), wakes: [5], moved: true, needs }, undefined],
    ['moved', { status: status('Running'), wakes: [5], moved: true, needs }, 0],
    ['running', { status: status('Running'), wakes: [], moved: false, needs }, 400],
    ['blocked', { status: status('Blocked'), wakes: [], moved: false, needs }, 400],
    ['being undone', { status: status('Undoing', 'Aborting'), wakes: [], moved: false, needs }, 400],
    ['on the way back', { status: status('Running', 'Reconstitution'), wakes: [], moved: false, needs }, 1_000],
    ['waiting for a person', { status: status('Waiting'), wakes: [], moved: false, needs }, 2_000],
    ['nothing to look at', { status: status('Running'), wakes: [], moved: false, needs: [] }, undefined],
    ['an earlier deadline', { status: status('Running'), wakes: [900, 30], moved: false, needs }, 30],
    ['a later deadline', { status: status('Running'), wakes: [900], moved: false, needs }, 400],
    ['a deadline that has passed', { status: status('Running'), wakes: [0, -5], moved: false, needs: [] }, undefined],
  ];
  for (const [name, given, wanted] of rows) {
    it(`${name}: ${String(wanted ?? 'only an event wakes it')}`, () => {
      assert.equal(paceOf(given).wakeAfterMs, wanted);
    });
  }
});
