import assert from 'node:assert/strict';
import type { PlanStatus } from '../../../src/api/plan-status.ts';
import type { Run } from '../../../src/api/run.ts';
import { nextEpoch } from '../../../src/decide/plan/epoch.ts';
import { readWish, runSpec } from '../../../src/decide/plan/wish.ts';
import type { Observed } from '../../../src/decide/facts.ts';
import {
  answer,
  answers,
  aPrimary,
  aStandby,
  foreign,
  inEast,
  inWest,
  listed,
  lost,
  mine,
  now,
  seen,
} from '../support/facts.ts';
import { atRest, condition, decide, message, planFacts, settled, type PlanCase } from '../support/plan-facts.ts';
import { aDatabase, aRecord, east, west } from '../support/plans.ts';
import { aRun, aRunSpec, aStatus, anIntent, contextFor } from '../support/runs.ts';

const current = { name: 'checkout-7', uid: 'run-uid', epoch: 7 };
const bound = (over: Partial<PlanStatus> = {}): PlanStatus =>
  atRest({ acknowledgedActiveRegion: west, epoch: 7, currentRun: current, ...over });

/** The current run before its fence, and after. */
function running(phase: 'before' | 'after', over: Partial<Run['status']> = {}): Run {
  const steps = phase === 'after' ? { 'fence/orders': { intent: anIntent() } } : {};
  const { status } = contextFor({ steps });
  return aRun({ ...status, phase: 'Recovery', message: 'on its way', ...over });
}

const wants = (activeRegion: string): PlanCase => ({ spec: { activeRegion } });

describe('a wish', () => {
  const last = { name: 'checkout-6', epoch: 6, from: west, to: east, phase: 'Succeeded', finishedAt: 1 } as const;
  const pending = { region: west, at: 1 };
  const rows: readonly (readonly [string, PlanCase, string])[] = [
    ['that has not changed', wants(east), 'None'],
    ['that has changed', wants(west), 'Start'],
    [
      'that went back to where the platform is',
      { ...wants(east), status: atRest({ acknowledgedActiveRegion: west }) },
      'Acknowledge',
    ],
    ['that was answered by a reversal', { ...wants(west), status: atRest({ reversalPending: pending }) }, 'None'],
    ['with a run under way, the same', { ...wants(west), status: bound(), runs: [running('before')] }, 'None'],
    ['with a run under way, turned back', { ...wants(east), status: bound(), runs: [running('before')] }, 'Reversal'],
    [
      'with a run that is being taken back',
      {
        ...wants(east),
        status: bound(),
        runs: [running('before', { abort: { at: 1, reason: 'Requested', message: '' } })],
      },
      'None',
    ],
    ['with a run that is not there', { ...wants(east), status: bound() }, 'None'],
    ['with the epoch not seen', { ...wants(west), observed: { databases: {} } }, 'Wait'],
  ];
  for (const [name, given, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(readWish(planFacts(given)).kind, wanted);
    });
  }

  it('leads to a failover, and to a failback where the last run came from there', () => {
    const type = (over: PlanCase) => runSpec(planFacts(over), 7, west).type;
    assert.equal(type({}), 'Failover');
    assert.equal(type({ status: atRest({ lastRun: last }) }), 'Failback');
    assert.equal(type({ status: atRest({ lastRun: { ...last, phase: 'Aborted' } }) }), 'Failover');
    assert.equal(type({ status: atRest({ lastRun: { ...last, from: east } }) }), 'Failover');
  });
});

