import assert from 'node:assert/strict';
import { rtoClock } from '../../../src/api/rto-clock.ts';
import type { PlanStatus } from '../../../src/api/plan-status.ts';
import type { DatabaseRecovery, Run, RunStatus } from '../../../src/api/run.ts';
import { ended, progress, trackRun } from '../../../src/decide/plan/current-run.ts';
import { aPrimary, aStandby, inEast, inWest, listed, seen } from '../support/facts.ts';
import { atRest, condition, decide, message, planFacts, settled, type PlanCase } from '../support/plan-facts.ts';
import { aSpec, east, west } from '../support/plans.ts';
import { aRun, aRunSpec, aStatus } from '../support/runs.ts';

const current = { name: 'checkout-7', uid: 'run-uid', epoch: 7 };
const bound = (over: Partial<PlanStatus> = {}): PlanStatus =>
  atRest({ acknowledgedActiveRegion: west, epoch: 7, currentRun: current, ...over });
const unbound = bound({ currentRun: { name: 'checkout-7', epoch: 7 } });

const run = (over: Partial<RunStatus> = {}): Run =>
  aRun(aStatus({ phase: 'Recovery', snapshot: aSpec(), mode: 'Planned', message: 'on its way', ...over }));
const terminal = ['Succeeded', 'Aborted', 'Failed', 'Superseded'] as const;

describe('the Run that a plan names', () => {
  const foreignRun = aRun(aStatus(), aRunSpec({ planRef: { name: 'checkout', uid: 'old' } }));
  const rows: readonly (readonly [string, PlanStatus, readonly Run[], string])[] = [
    ['none', atRest(), [run()], 'None'],
    ['not yet bound, not there', unbound, [], 'Missing'],
    ['not yet bound, another is there', unbound, [aRun(aStatus(), aRunSpec(), { name: 'checkout-6' })], 'Missing'],
    ['not yet bound, there', unbound, [run()], 'Bind'],
    ['not yet bound, of another plan', unbound, [foreignRun], 'Rename'],
    ['not yet bound, of another epoch', unbound, [aRun(aStatus(), aRunSpec({ epoch: 6 }))], 'Rename'],
    ...terminal.map((phase) => [`not yet bound, ${phase}`, unbound, [run({ phase })], 'Rename'] as const),
    ['bound, gone', bound(), [], 'Lost'],
    ['bound, made anew under its name', bound(), [{ ...run(), uid: 'another' }], 'Lost'],
    ['bound, under way', bound(), [run()], 'Running'],
    ...terminal.map((phase) => [`bound, ${phase}`, bound(), [run({ phase })], 'Ended'] as const),
  ];
  for (const [name, status, runs, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(trackRun(planFacts({ status, runs })).kind, wanted);
    });
  }
});

describe('a Run that cannot be read', () => {
  const unread = [{ name: 'checkout-7', uid: 'run-uid', problem: 'status.steps[3].kind: "WarmUp" is not known' }];
  const unreadable = (over: Partial<PlanStatus> = {}): PlanCase => ({
    spec: { activeRegion: west },
    status: bound(over),
    facts: { unread },
  });

  it('is not one that was deleted: what is bound stays bound, is held, and is told', () => {
    const decision = decide(unreadable());
    assert.deepEqual([decision.status.currentRun, decision.status.activeRegion], [current, east]);
    assert.deepEqual([decision.release, decision.create], [false, undefined]);
    assert.equal(condition(decision, 'Ready'), 'False RunUnreadable');
    assert.match(message(decision, 'Ready'), /^Run checkout-7 cannot be read .*WarmUp/);
  });

  it('is not made anew before it was bound', () => {
    const decision = decide(unreadable({ currentRun: { name: 'checkout-7', epoch: 7 } }));
    assert.deepEqual([decision.create, condition(decision, 'Ready')], [undefined, 'False RunUnreadable']);
  });

  it('under the name of one that was bound is another', () => {
    const status = bound({ currentRun: { ...current, uid: 'the-one-before' } });
    assert.equal(trackRun(planFacts({ status, facts: { unread } })).kind, 'Lost');
  });

  it('beside the one that is bound changes nothing', () => {
    const others = [{ name: 'by-hand', uid: 'other', problem: 'spec' }];
    assert.equal(trackRun(planFacts({ status: bound(), runs: [run()], facts: { unread: others } })).kind, 'Running');
  });
});

