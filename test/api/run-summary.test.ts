import assert from 'node:assert/strict';
import { parsePlan } from '../../src/api/parse-plan.ts';
import type { PlanSpec } from '../../src/api/plan.ts';
import type { RunStatus, StepState, StepStatus } from '../../src/api/run.ts';
import { runColumns, runConditions } from '../../src/api/run-summary.ts';
import { parseTime } from '../../src/api/time.ts';
import { changed, plan } from '../crds/objects.ts';

const declared = parseTime('2026-03-01T09:30:00.250Z') ?? 0;
const minutes = (n: number): number => n * 60_000;

function spec(clockStart: string): PlanSpec {
  const parsed = parsePlan(changed(plan, 'spec/objectives/clockStart', clockStart));
  assert.ok(parsed.ok);
  return parsed.value.spec;
}

function step(id: string, state: StepState, reason?: string): StepStatus {
  const base = { id, kind: 'Fence', phase: 'Recovery', after: [], effect: 'None', state, since: declared } as const;
  return reason === undefined ? base : { ...base, waitsFor: { reason, message: '', evidence: [] } };
}

const status: RunStatus = {
  phase: 'Recovery',
  observedGeneration: 1,
  snapshot: spec('Declared'),
  steps: [],
  milestones: { declared },
  recovery: [],
  samples: [],
  words: [],
  refusals: [],
  message: 'on its way',
};

const turningBack: RunStatus = {
  ...status,
  phase: 'Aborting',
  abort: { reason: 'Aborted', message: 'A person asked for it', at: declared },
};

describe('what kubectl shows of a Run', () => {
  it('is what is taken back, not where the others stood when it turned', () => {
    const steps = [step('a', 'Blocked', 'PositionNotReached'), step('b', 'Undoing', 'UndoPending')];
    const { step: id, waitsFor } = runColumns({ ...turningBack, steps });
    assert.deepEqual([id, waitsFor], ['b', 'UndoPending']);
    assert.equal(runColumns({ ...turningBack, steps: steps.slice(0, 1) }).step, undefined);
  });

  it('is the step that is stopped, before those that go on', () => {
    const steps = [step('a', 'Running'), step('b', 'Waiting', 'Soaking'), step('c', 'Blocked', 'FenceNotProven')];
    const { step: id, waitsFor, since } = runColumns({ ...status, steps });
    assert.deepEqual([id, waitsFor, since], ['c', 'FenceNotProven', '2026-03-01T09:30:00.250Z']);
    assert.equal(runColumns({ ...status, steps: steps.slice(0, 2) }).step, 'b');
    assert.equal(runColumns({ ...status, steps: steps.slice(0, 1) }).waitsFor, undefined);
    assert.equal(runColumns({ ...status, steps: [step('d', 'Pending'), step('e', 'Done')] }).step, undefined);
  });

  it('is until when the RTO lasts, by the clock that the plan names', () => {
    assert.equal(runColumns(status).rtoLeft, 'until 10:00:00Z');
    assert.equal(runColumns(status).rtoDeadline, '2026-03-01T10:00:00.250Z');
    const disrupted = { declared, disruption: declared - minutes(10) };
    const early = runColumns({ ...status, snapshot: spec('Disruption'), milestones: disrupted });
    assert.equal(early.rtoLeft, 'until 09:50:00Z');
    const unseen = runColumns({ ...status, snapshot: spec('Disruption') });
    assert.equal(unseen.rtoLeft, 'until 10:00:00Z', 'from the declaration, where the disruption was not seen');
  });

  it('is whether the RTO was met once that is measured, and never a guess', () => {
    const after = (ms: number): string | undefined =>
      runColumns({ ...status, milestones: { declared, sustained: declared + ms } }).rtoLeft;
    assert.equal(after(minutes(30)), 'met: 30m of 30m');
    assert.equal(after(minutes(30) + 1), 'missed: 30m1ms of 30m');
    assert.equal(after(-1), 'not measured', 'the wall clock was set back');
    assert.equal(runColumns({ ...status, finishedAt: declared }).rtoLeft, 'not measured');
  });

  it('has conditions that wait for the end alone', () => {
    const shown = (one: RunStatus): readonly string[] =>
      runConditions(one).map(({ type, status: s }) => `${type}=${s}`);
    assert.deepEqual(shown(status), ['Finished=False', 'Succeeded=Unknown', 'Reconciling=True']);
    assert.deepEqual(shown({ ...status, phase: 'Succeeded', finishedAt: declared }), [
      'Finished=True',
      'Succeeded=True',
    ]);
    assert.deepEqual(shown({ ...status, phase: 'Aborted', finishedAt: declared }), [
      'Finished=True',
      'Succeeded=False',
      'Stalled=True',
    ]);
  });

  it('say that a person is awaited, late or not, and no longer once it is over', () => {
    const held = (state: StepState, reason: string): StepStatus => step('a', state, reason);
    const why = (one: RunStatus): string | undefined =>
      runConditions(one).find(({ type }) => type === 'Reconciling')?.reason;
    const { phase } = status;
    assert.equal(why({ ...status, steps: [held('Waiting', 'ApprovalRequired')] }), 'PersonAwaited');
    assert.equal(why({ ...status, steps: [held('Blocked', 'DataLossUnaccepted')] }), 'PersonAwaited');
    assert.equal(why({ ...status, steps: [held('Undoing', 'StaleEpoch')] }), 'PersonAwaited');
    assert.equal(why({ ...status, steps: [held('Blocked', 'PositionNotReached')] }), phase);
    const offered = { reason: 'FenceNotProven', message: '', evidence: [], next: 'kubectl' };
    for (const state of ['Running', 'Blocked'] as const) {
      assert.equal(why({ ...status, steps: [{ ...step('a', state), waitsFor: offered }] }), 'PersonAwaited', state);
      assert.equal(why({ ...status, steps: [held(state, 'FenceNotProven')] }), phase, `${state}, without a command`);
    }
    assert.equal(why({ ...status, steps: [held('Undone', 'ApprovalRequired')] }), phase);
    assert.equal(
      why({ ...turningBack, steps: [held('Waiting', 'DataLossUnaccepted')] }),
      'Aborting',
      'left as it stood',
    );
    assert.equal(why({ ...turningBack, steps: [held('Undoing', 'MovedByHand')] }), 'PersonAwaited');
    assert.equal(why({ ...status, finishedAt: declared, steps: [held('Waiting', 'ApprovalRequired')] }), undefined);
  });
});
