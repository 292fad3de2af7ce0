import assert from 'node:assert/strict';
import { approvalPolicies, fencingPolicies } from '../../src/api/vocabulary.ts';
import { regionProblems } from '../../src/controller/known-regions.ts';
import { createParsedObjects } from '../../src/controller/parsed.ts';
import { createCache } from '../../src/kube/cache.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { condition, decide, message } from '../decide/support/plan-facts.ts';
import { aSpec, east, west } from '../decide/support/plans.ts';

type Policy = Readonly<Record<string, string>>;

function region(name: string, policy?: Policy): KubeObject {
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRegion',
    metadata: { name, uid: `uid-of-${name}`, resourceVersion: '1', generation: 1 },
    spec: {
      cluster: { inCluster: {} },
      ...(policy === undefined ? {} : { policy }),
      grants: [{ namespace: 'payments', hostedZoneIds: aSpec().traffic.map((t) => t.hostedZoneId) }],
    },
  };
}

type Failover = ReturnType<typeof aSpec>['failover'];

/** What a plan with this `failover` is told where its Regions have these floors. */
function problems(failover: Partial<Failover>, floors: { readonly east?: Policy; readonly west?: Policy }) {
  const cache = createCache();
  cache.replace([region(east, floors.east), region(west, floors.west)]);
  const runtime = { regions: { cache }, parsed: createParsedObjects() };
  return regionProblems(runtime, 'payments', aSpec({ failover: { ...aSpec().failover, ...failover } }));
}

interface Floor {
  readonly floor: 'minFencing' | 'minApproval';
  readonly field: 'fencing' | 'approval';
  /** The weakest first. Written down again: the order is the safety rule itself. */
  readonly order: readonly string[];
}

const floors: readonly Floor[] = [
  { floor: 'minFencing', field: 'fencing', order: ['None', 'BestEffort', 'Verified'] },
  { floor: 'minApproval', field: 'approval', order: ['Never', 'Forced', 'Always'] },
];

describe('the floors of a Region', () => {
  it('know every value there is', () => {
    assert.deepEqual(
      floors.map(({ order }) => [...order].sort()),
      [[...fencingPolicies].sort(), [...approvalPolicies].sort()],
    );
  });

  for (const { floor, field, order } of floors) {
    for (const [at, least] of order.entries()) {
      for (const [is, value] of order.entries()) {
        const place = is < at ? 'below, refused' : is === at ? 'at it, accepted' : 'above, accepted';
        it(`${floor} ${least}, ${field} ${value}: ${place}`, () => {
          const found = problems({ [field]: value }, { west: { [floor]: least } });
          const sentence = `spec.failover.${field}: ${value} is below the floor ${least} of Region ${west}; set it to ${least}.`;
          assert.deepEqual(found, is < at ? [sentence] : []);

          const decision = decide({ spec: { activeRegion: west }, facts: { regionProblems: found } });
          assert.equal(condition(decision, 'Accepted'), is < at ? 'False RegionRefused' : 'True Accepted');
          assert.equal(decision.status.currentRun === undefined, is < at, 'a Run only where it is accepted');
          if (is < at) assert.equal(message(decision, 'Accepted'), sentence);
        });
      }
    }
    it(`${floor} of no Region bounds nothing`, () => {
      for (const value of order) assert.deepEqual(problems({ [field]: value }, {}), []);
    });
  }

  it('bind whichever region they are of, and each is told', () => {
    const weak = { fencing: 'None', approval: 'Never' } as const;
    const found = problems(weak, { east: { minFencing: 'BestEffort' }, west: { minApproval: 'Forced' } });
    assert.deepEqual(found, [
      `spec.failover.fencing: None is below the floor BestEffort of Region ${east}; set it to BestEffort.`,
      `spec.failover.approval: Never is below the floor Forced of Region ${west}; set it to Forced.`,
    ]);
  });
});