describe('a run under way', () => {
  const facts = planFacts({ status: bound() });
  it('has moved the platform once it was seen healthy there', () => {
    assert.equal(progress(facts, run()), facts.status);
    const moved = progress(facts, run({ milestones: { sustained: 99 } }));
    assert.equal(moved.activeRegion, west);
    assert.equal(moved.lastFailoverAt, 99);
  });
  it('never moves the last failover back', () => {
    const later = planFacts({ status: bound({ lastFailoverAt: 100 }) });
    assert.equal(progress(later, run({ milestones: { sustained: 99 } })).lastFailoverAt, 100);
    assert.equal(progress(later, run({ milestones: { sustained: 101 } })).lastFailoverAt, 101);
  });
  it('in Observe moves nothing', () => {
    const observing = run({ milestones: { sustained: 99 }, snapshot: aSpec({ enforcement: 'Observe' }) });
    assert.equal(progress(facts, observing), facts.status);
  });
  it('is what Ready and Reconciling tell of', () => {
    const decision = decide({ spec: { activeRegion: west }, status: bound(), runs: [run()] });
    assert.equal(condition(decision, 'Ready'), 'False RunInProgress');
    assert.equal(message(decision, 'Ready'), 'checkout-7: on its way');
    const made = decide({ spec: { activeRegion: west }, status: bound(), runs: [run({ message: '' })] });
    assert.equal(message(made, 'Ready'), 'checkout-7 is under way.', 'it has not said anything yet');
    assert.equal(condition(decision, 'Reconciling'), 'True Recovery');
    assert.equal(decision.status.currentRun?.uid, 'run-uid');
  });
  it('is followed by a plan that is being deleted or refused, and nothing else happens', () => {
    for (const given of [{ plan: { deleting: true } }, { facts: { regionProblems: ['no'] } }] satisfies PlanCase[]) {
      const there = decide({ ...given, status: bound(), runs: [run({ milestones: { sustained: 99 } })] });
      assert.equal(there.status.activeRegion, west);
      const over = decide({ ...given, status: bound(), runs: [run({ phase: 'Succeeded' })] });
      assert.equal(over.status.currentRun, undefined);
      assert.equal(over.status.lastRun?.name, 'checkout-7');
      const gone = decide({ ...given, status: bound() });
      assert.deepEqual(gone.status.currentRun, current);
      assert.equal(gone.create, undefined);
    }
  });
});

