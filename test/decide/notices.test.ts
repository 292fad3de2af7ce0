import assert from 'node:assert/strict';
import type { Hold, RunStatus, StepStatus } from '../../src/api/run.ts';
import { noticesOf } from '../../src/decide/notices.ts';
import { start } from './support/facts.ts';
import { aStatus, anIntent, outcome } from './support/runs.ts';

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
const holding = (reason: string): Hold => ({ reason, message: `because of ${reason}`, evidence: [] });

describe('notices', () => {
  const told = (before: Partial<RunStatus>, after: Partial<RunStatus>) => noticesOf(aStatus(before), aStatus(after));
  const of = (was: Partial<StepStatus>, is: Partial<StepStatus>) => told({ steps: [step(was)] }, { steps: [step(is)] });

  it('tell of a new phase, and warn of a bad one', () => {
    assert.deepEqual(told({}, {}), []);
    assert.deepEqual(told({}, { phase: 'Recovery' }), [
      { type: 'Normal', reason: 'Recovery', message: 'The run is in Recovery.' },
    ]);
    assert.deepEqual(told({}, { phase: 'Aborting', message: 'a person' }), [
      { type: 'Warning', reason: 'Aborting', message: 'a person' },
    ]);
    for (const phase of ['Failed', 'Superseded'] as const) assert.equal(told({}, { phase })[0]?.type, 'Warning');
    assert.equal(told({}, { phase: 'Aborted' })[0]?.type, 'Normal');
  });

  it('tell once that a step is done, and warn where it was overridden', () => {
    const done = [{ type: 'Normal', reason: 'StepDone', message: 'fence/orders: Succeeded. seen' }];
    assert.deepEqual(of({}, outcome('Succeeded')), done);
    assert.deepEqual(of(outcome('Succeeded'), outcome('Succeeded')), []);
    assert.equal(of({}, outcome('Overridden'))[0]?.type, 'Warning');
    assert.deepEqual(told({}, { steps: [step(outcome('Succeeded'))] }), done, 'of a step that was not there before');
  });

  it('tell that a step has stopped, and again only when it stops for something else', () => {
    const waits = (reason: string) => ({ state: 'Waiting', waitsFor: holding(reason) }) as const;
    assert.deepEqual(of({}, waits('A')), [{ type: 'Warning', reason: 'A', message: 'fence/orders: because of A' }]);
    assert.deepEqual(of(waits('A'), waits('A')), []);
    assert.equal(of(waits('A'), waits('B')).length, 1);
    assert.equal(of(waits('A'), { ...waits('A'), state: 'Blocked' }).length, 1);
    assert.deepEqual(of({}, { state: 'Running', waitsFor: holding('A') }), []);
    assert.deepEqual(of({}, { state: 'Blocked' }), [
      { type: 'Warning', reason: 'Blocked', message: 'fence/orders: Blocked' },
    ]);
  });

  it('tell that a step that had stopped goes on, unless it is done', () => {
    const stopped = { state: 'Waiting', waitsFor: holding('A') } as const;
    assert.deepEqual(of(stopped, { state: 'Running', waitsFor: holding('B') }), [
      { type: 'Normal', reason: 'StepResumed', message: 'fence/orders: because of B' },
    ]);
    assert.deepEqual(
      of(stopped, outcome('Succeeded')).map(({ reason }) => reason),
      ['StepDone'],
    );
    assert.deepEqual(of({}, { state: 'Running' }), []);
  });

  it('tell once that an effect is sent, however many attempts it takes', () => {
    assert.deepEqual(of({}, { state: 'Running', intent: anIntent() }), [
      { type: 'Normal', reason: 'StepBegun', message: 'fence/orders: its effect is being sent.' },
    ]);
    assert.deepEqual(of({ intent: anIntent() }, { intent: anIntent({ attempt: 2 }) }), []);
  });

  it('tell what is taken back, and what did not stay as it was left', () => {
    assert.deepEqual(
      of(outcome('Succeeded'), { ...outcome('Succeeded'), state: 'Undoing', waitsFor: holding('Undoing') }),
      [{ type: 'Warning', reason: 'StepUndoing', message: 'fence/orders: because of Undoing' }],
    );
    assert.deepEqual(of({ state: 'Undoing' }, { state: 'Undone' }), [
      { type: 'Normal', reason: 'StepUndone', message: 'fence/orders: taken back.' },
    ]);
    assert.equal(of(outcome('Succeeded'), { ...outcome('Succeeded'), state: 'Drifted' })[0]?.reason, 'StepDrifted');
    assert.deepEqual(of({ state: 'Undone' }, { state: 'Undone' }), []);
  });

  it('tell the mode, each approval and each refusal once', () => {
    assert.deepEqual(told({}, { mode: 'Forced' }), [
      { type: 'Normal', reason: 'ModeDecided', message: 'Forced: us-east-1 is taken for lost.' },
    ]);
    assert.deepEqual(told({ mode: 'Forced' }, { mode: 'Forced' }), []);
    const words = [{ gate: 'ApprovalRequired', evidenceHash: 'abc', seenAt: start }];
    assert.deepEqual(told({}, { words }), [
      {
        type: 'Normal',
        reason: 'ApprovalHeard',
        message: 'An approval of ApprovalRequired was heard, for evidence abc.',
      },
    ]);
    assert.deepEqual(told({ words }, { words }), []);
    const refusals = [{ request: 'Abort', reason: 'TooLate', message: 'it was promoted.', at: start }];
    assert.deepEqual(told({}, { refusals }), [
      { type: 'Warning', reason: 'TooLate', message: 'Abort is not done: it was promoted.' },
    ]);
    assert.deepEqual(told({ refusals }, { refusals }), []);
  });
});
