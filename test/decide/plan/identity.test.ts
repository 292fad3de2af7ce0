import assert from 'node:assert/strict';
import type { PlanStatus } from '../../../src/api/plan-status.ts';
import type { Run } from '../../../src/api/run.ts';
import { identityKeeper, type Claimant } from '../../../src/decide/plan/identity.ts';
import { aPlanStatus, atRest, condition, decide, message, settled, type PlanCase } from '../support/plan-facts.ts';
import { aSpec, west } from '../support/plans.ts';
import { aRun, aRunSpec, anIntent, contextFor } from '../support/runs.ts';

/** Every combination of what is known of a plan, each with its own name. */
const claimants: readonly Claimant[] = [true, false].flatMap((established) =>
  [1, 2].flatMap((createdAt) =>
    ['a', 'b'].map((id) => {
      const uid = `${id}-${String(createdAt)}-${String(established)}`;
      return { namespace: 'payments', name: uid, uid, createdAt, established };
    }),
  ),
);

/** In the words of the rule: whoever works before whoever does not, then age, then the UID. */
const rank = ({ established, createdAt, uid }: Claimant): string =>
  `${established ? '0' : '1'} ${String(createdAt)} ${uid}`;

describe('of plans with one identity', () => {
  it('the one that works keeps it, then the older, then the lower UID; whoever is asked first', () => {
    for (const one of claimants) {
      for (const other of claimants) {
        if (one === other) continue;
        const expected = rank(one) < rank(other) ? one : other;
        assert.equal(identityKeeper([one, other]), expected);
        assert.equal(identityKeeper([other, one]), expected);
      }
    }
    assert.equal(identityKeeper(claimants)?.uid, 'a-1-true');
    assert.equal(identityKeeper(claimants.toReversed())?.uid, 'a-1-true');
    assert.equal(identityKeeper([]), undefined);
  });
});

const current = { name: 'checkout-7', uid: 'run-uid', epoch: 7 };
const moving = (over: Partial<PlanStatus> = {}): PlanStatus =>
  atRest({ acknowledgedActiveRegion: west, epoch: 7, currentRun: current, ...over });
const elsewhere = (given: PlanCase): PlanCase => ({
  ...given,
  facts: { ...given.facts, identityKeptBy: 'shop/checkout' },
});
const running = (over: Partial<Run['status']> = {}): Run =>
  aRun({ ...contextFor({ steps: { 'fence/orders': { intent: anIntent() } } }).status, phase: 'Recovery', ...over });
/** Made and bound, and not begun. */
const unpinned = (): Run => {
  const { snapshot: _not, ...status } = running().status;
  return { ...running(), status: { ...status, phase: 'Pending', steps: [] } };
};

describe('a plan whose identity another keeps', () => {
  it('says so, names the other one, and says what to do', () => {
    const decision = decide(elsewhere({}));
    assert.equal(condition(decision, 'Accepted'), 'False IdentityInUse');
    assert.equal(condition(decision, 'Ready'), 'False NotAccepted');
    const { identity } = aSpec();
    assert.match(message(decision, 'Accepted'), new RegExp(`^spec.identity: ${identity} .*shop/checkout.*delete`));
    assert.deepEqual(decision.needs, [], 'nothing is looked at for it');
  });

  it('is accepted and whole as soon as nobody else has it', () => {
    assert.equal(condition(decide(), 'Accepted'), 'True Accepted');
  });

  it('says before it that it is being deleted, and before a Region that is refused', () => {
    const deleted = decide(elsewhere({ plan: { deleting: true } }));
    assert.equal(condition(deleted, 'Ready'), 'False Deleting');
    assert.equal(deleted.release, true);
    const both = decide(elsewhere({ facts: { regionProblems: ['spec.regions: no.'] } }));
    assert.equal(condition(both, 'Accepted'), 'False IdentityInUse');
  });

  const statuses: Readonly<Record<string, PlanStatus>> = {
    'not adopted': aPlanStatus(),
    'at rest': atRest(),
    'with a reversal that waits': atRest({ reversalPending: { region: west, at: 1 } }),
    'with a Run that is not made yet': moving({ currentRun: { name: 'checkout-7', epoch: 7 } }),
    'with a Run that was deleted': moving(),
  };
  for (const [what, status] of Object.entries(statuses)) {
    it(`takes up no wish and forgets where it was active: ${what}`, () => {
      const decision = settled(elsewhere({ spec: { activeRegion: west }, status }));
      assert.equal(decision.create, undefined);
      assert.equal(decision.status.currentRun, undefined);
      assert.equal(decision.status.activeRegion, undefined);
      assert.equal(decision.status.acknowledgedActiveRegion, undefined);
      assert.equal(decision.status.reversalPending, undefined);
      assert.equal(decision.status.epoch, status.epoch, 'an epoch that was given is not given again');
    });

    it(`and begins nothing when the other is gone: ${what}`, () => {
      const { status: left } = settled(elsewhere({ spec: { activeRegion: west }, status }));
      const decision = settled({ spec: { activeRegion: west }, status: left });
      assert.equal(condition(decision, 'Ready'), 'False ActiveRegionMismatch');
      assert.equal(decision.status.currentRun, undefined);
    });
  }

  it('follows a Run that is under way to its end, and is then no longer adopted', () => {
    const underWay = decide(elsewhere({ spec: { activeRegion: west }, status: moving(), runs: [running()] }));
    assert.deepEqual(underWay.status.currentRun, current);
    assert.deepEqual(underWay.reject, []);
    assert.equal(underWay.release, false);
    const over = running({ phase: 'Succeeded', finishedAt: 1 });
    const ended = settled(elsewhere({ spec: { activeRegion: west }, status: moving(), runs: [over] }));
    assert.equal(ended.status.currentRun, undefined);
    assert.equal(ended.status.lastRun?.name, 'checkout-7');
    assert.equal(ended.status.activeRegion, undefined);
  });

  it('leaves what it cannot read as it stands', () => {
    const unread = [{ name: 'checkout-7', uid: 'run-uid', problem: 'new.' }];
    const decision = decide(elsewhere({ status: moving(), facts: { unread } }));
    assert.deepEqual(decision.status.currentRun, current);
  });

  it('turns away each Run that has not begun, whoever made it, bound or not; and none that has, is over or another’s', () => {
    const { uid, ...bound } = current;
    const person: Run = {
      ...unpinned(),
      name: 'by-hand',
      uid: 'by-hand',
      spec: aRunSpec({ origin: 'Person', epoch: 8, planRef: running().spec.planRef }),
    };
    const others: Run = {
      ...unpinned(),
      uid: 'x',
      name: 'x',
      spec: aRunSpec({ planRef: { name: 'checkout', uid: 'another plan' } }),
    };
    const over: Run = { ...unpinned(), uid: 'y', name: 'y', status: { ...unpinned().status, phase: 'Superseded' } };
    for (const currentRun of [current, bound]) {
      const runs = [unpinned(), person, others, over];
      const { reject } = decide(elsewhere({ status: moving({ currentRun }), runs }));
      assert.deepEqual(
        reject.map(({ name }) => name),
        ['checkout-7', 'by-hand'],
        uid,
      );
      for (const { message: told } of reject) assert.match(told, /shop\/checkout.*It changes nothing\.$/);
    }
    assert.deepEqual(decide(elsewhere({ status: moving(), runs: [running()] })).reject, []);
  });
});
