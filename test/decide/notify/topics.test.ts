import assert from 'node:assert/strict';
import type { Condition, PlanStatus } from '../../../src/api/plan-status.ts';
import type { Run, StepStatus } from '../../../src/api/run.ts';
import { agendaOf, settled } from '../../../src/decide/notify/due.ts';
import { look, nothingTold, type Memory } from '../../../src/decide/notify/memory.ts';
import { isStuck } from '../../../src/decide/notify/run-topics.ts';
import { topicsOf } from '../../../src/decide/notify/topics.ts';
import { aPlanStatus, aRunOf, waiting } from '../../view/support.ts';
import { start } from '../support/facts.ts';
import { hour, minute } from '../support/plans.ts';
import { aRunSpec } from '../support/runs.ts';

const claim = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: `because of ${reason}`,
  lastTransitionAt: start,
  observedGeneration: 1,
});

function rested(over: Partial<PlanStatus> = {}): PlanStatus {
  const { currentRun: _none, ...rest } = aPlanStatus();
  return { ...rest, ...over };
}
const keysOf = (status: PlanStatus): readonly string[] =>
  topicsOf(status, []).map(({ key, unclear }) => (unclear === true ? `(${key})` : key));

describe('what there is to tell of a plan', () => {
  it('conditions that are bad news, and reasons of Ready that only people end', () => {
    assert.deepEqual(keysOf(rested()), []);
    for (const reason of [
      'OutOfBandChange',
      'ActiveRegionMismatch',
      'AdoptionUnknown',
      'DatabasesApart',
      'RunAbandoned',
      'EpochUnproven',
      'RunsCapped',
      'NotAccepted',
    ]) {
      assert.deepEqual(keysOf(rested({ conditions: [claim('Ready', 'False', reason)] })), [`plan/Ready/${reason}`]);
    }
    for (const reason of ['RunInProgress', 'Pending', 'RunAborted', 'ObserveOnly', 'constructor']) {
      assert.deepEqual(keysOf(rested({ conditions: [claim('Ready', 'False', reason)] })), [], reason);
    }
    assert.deepEqual(keysOf(rested({ conditions: [claim('Ready', 'True', 'OutOfBandChange')] })), []);
    const duties = [claim('FenceIncomplete', 'True', 'FenceNotProven'), claim('Halted', 'True', 'Halted')];
    assert.deepEqual(keysOf(rested({ conditions: duties })), ['plan/FenceIncomplete', 'plan/Halted']);
    assert.deepEqual(keysOf(rested({ conditions: [claim('Halted', 'False', 'x')] })), []);
    assert.deepEqual(keysOf(rested({ reversalPending: { region: 'us-east-1', at: start } })), ['plan/ReversalPending']);
  });

  it('lost protection, and an RPO that is not met; while a run moves the databases they say nothing new', () => {
    const bad = [claim('Protected', 'False', 'NotStreaming'), claim('RPOMet', 'False', 'LagAboveObjective')];
    assert.deepEqual(keysOf(rested({ conditions: bad })), ['plan/Protected', 'plan/RPOMet']);
    assert.deepEqual(keysOf(aPlanStatus({ conditions: bad })), ['(plan/Protected)', '(plan/RPOMet)']);
    assert.deepEqual(keysOf(rested({ conditions: [claim('RPOMet', 'True', 'WithinObjective')] })), []);
  });

  it('what cannot be seen is a matter of its own, and neither proves nor ends the other', () => {
    const unseen = [claim('RPOMet', 'Unknown', 'LagUnknown')];
    assert.deepEqual(keysOf(rested({ conditions: unseen })), ['(plan/RPOMet)', 'plan/RPOMet/Unknown']);
  });
});