describe('the next epoch', () => {
  const database = (key: string, highestEpoch: number) => ({ [key]: seen(aPrimary({ highestEpoch })) });
  const both = { ...database(inEast('orders'), 0), ...database(inWest('orders'), 0) };
  const epoch = (given: PlanCase, target = west) => {
    const next = nextEpoch(planFacts({ status: atRest({ epoch: 0 }), ...given }), target);
    return next.kind === 'Epoch' ? next.epoch : next.why;
  };
  const unclaimed: Partial<Observed> = { databases: both };
  const rows: readonly (readonly [string, PlanCase, number | string])[] = [
    ['nothing at all', { observed: unclaimed }, 1],
    ['the status', { observed: unclaimed, status: atRest({ epoch: 4 }) }, 5],
    ['a Run', { observed: unclaimed, runs: [aRun(aStatus(), aRunSpec({ epoch: 9 }))] }, 10],
    [
      'a Run of another UID',
      {
        observed: unclaimed,
        runs: [aRun(aStatus(), aRunSpec({ epoch: 9, planRef: { name: 'checkout', uid: 'old' } }))],
      },
      10,
    ],
    ['the source`s database', { observed: { databases: { ...both, ...database(inEast('orders'), 11) } } }, 12],
    ['the target`s database', { observed: { databases: { ...both, ...database(inWest('orders'), 12) } } }, 13],
    ['the record', { observed: { databases: both, records: { public: seen(listed(east, mine(13, east))) } } }, 14],
    [
      'the servers` TXT',
      {
        observed: {
          databases: both,
          records: { public: lost() },
          answers: { public: seen(answers([answer(east)], true, mine(14, east))) },
        },
      },
      15,
    ],
    ['another plan`s record', { observed: { databases: both, records: { public: seen(listed(east, foreign)) } } }, 1],
    ['the source dark', { observed: { databases: { ...both, [inEast('orders')]: lost() } } }, 1],
    [
      'the target dark',
      { observed: { databases: { ...both, [inWest('orders')]: lost() } } },
      'database orders in us-west-2 has not been seen, and with it the highest epoch',
    ],
    [
      'the target as it was before the plan was changed',
      { observed: { databases: { ...both, [inWest('orders')]: seen(aStandby(), now, {}, 2) } } },
      'database orders in us-west-2 was last seen before the plan was changed',
    ],
    [
      'the source as it was before the plan was changed',
      { observed: { databases: { ...both, [inEast('orders')]: seen(aPrimary({ highestEpoch: 4 }), now, {}, 2) } } },
      5,
    ],
    [
      'a database not asked',
      { observed: { databases: database(inWest('orders'), 0) } },
      'database orders in us-east-1 has not been asked yet',
    ],
    ['a record not asked', { observed: { databases: both, records: {} } }, 'record public has not been asked yet'],
    ['a record dark', { observed: { databases: both, records: { public: lost() } } }, 1],
  ];
  for (const [name, given, wanted] of rows) {
    it(`from ${name}: ${String(wanted)}`, () => {
      assert.equal(epoch(given), wanted);
    });
  }

  it('is above the highest of everything', () => {
    const spec = {
      databases: [aDatabase('orders'), aDatabase('ledger')],
      traffic: [aRecord('public'), aRecord('partner')],
    };
    const observed = {
      databases: { ...both, ...database(inEast('ledger'), 20), ...database(inWest('ledger'), 3) },
      records: { public: seen(listed(east, mine(19, east))), partner: seen(listed(east, mine(18, east))) },
    };
    assert.equal(epoch({ spec, observed, status: atRest({ epoch: 17 }) }), 21);
  });
});

describe('taking up a wish', () => {
  it('is written before the Run is made, which is then made, found and bound', () => {
    const first = decide(wants(west));
    assert.deepEqual(first.status.currentRun, { name: 'checkout-7', epoch: 7 });
    assert.equal(first.status.acknowledgedActiveRegion, west);
    assert.equal(first.status.epoch, 7);
    assert.equal(first.create, undefined);
    assert.equal(first.wakeAfterMs, 0);
    assert.deepEqual(first.notices[0], {
      type: 'Normal',
      reason: 'RunStarted',
      message: 'Moving to us-west-2 as checkout-7.',
    });

    const second = decide({ ...wants(west), status: first.status });
    assert.deepEqual(second.create, { name: 'checkout-7', spec: aRunSpec() });
    assert.deepEqual(second.status.currentRun, first.status.currentRun, 'and made again until it is seen');

    const third = decide({ ...wants(west), status: second.status, runs: [running('before')] });
    assert.deepEqual(third.status.currentRun, current);
    assert.equal(third.create, undefined);
  });

  it('makes the Run for what was taken up, though the field has changed again', () => {
    const status = atRest({ acknowledgedActiveRegion: west, epoch: 7, currentRun: { name: 'checkout-7', epoch: 7 } });
    assert.equal(decide({ ...wants(east), status }).create?.spec.targetRegion, west);
  });

  it('waits, and says for what, while the epoch is not proven', () => {
    const decision = decide({
      ...wants(west),
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: lost() } },
    });
    assert.equal(condition(decision, 'Ready'), 'False EpochUnproven');
    assert.match(
      message(decision, 'Ready'),
      /^The move to us-west-2 waits: database orders in us-west-2 has not been seen/,
    );
    assert.equal(decision.create, undefined);
  });

  it('of a plan that is being deleted, or refused, does not happen', () => {
    assert.equal(decide({ ...wants(west), plan: { deleting: true } }).status.currentRun, undefined);
    const refused = decide({ ...wants(west), facts: { regionProblems: ['Region us-west-2 does not exist.'] } });
    assert.equal(refused.status.currentRun, undefined);
    assert.deepEqual(refused.needs, []);
  });

  const others: Readonly<Record<string, Partial<Run>>> = {
    'of another plan': { spec: aRunSpec({ planRef: { name: 'checkout', uid: 'old-plan' } }) },
    'of another epoch': { spec: aRunSpec({ epoch: 3 }) },
    'that is over, restored from a backup': { status: aStatus({ phase: 'Succeeded' }) },
  };
  for (const [name, over] of Object.entries(others)) {
    it(`takes the next epoch where the name is taken by a Run ${name}`, () => {
      const status = atRest({ acknowledgedActiveRegion: west, epoch: 7, currentRun: { name: 'checkout-7', epoch: 7 } });
      const decision = decide({ ...wants(west), status, runs: [{ ...running('before'), ...over }] });
      assert.deepEqual(decision.status.currentRun, { name: 'checkout-8', epoch: 8 });
      assert.equal(decision.status.epoch, 8);
      assert.equal(decision.create, undefined);
    });
  }

  it('takes an epoch above every Run there is', () => {
    const status = atRest({ acknowledgedActiveRegion: west, epoch: 7, currentRun: { name: 'checkout-7', epoch: 7 } });
    const other = aRun(aStatus(), aRunSpec({ epoch: 12 }), { name: 'checkout-12', uid: 'other-uid' });
    const taken = aRun(aStatus(), aRunSpec({ epoch: 3 }));
    assert.deepEqual(decide({ ...wants(west), status, runs: [other, taken] }).status.currentRun, {
      name: 'checkout-13',
      epoch: 13,
    });
  });
});

