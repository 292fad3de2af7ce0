import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import { aPrimary, aStandby, inEast, inWest, listed, lost, mine, now, seen } from '../support/facts.ts';
import { atRest, condition, decide, message, settled, type PlanCase } from '../support/plan-facts.ts';
import { east, stateless, west } from '../support/plans.ts';

const inTheWest: Partial<Observed> = {
  databases: { [inEast('orders')]: seen(aStandby()), [inWest('orders')]: seen(aPrimary()) },
};

describe('a change out of band', () => {
  it('is said, and nothing is done about it', () => {
    const decision = settled({ observed: inTheWest });
    assert.equal(condition(decision, 'Ready'), 'False OutOfBandChange');
    assert.equal(
      message(decision, 'Ready'),
      'The status says us-east-1, but database orders writes in us-west-2. Nothing is done about it; to adopt it: kubectl patch drplan checkout -n payments --type=merge -p \'{"spec":{"activeRegion":"us-west-2"}}\'',
    );
    assert.deepEqual(
      [decision.status.activeRegion, decision.status.currentRun, decision.create],
      [east, undefined, undefined],
    );
  });

  it('is adopted by the field, without a run', () => {
    const decision = settled({ observed: inTheWest, spec: { activeRegion: west } });
    assert.deepEqual(
      [decision.status.activeRegion, decision.status.acknowledgedActiveRegion, decision.status.adoptedAt],
      [west, west, now.wall],
    );
    assert.deepEqual([decision.status.currentRun, decision.create], [undefined, undefined]);
    assert.equal(condition(decision, 'Ready'), 'True Active');
  });

  it('to where an aborted run had been meant to go is adopted, though that wish was taken up long ago', () => {
    const status = atRest({ acknowledgedActiveRegion: west });
    assert.equal(
      condition(settled({ observed: inTheWest, spec: { activeRegion: west }, status }), 'Ready'),
      'True Active',
    );
  });

  it('answers a reversal that waited for a word', () => {
    const status = atRest({
      activeRegion: west,
      acknowledgedActiveRegion: west,
      reversalPending: { region: east, at: 5 },
    });
    const decision = settled({ status, spec: { activeRegion: east } });
    assert.equal(decision.status.reversalPending, undefined);
    assert.equal(condition(decision, 'Ready'), 'True Active');
  });

  const none: Readonly<Record<string, PlanCase>> = {
    'nothing has changed': {},
    'the other side is dark': {
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: lost() } },
    },
    'the writer is dark, and the TXT names it': {
      observed: {
        databases: { [inEast('orders')]: lost(), [inWest('orders')]: seen(aStandby()) },
        records: { public: seen(listed(east, mine(6, east))) },
      },
    },
    'both are primaries': {
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aPrimary()) } },
    },
    'there is no database': { spec: stateless(), observed: { records: { public: seen(listed(west)) } } },
  };
  for (const [name, given] of Object.entries(none)) {
    it(`is not said where ${name}`, () => {
      assert.notEqual(condition(decide(given), 'Ready'), 'False OutOfBandChange');
    });
  }
});