describe('a run that is over', () => {
  const facts = planFacts({ status: bound() });
  const lastOf = (over: Partial<RunStatus>) =>
    ended(facts, run({ phase: 'Succeeded', finishedAt: 77, ...over })).lastRun;

  it('becomes the last one', () => {
    assert.deepEqual(lastOf({ milestones: { declared: 10, opened: 40, sustained: 99, fenced: 120 } }), {
      name: 'checkout-7',
      epoch: 7,
      from: east,
      to: west,
      mode: 'Planned',
      phase: 'Succeeded',
      finishedAt: 77,
      rtoMs: 89,
      // The fence of a region that returned is no part of it.
      segments: [
        { milestone: 'opened', ms: 30 },
        { milestone: 'sustained', ms: 59 },
      ],
    });
    assert.equal(ended(facts, run({ phase: 'Succeeded' })).currentRun, undefined);
  });

  it('has no RTO where it was not sustained, and none without a start', () => {
    assert.equal(lastOf({ milestones: { declared: 10 } })?.rtoMs, undefined);
    assert.equal(lastOf({ milestones: { sustained: 99 } })?.rtoMs, undefined);
    assert.equal(lastOf({ milestones: { declared: 10, opened: 40 } })?.segments, undefined);
  });

  it('leaves the wish where the platform is when it was turned back by the field', () => {
    const abort = (reason: string) => ({ phase: 'Aborted' as const, abort: { at: 1, reason, message: '' } });
    assert.equal(ended(facts, run(abort('Reverted'))).acknowledgedActiveRegion, east);
    const wanted = planFacts({ spec: { activeRegion: west }, status: bound() });
    for (const reason of ['Requested', 'PositionNotReached', 'PlanDeleted']) {
      assert.equal(
        ended(wanted, run(abort(reason))).acknowledgedActiveRegion,
        west,
        'the wish was taken up, and is not again',
      );
    }
  });

  it('that was aborted, with the field set back before that was noticed, leaves the wish there, too', () => {
    const aborted = run({ phase: 'Aborted', abort: { at: 1, reason: 'Requested', message: '' } });
    // Ready in the same write: whoever waits for that and sets the field again must not be taken for the old wish.
    const decision = settled({ spec: { activeRegion: east }, status: bound(), runs: [aborted] });
    assert.equal(condition(decision, 'Ready'), 'True Active');
    assert.equal(
      decide({ spec: { activeRegion: east }, status: bound(), runs: [aborted] }).status.acknowledgedActiveRegion,
      east,
    );
    const lost = run({ phase: 'Abandoned' });
    assert.equal(
      ended(planFacts({ spec: { activeRegion: east }, status: bound() }), lost).acknowledgedActiveRegion,
      west,
    );
  });

  it('that was aborted is not started again by the same wish', () => {
    const aborted = run({ phase: 'Aborted', abort: { at: 1, reason: 'Requested', message: '' } });
    const decision = settled({ spec: { activeRegion: west }, status: bound(), runs: [aborted] });
    assert.equal(decision.status.currentRun, undefined);
    assert.equal(condition(decision, 'Ready'), 'False RunAborted');
    assert.match(
      message(decision, 'Ready'),
      /checkout-7 was aborted; us-east-1 is active\. Set activeRegion to it, and then to us-west-2/,
    );
  });

  describe('with several databases shows the worst of them', () => {
    const one = (grade: DatabaseRecovery['grade'], lossMs?: number): DatabaseRecovery => ({
      database: 'any',
      grade,
      ...(lossMs === undefined ? {} : { lossMs }),
    });
    const rows: readonly (readonly [string, readonly DatabaseRecovery[], object | undefined])[] = [
      ['no database', [], undefined],
      ['one', [one('Bounded', 5)], { grade: 'Bounded', lossMs: 5 }],
      ['the greater loss', [one('Bounded', 5), one('Bounded', 50)], { grade: 'Bounded', lossMs: 50 }],
      ['the unknown one', [one('Bounded', 5), one('Unknown')], { grade: 'Unknown' }],
      [
        'the one that was left behind',
        [one('Bounded', 5), { ...one('Unknown'), basis: 'NotPromoted' }],
        { grade: 'Unknown' },
      ],
      ['the open one', [one('Measured', 0), one('Estimated', 1)], { grade: 'Estimated', lossMs: 1 }],
      ['unknown over open', [one('Estimated', 9_999), one('Unknown')], { grade: 'Unknown' }],
      ['open over a greater bound', [one('Bounded', 500), one('Estimated', 1)], { grade: 'Estimated', lossMs: 1 }],
      ['a loss over a greater precision', [one('Measured', 50), one('Bounded', 5)], { grade: 'Measured', lossMs: 50 }],
    ];
    for (const [name, recovery, wanted] of rows) {
      it(name, () => {
        assert.deepEqual(lastOf({ recovery })?.rpo, wanted);
        assert.deepEqual(lastOf({ recovery: recovery.toReversed() })?.rpo, wanted, 'in whichever order');
      });
    }
  });

  it('measures from where the plan says, else from the declaration', () => {
    const milestones = { disruption: 1, detected: 2, declared: 3, started: 4 };
    const start = (
      from: 'Disruption' | 'Detected' | 'Declared' | 'Started',
      seenThen: RunStatus['milestones'] = milestones,
    ) => {
      const snapshot = aSpec({ objectives: { ...aSpec().objectives, clockStart: from } });
      return rtoClock(run({ milestones: seenThen, snapshot }).status)?.at;
    };
    assert.deepEqual([start('Disruption'), start('Detected'), start('Declared'), start('Started')], [1, 2, 3, 4]);
    assert.equal(start('Disruption', { declared: 3 }), 3);
    const { snapshot: _none, ...unpinned } = aStatus();
    assert.equal(rtoClock(aRun({ ...unpinned, milestones }).status)?.at, 3);
  });
});

describe('a run that is lost', () => {
  it('makes the plan look again where the platform is, and start nothing by itself', () => {
    const first = decide({ spec: { activeRegion: west }, status: bound() });
    assert.equal(condition(first, 'Ready'), 'False RunLost');
    assert.deepEqual(
      [first.status.activeRegion, first.status.adoptedAt, first.status.currentRun],
      [undefined, undefined, undefined],
    );
    assert.equal(first.status.epoch, 7, 'its epoch is never given again');
    assert.equal(first.create, undefined);

    const stayed = settled({ spec: { activeRegion: west }, status: first.status });
    assert.equal(condition(stayed, 'Ready'), 'False ActiveRegionMismatch');
    const observed = {
      databases: { [inEast('orders')]: seen(aStandby()), [inWest('orders')]: seen(aPrimary()) },
      records: { public: seen(listed(west)) },
    };
    assert.equal(
      condition(settled({ spec: { activeRegion: west }, status: first.status, observed }), 'Ready'),
      'True Active',
    );
  });
});
