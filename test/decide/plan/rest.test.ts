import assert from 'node:assert/strict';
import fc from 'fast-check';
import { restAfterMs, type Rest } from '../../../src/decide/plan/rest.ts';

const east = 'us-east-1';
const database = {
  kind: 'postgresql',
  name: 'orders',
  database: 'shop',
  servers: {},
  applicationRoles: [],
  administrativeRoles: [],
  replicationRoles: [],
} as const;

function resting(plans: number, change: Partial<Rest['status']> = {}, rpoMs = 900_000, databases = 1): Rest {
  return {
    spec: {
      activeRegion: east,
      objectives: { rtoMs: 3_600_000, rpoMs, clockStart: 'Declared' },
      databases: Array.from({ length: databases }, () => database),
    },
    status: { activeRegion: east, acknowledgedActiveRegion: east, conditions: [], ...change },
    plans,
    restMs: 5_000,
    looksPerSecond: 1.2,
  };
}

describe('how long a plan rests', () => {
  it('is short where there are few', () => {
    assert.equal(restAfterMs(resting(1)), 5_000);
    assert.equal(restAfterMs(resting(3)), 5_000);
  });

  it('is its share of the common budget in a fleet', () => {
    assert.equal(Math.round(restAfterMs(resting(100))), 166_667, '100 plans x 2 servers at 1.2 looks a second');
  });

  it('leaves a third of the RPO to the lag, however many there are', () => {
    assert.equal(restAfterMs(resting(1_000)), 600_000);
    assert.equal(restAfterMs(resting(1_000, {}, 60_000)), 40_000);
  });

  it('is as short as an RPO of seconds asks for, or a standby that keeps up would be told of as behind', () => {
    assert.equal(restAfterMs(resting(1, {}, 5_000)), 3_333);
    assert.equal(restAfterMs(resting(1_000, {}, 5_000)), 3_333);
    assert.equal(restAfterMs(resting(1, {}, 1_000)), 1_000);
  });

  it('is a minute at most while a record was not seen yet, however many there are', () => {
    const ready = { type: 'Ready', status: 'False', message: '', lastTransitionAt: 0, observedGeneration: 1 } as const;
    for (const reason of ['TrafficUnavailable', 'Observing']) {
      const conditions = [{ ...ready, reason }];
      assert.equal(restAfterMs(resting(1_000, { conditions })), 60_000);
      assert.equal(restAfterMs(resting(1, { conditions })), 5_000);
    }
  });

  it('is short while something is on its way', () => {
    const currentRun = { name: 'checkout-1', epoch: 1 };
    for (const change of [{ currentRun }, { activeRegion: 'us-west-2' }, { acknowledgedActiveRegion: 'us-west-2' }]) {
      assert.equal(restAfterMs(resting(1_000, change)), 5_000, JSON.stringify(change));
    }
    const { activeRegion: _unknown, ...unadopted } = resting(1_000).status;
    assert.equal(restAfterMs({ ...resting(1_000), status: unadopted }), 5_000);
  });

  it('is short while a Run that a person made waits for a slot', () => {
    const ready = { type: 'Ready', status: 'False', message: '', lastTransitionAt: 0, observedGeneration: 1 } as const;
    assert.equal(restAfterMs(resting(1_000, { conditions: [{ ...ready, reason: 'RunsCapped' }] })), 5_000);
  });

  it('does not hang on an RPO where there is no database', () => {
    assert.equal(restAfterMs(resting(1_000, {}, 1_000, 0)), 600_000);
  });

  it('property: never below the shortest rest, never above what the RPO allows, and never shorter with more plans', () => {
    const natural = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(natural(5_000), natural(7_200_000), natural(8), (plans, rpoMs, databases) => {
        const ms = restAfterMs(resting(plans, {}, rpoMs, databases));
        assert.ok(ms >= Math.max(1_000, Math.min(5_000, Math.floor((rpoMs * 2) / 3))));
        assert.ok(ms === 1_000 || ms <= Math.floor((rpoMs * 2) / 3));
        assert.ok(restAfterMs(resting(plans + 1, {}, rpoMs, databases)) >= ms);
      }),
    );
  });
});