describe('what there is to tell of a run', () => {
  const begun = { steps: { ...waiting.steps, assess: { state: 'Done', readyAt: start } } } as const;
  const keys = (status: PlanStatus, run = aRunOf(begun)): readonly string[] =>
    topicsOf(status, [run]).map(({ key }) => key);

  it('only of the one that the plan has bound, or that was its last', () => {
    const told = ['run/checkout-7/started', 'run/checkout-7/blocked/approve/ApprovalRequired'];
    assert.deepEqual(keys(aPlanStatus()), told);
    assert.deepEqual(keys(aPlanStatus({ currentRun: { name: 'checkout-7', uid: 'another', epoch: 7 } })), []);
    assert.deepEqual(keys(aPlanStatus({ currentRun: { name: 'checkout-8', uid: 'run-uid', epoch: 8 } })), []);
    const lastRun = { name: 'checkout-7', epoch: 7, from: 'a', to: 'b', phase: 'Failed', finishedAt: 1 } as const;
    assert.deepEqual(keys(rested({ lastRun })), told);
    assert.deepEqual(keys(rested({ lastRun: { ...lastRun, epoch: 6 } })), [], 'restored from a backup');
  });

  it('a drill is no emergency', () => {
    const drill = aRunOf({ steps: { assess: { readyAt: start } }, run: aRunSpec({ type: 'Drill' }) });
    assert.deepEqual(
      topicsOf(aPlanStatus(), [drill]).map(({ severity }) => severity),
      ['Info'],
    );
  });

  describe('it has begun', () => {
    const pinnedAt = start + 61 * minute;
    const assessed = (assess: Partial<StepStatus>): Run => aRunOf({ steps: { assess } });
    const held = { state: 'Waiting', waitsFor: { reason: 'Paused', message: 'm', evidence: [] } } as const;
    const ready = assessed({ state: 'Running', since: pinnedAt, readyAt: pinnedAt });
    const toldOf = (run: Run, memory: Memory, now: number) => {
      const topics = topicsOf(aPlanStatus(), [run]).filter(({ kind }) => kind === 'RunStarted');
      const looked = look(memory, topics, now);
      return { looked, due: agendaOf(looked, topics, 0, now).due };
    };

    it('when its first step was ready, however long ago a person made it', () => {
      for (const memory of [nothingTold, { ...nothingTold, lookedAt: pinnedAt - 1_000 }]) {
        assert.equal(toldOf(ready, memory, pinnedAt + 1_000).due?.began, pinnedAt);
      }
      assert.equal(toldOf(ready, nothingTold, pinnedAt + hour + 1).due, undefined, 'which is history by now');
    });

    it('not while it is pinned and held back', () => {
      const { status } = ready;
      assert.equal(toldOf({ ...ready, status: { ...status, steps: [] } }, nothingTold, pinnedAt).due, undefined);
      const paused = { ...assessed({ ...held, since: pinnedAt }), createdAt: pinnedAt };
      assert.equal(toldOf(paused, nothingTold, pinnedAt).due, undefined);
    });

    it('once, though a pause sets the time of its first step back', () => {
      const first = toldOf(ready, nothingTold, pinnedAt);
      assert.ok(first.due !== undefined);
      const told = settled(first.looked, first.due, pinnedAt, true);
      const paused = toldOf(assessed({ ...held, since: pinnedAt + 5_000 }), told, pinnedAt + 5_000);
      const resumed = { state: 'Running', since: pinnedAt + minute, readyAt: pinnedAt + minute } as const;
      assert.equal(toldOf(assessed(resumed), paused.looked, pinnedAt + minute).due, undefined);
    });
  });

  it('one that turns back speaks of what it cannot take back, not of what it has left', () => {
    const waits = (reason: string) => ({ waitsFor: { reason, message: 'm', evidence: [] } });
    const steps = {
      'fence/orders': { state: 'Undoing', ...waits('UndoPending') },
      'dependency/idp': { state: 'Blocked', ...waits('DependencyRed') },
    } as const;
    const going = aRunOf({ steps });
    const abort = { reason: 'Aborted', message: 'A person asked for it', at: start };
    const turned = { ...going, status: { ...going.status, abort } };
    const blocked = (run: typeof going): readonly string[] =>
      keys(aPlanStatus(), run).filter((key) => key.includes('/blocked/'));
    assert.deepEqual(blocked(turned), ['run/checkout-7/blocked/fence/orders/UndoPending']);
    assert.ok(blocked(going).includes('run/checkout-7/blocked/dependency/idp/DependencyRed'));
  });

  it('it stands still: past a deadline, waiting for a person, or where a command would end it', () => {
    const step = (over: Partial<StepStatus>): boolean =>
      isStuck({
        id: 'x',
        kind: 'Fence',
        phase: 'Recovery',
        after: [],
        effect: 'None',
        state: 'Running',
        since: 0,
        ...over,
      });
    const hold = { reason: 'FenceNotProven', message: 'm', evidence: [] };
    for (const state of ['Blocked', 'Waiting', 'Undoing'] as const) assert.equal(step({ state }), true, state);
    for (const state of ['Pending', 'Done', 'Undone', 'Drifted'] as const) {
      assert.equal(step({ state, waitsFor: { ...hold, next: 'kubectl' } }), false, state);
    }
    assert.equal(step({ waitsFor: { ...hold, next: 'kubectl' } }), true);
    assert.equal(step({ waitsFor: hold }), false);
    assert.equal(step({}), false);
  });
});
