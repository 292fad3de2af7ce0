import assert from 'node:assert/strict';
import type { Run, StepStatus } from '../../../src/api/run.ts';
import { stepHistory } from '../../../src/record/metrics/step-history.ts';
import { stepSamples } from '../../../src/record/metrics/steps.ts';
import { start } from '../../decide/support/facts.ts';
import { aRun, aRunSpec, aStatus } from '../../decide/support/runs.ts';
import { shown } from './support.ts';

const now = start + 60_000;

const step = (over: Partial<StepStatus>): StepStatus => ({
  id: 'promote/orders',
  kind: 'Promote',
  phase: 'Recovery',
  after: [],
  effect: 'Irreversible',
  state: 'Pending',
  since: start,
  ...over,
});

const done = (tookMs: number, state: 'Succeeded' | 'Pretended' = 'Succeeded'): Partial<StepStatus> => ({
  state: 'Done',
  readyAt: start,
  outcome: { state, at: start + tookMs, evidence: [] },
});

const of = (steps: readonly StepStatus[], former: readonly Run[] = []): Readonly<Record<string, number>> => {
  const run = aRun(aStatus({ mode: 'Forced', steps }));
  return { ...shown(stepSamples(run, stepHistory(run, former), now), ['plan_namespace', 'plan', 'run']) };
};

const ended = (uid: string, over: Partial<StepStatus>, status = {}): Run =>
  aRun(aStatus({ phase: 'Succeeded', mode: 'Forced', steps: [step(over)], ...status }), aRunSpec(), { uid });

const expectedOf = (former: readonly Run[]): readonly string[] =>
  Object.entries(of([step({ deadlineMs: 300_000 })], former)).flatMap(([series, value]) =>
    series.includes('expected') ? [`${/basis=(\w+)/.exec(series)?.[1] ?? ''} ${String(value)}`] : [],
  );

describe('metrics of steps', () => {
  it('have no duration before a step could begin, then one that grows, then the one it took', () => {
    const series = 'maestro_dr_run_step_duration_seconds{step=promote/orders}';
    assert.equal(of([step({})])[series], undefined);
    assert.equal(of([step({ state: 'Running', readyAt: now - 4_000 })])[series], 4);
    assert.equal(of([step(done(9_000))])[series], 9);
    // Seen done by a look that began before the step's turn came.
    assert.equal(of([step(done(-500))])[series], 0);
  });

  it('say the state of each step, with the phase it belongs to', () => {
    const samples = of([step({ state: 'Blocked', readyAt: start })]);
    assert.equal(samples['maestro_dr_run_step_state{step=promote/orders,phase=Recovery,state=Blocked}'], 1);
  });

  it('say by what a step is held and for how long, and whether somebody must speak', () => {
    const held = (reason: string, next?: string): readonly string[] => {
      const waitsFor = { reason, message: '', evidence: [], ...(next === undefined ? {} : { next }) };
      return Object.entries(of([step({ state: 'Running', since: now - 5_000, waitsFor })])).flatMap(
        ([series, value]) =>
          series.includes('gate') ? [`${series.slice(series.indexOf('reason'), -1)} ${String(value)}`] : [],
      );
    };
    assert.deepEqual(held('Promoting'), ['reason=Promoting,person=false 5']);
    assert.deepEqual(held('DataLossUnaccepted'), ['reason=DataLossUnaccepted,person=true 5']);
    assert.deepEqual(held('FenceNotProven', 'kubectl …'), ['reason=FenceNotProven,person=true 5']);
    assert.deepEqual(held('an older operator’s word'), ['reason=Other,person=false 5']);
    const waitsFor = { reason: 'Promoting', message: '', evidence: [] };
    assert.deepEqual(
      Object.keys(of([step({ ...done(1), waitsFor })])).filter((series) => series.includes('gate')),
      [],
      'what is done waits for nothing',
    );
  });

  it('count a gate on past the deadline: the alert must not end there and begin anew', () => {
    const waitsFor = { reason: 'ForeignOwner', message: '', evidence: [] };
    const late = step({ state: 'Blocked', readyAt: now - 70_000, since: now - 10_000, waitsFor });
    const gate = 'maestro_dr_run_gate_wait_seconds{step=promote/orders,reason=ForeignOwner,person=true}';
    assert.equal(of([late])[gate], 70);
  });

  it('of one that is taken back tell for how long, and what holds that; of those that an aborting run has left, nothing', () => {
    const waitsFor = { reason: 'UndoPending', message: '', evidence: [] };
    const undoing = {
      ...step(done(9_000)),
      id: 'fence/orders',
      state: 'Undoing',
      since: now - 30_000,
      waitsFor,
    } as const;
    const left = step({ id: 'position/orders', state: 'Running', readyAt: start, since: start, waitsFor });
    const undone = step({ id: 'pre-scale/api', state: 'Undone', readyAt: start, waitsFor });
    const abort = { reason: 'Aborted', message: '', at: now - 30_000 };
    const run = aRun(aStatus({ mode: 'Planned', steps: [undoing, left, undone], abort, phase: 'Aborting' }));
    assert.deepEqual(shown(stepSamples(run, {}, now), ['plan_namespace', 'plan', 'run', 'phase']), {
      'maestro_dr_run_step_state{step=fence/orders,state=Undoing}': 1,
      'maestro_dr_run_step_duration_seconds{step=fence/orders}': 30,
      'maestro_dr_run_gate_wait_seconds{step=fence/orders,reason=UndoPending,person=false}': 30,
      'maestro_dr_run_step_state{step=pre-scale/api,state=Undone}': 1,
    });
  });

  it('expect the longest of former runs of the plan and mode, else the deadline', () => {
    assert.deepEqual(expectedOf([]), ['deadline 300']);
    assert.deepEqual(expectedOf([ended('a', done(2_000)), ended('b', done(7_000)), ended('c', done(1))]), [
      'history 7',
    ]);
  });

  it('learn nothing from another plan or mode, from what failed, and from what was only pretended', () => {
    const otherPlan = { ...ended('a', done(9_000)), spec: aRunSpec({ planRef: { name: 'checkout', uid: 'other' } }) };
    assert.deepEqual(expectedOf([otherPlan]), ['deadline 300']);
    assert.deepEqual(expectedOf([ended('a', done(9_000), { mode: 'Planned' })]), ['deadline 300']);
    assert.deepEqual(expectedOf([ended('a', done(9_000), { phase: 'Aborted' })]), ['deadline 300']);
    assert.deepEqual(expectedOf([ended('a', done(9_000, 'Pretended'))]), ['deadline 300']);
    assert.deepEqual(expectedOf([ended('run-uid', done(9_000))]), ['deadline 300'], 'nor from itself');
  });
});
