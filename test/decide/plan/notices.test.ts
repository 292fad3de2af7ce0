import assert from 'node:assert/strict';
import type { Condition, PlanStatus } from '../../../src/api/plan-status.ts';
import { isReason } from '../../../src/api/reasons/index.ts';
import { planNotices } from '../../../src/decide/plan/notices.ts';
import { aPlanStatus } from '../../view/support.ts';

const claim = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: `because of ${reason}`,
  lastTransitionAt: 0,
  observedGeneration: 1,
});

function told(before: Partial<PlanStatus>, after: Partial<PlanStatus>): readonly string[] {
  const rest = { currentRun: undefined };
  const status = (over: Partial<PlanStatus>): PlanStatus => {
    const { currentRun: _none, ...base } = { ...aPlanStatus(), ...rest };
    return { ...base, ...over };
  };
  const notices = planNotices(status(before), status(after));
  for (const { reason } of notices) assert.ok(isReason(reason), reason);
  return notices.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}
const of = (was: readonly Condition[], is: readonly Condition[]): readonly string[] =>
  told({ conditions: was }, { conditions: is });

describe('the Events of a plan', () => {
  it('tell of its runs: begun, moved, ended, with what it cost', () => {
    const currentRun = { name: 'checkout-7', epoch: 7 };
    assert.deepEqual(told({}, { currentRun }), ['Normal RunStarted: Moving to us-west-2 as checkout-7.']);
    assert.deepEqual(told({ currentRun }, { currentRun: { ...currentRun, uid: 'x' } }), []);
    assert.deepEqual(told({}, { activeRegion: 'us-west-2' }), ['Normal Moved: Active in us-west-2, was in us-east-1.']);
    const lastRun = {
      name: 'checkout-7',
      epoch: 7,
      from: 'us-east-1',
      to: 'us-west-2',
      phase: 'Succeeded',
      finishedAt: 1,
      rtoMs: 90_000,
      rpo: { grade: 'Bounded', lossMs: 4_000 },
    } as const;
    assert.deepEqual(told({}, { lastRun }), [
      'Normal RunEnded: checkout-7 from us-east-1 to us-west-2: Succeeded. RTO 1m30s. RPO Bounded 4s.',
    ]);
    assert.deepEqual(told({ lastRun }, { lastRun }), []);
    const { rtoMs: _unmeasured, rpo: _unknown, ...rest } = lastRun;
    assert.deepEqual(told({}, { lastRun: { ...rest, phase: 'Aborted' } }), [
      'Warning RunEnded: checkout-7 from us-east-1 to us-west-2: Aborted.',
    ]);
    assert.deepEqual(told({}, { lastRun: { ...rest, rpo: { grade: 'Unknown' } } }), [
      'Normal RunEnded: checkout-7 from us-east-1 to us-west-2: Succeeded. RPO Unknown.',
    ]);
  });

  it('tell of being adopted, and of being adopted again', () => {
    assert.deepEqual(told({}, { adoptedAt: 5 }), ['Normal Adopted: Active in us-east-1.']);
    assert.deepEqual(told({ adoptedAt: 5 }, { adoptedAt: 5 }), []);
    assert.deepEqual(told({ adoptedAt: 5 }, { adoptedAt: 9 }), ['Normal Adopted: Active in us-east-1.']);
  });

  it('tell of a reversal while the run goes on', () => {
    const reversalPending = { region: 'us-east-1', by: 'argocd', at: 1 };
    assert.deepEqual(told({}, { reversalPending }), [
      'Warning ReversalPending: activeRegion was set back to us-east-1 by argocd; the way back waits for a word.',
    ]);
    assert.deepEqual(told({ reversalPending }, { reversalPending }), []);
  });

  it('tell of Ready by status and reason', () => {
    const yes = claim('Ready', 'True', 'Active');
    const no = claim('Ready', 'False', 'OutOfBandChange');
    assert.deepEqual(of([yes], [no]), ['Warning OutOfBandChange: because of OutOfBandChange']);
    assert.deepEqual(of([no], [yes]), ['Normal Active: because of Active']);
    assert.deepEqual(of([no], [{ ...no, message: 'in other words' }]), []);
    assert.deepEqual(of([], [claim('Ready', 'Unknown', 'Pending')]), []);
  });

  it('tell when protection or the objective is lost, and when it is back; not that nobody can tell', () => {
    const good = claim('Protected', 'True', 'Streaming');
    const bad = claim('Protected', 'False', 'NotStreaming');
    const unknown = claim('Protected', 'Unknown', 'StandbyUnknown');
    assert.deepEqual(of([good], [bad]), ['Warning NotStreaming: because of NotStreaming']);
    assert.deepEqual(of([bad], [good]), ['Normal Streaming: because of Streaming']);
    assert.deepEqual(of([], [good]), []);
    assert.deepEqual([...of([good], [unknown]), ...of([bad], [unknown]), ...of([unknown], [good])], []);
    assert.deepEqual(of([unknown], [bad]), ['Warning NotStreaming: because of NotStreaming']);
    assert.deepEqual(of([bad], []), []);
    const over = claim('RPOMet', 'False', 'LagAboveObjective');
    assert.deepEqual(of([], [over]), ['Warning LagAboveObjective: because of LagAboveObjective']);
    const refused = claim('Accepted', 'False', 'Malformed');
    assert.deepEqual(of([claim('Accepted', 'True', 'Accepted')], [refused]), [
      'Warning Malformed: because of Malformed',
    ]);
  });

  it('tell of a record that lives longer than the plan says, and of its end', () => {
    const long = claim('LongTTL', 'True', 'LiveTTLAbovePlan');
    assert.deepEqual(of([], [long]), ['Warning LiveTTLAbovePlan: because of LiveTTLAbovePlan']);
    assert.deepEqual(of([long], [{ ...long, message: 'of another record, too' }]), []);
    assert.deepEqual(of([long], []), ['Normal LongTTLOver: No longer so: because of LiveTTLAbovePlan']);
  });

  it('tell of a standing duty and of its end', () => {
    const owed = claim('FenceIncomplete', 'True', 'FenceNotProven');
    assert.deepEqual(of([], [owed]), ['Warning FenceNotProven: because of FenceNotProven']);
    assert.deepEqual(of([owed], [owed]), []);
    assert.deepEqual(of([owed], []), ['Normal FenceIncompleteOver: No longer so: because of FenceNotProven']);
    const halted = claim('Halted', 'True', 'Paused');
    assert.deepEqual(of([halted], [claim('Halted', 'False', 'Paused')]), [
      'Normal HaltedOver: No longer so: because of Paused',
    ]);
  });
});