describe('a reversal', () => {
  const back: PlanCase = { ...wants(east), status: bound(), facts: { fieldOwner: 'argocd-controller' } };

  it('before the fence is left to the run, which aborts', () => {
    assert.equal(decide({ ...back, runs: [running('before')] }).status.reversalPending, undefined);
  });

  it('after the fence waits for an explicit word, and names who reverted it', () => {
    const decision = decide({ ...back, runs: [running('after')] });
    assert.deepEqual(decision.status.reversalPending, { region: east, by: 'argocd-controller', at: now.wall });
    const earlier = { region: east, at: 5 };
    const again = decide({ ...back, status: bound({ reversalPending: earlier }), runs: [running('after')] });
    assert.deepEqual(again.status.reversalPending, earlier, 'since when it was first seen');
  });

  it('is said when the run is over, and starts nothing', () => {
    const status = atRest({
      activeRegion: west,
      acknowledgedActiveRegion: west,
      epoch: 7,
      reversalPending: { region: east, by: 'argocd-controller', at: 5 },
    });
    const observed = {
      databases: { [inEast('orders')]: seen(aStandby()), [inWest('orders')]: seen(aPrimary()) },
      records: { public: seen(listed(west)) },
    };
    const decision = settled({ ...wants(east), status, observed });
    assert.equal(condition(decision, 'Ready'), 'False ReversalPending');
    assert.equal(
      message(decision, 'Ready'),
      'activeRegion was set back to us-east-1 by argocd-controller while a run was past its fence; set it to us-west-2 and then to us-east-1 if that is meant.',
    );
    assert.equal(decision.status.currentRun, undefined);

    const answered = settled({ ...wants(west), status, observed });
    assert.equal(answered.status.reversalPending, undefined, 'the first half of the word');
    assert.equal(condition(answered, 'Ready'), 'True Active');
    const meant = decide({ ...wants(east), status: answered.status, observed });
    assert.equal(meant.status.currentRun?.name, 'checkout-8');
  });

  it('is dropped when the field is set forward again while the run goes on', () => {
    const status = bound({ reversalPending: { region: east, at: 5 } });
    assert.equal(decide({ ...wants(west), status, runs: [running('after')] }).status.reversalPending, undefined);
  });

  it('is answered by the run itself where that was taken back: the platform is where the field says', () => {
    const status = bound({ reversalPending: { region: east, at: 5 } });
    const aborted = running('after', { phase: 'Aborted', abort: { at: 1, reason: 'PositionNotReached', message: '' } });
    const decision = settled({ ...wants(east), status, runs: [aborted] });
    assert.equal(decision.status.reversalPending, undefined);
    assert.equal(condition(decision, 'Ready'), 'True Active');
  });
});
