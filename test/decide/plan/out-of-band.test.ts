import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import type { DatabaseState } from '../../../src/drivers/databases/driver.ts';
import { aPrimary, aStandby, inEast, inWest, listed, lost, mine, now, seen } from '../support/facts.ts';
import { atRest, condition, decide, message, settled, type PlanCase } from '../support/plan-facts.ts';
import { aDatabase, east, stateless, west } from '../support/plans.ts';

const inTheWest: Partial<Observed> = {
  records: { public: seen(listed(west)) },
  databases: { [inEast('orders')]: seen(aStandby()), [inWest('orders')]: seen(aPrimary()) },
};

/** A primary that no application may log in to. */
const closed = () => aPrimary({ enabledRoles: [], applicationSessions: 0 });

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

  /** People that fail over by hand may leave the old writer dead, out of reach, or fenced in their own way. */
  const gone: Readonly<Record<string, { readonly east: Observed['databases'][string]; readonly words: string }>> = {
    'does not answer': {
      east: lost(),
      words: 'database orders takes writes in us-west-2, and in us-east-1 it does not answer',
    },
    'is closed to its applications': {
      east: seen(closed()),
      words: 'database orders takes writes in us-west-2, and in us-east-1 it is closed to its applications',
    },
  };
  for (const [name, { east: source, words }] of Object.entries(gone)) {
    const observed = {
      ...inTheWest,
      databases: { [inEast('orders')]: source, [inWest('orders')]: seen(aPrimary()) },
    };
    it(`is said where the old writer ${name}, too`, () => {
      const decision = settled({ observed });
      assert.equal(condition(decision, 'Ready'), 'False OutOfBandChange');
      assert.equal(
        message(decision, 'Ready'),
        `The status says us-east-1, but ${words}. Nothing is done about it; to adopt it: kubectl patch drplan checkout -n payments --type=merge -p '{"spec":{"activeRegion":"us-west-2"}}'`,
      );
      assert.deepEqual([decision.status.activeRegion, decision.create], [east, undefined]);
    });
    it(`is adopted where the old writer ${name}, and no run is made`, () => {
      const decision = settled({ observed, spec: { activeRegion: west } });
      assert.deepEqual([decision.status.activeRegion, decision.create], [west, undefined]);
      assert.equal(condition(decision, 'Ready'), 'True Active');
    });
  }

  describe('of which the record knows nothing', () => {
    it('is not told by what was seen before the plan was changed', () => {
      const records = { public: seen(listed(west), now, {}, 2) };
      const decision = settled({ observed: { ...inTheWest, records }, spec: { activeRegion: west } });
      assert.equal(condition(decision, 'Ready'), 'False Observing');
    });
    const adopted = (to: string) =>
      settled({ observed: { ...inTheWest, records: { public: seen(listed(to)) } }, spec: { activeRegion: west } });
    it('leaves the plan unready as long as its clients are led elsewhere', () => {
      const decision = adopted(east);
      assert.equal(decision.status.activeRegion, west);
      assert.equal(condition(decision, 'Ready'), 'False TrafficElsewhere');
      assert.equal(
        message(decision, 'Ready'),
        'Record public.example.com leads to us-east-1, and the plan is active in us-west-2. No run moves it: point it to us-west-2 by hand.',
      );
      assert.ok(
        decision.needs.some(({ kind }) => kind === 'Record'),
        'it is looked at until it is right',
      );
    });
    it('is looked at wherever the field and the status differ, for what is adopted next must not be ready blindly', () => {
      const status = atRest({ acknowledgedActiveRegion: west });
      const { needs } = decide({ status, spec: { activeRegion: west }, observed: { databases: {} } });
      assert.ok(needs.some(({ kind }) => kind === 'Record'));
    });
    it('is what was said last while nobody answers for the record', () => {
      const { status } = adopted(east);
      const spec = { activeRegion: west };
      const unseen = settled({ status, spec, observed: { ...inTheWest, records: { public: lost() } } });
      assert.equal(condition(unseen, 'Ready'), 'False TrafficElsewhere');
      const mended = settled({ status, spec, observed: { ...inTheWest, records: { public: seen(listed(west)) } } });
      assert.equal(condition(mended, 'Ready'), 'True Active');
      assert.ok(!mended.needs.some(({ kind }) => kind === 'Record'), 'at rest it is asked no more');
    });
    it('is ready where the record leads there, and not before anybody has seen where it leads', () => {
      assert.equal(condition(adopted(west), 'Ready'), 'True Active');
      const failed = { public: lost<ReturnType<typeof listed>>('Throttled') };
      const unasked = { public: lost<ReturnType<typeof listed>>('NotAsked') };
      for (const [records, reason] of [
        [failed, 'TrafficUnavailable'],
        [unasked, 'Observing'],
        [{}, 'Observing'],
      ] as const) {
        const given = { spec: { activeRegion: west }, observed: { ...inTheWest, records } };
        const ready = { type: 'Ready', status: 'True', reason: 'Active', message: 'Active in the east.' } as const;
        const wasReady = atRest({ conditions: [{ ...ready, lastTransitionAt: 1, observedGeneration: 3 }] });
        for (const status of [atRest(), wasReady]) {
          const blind = settled({ ...given, status });
          assert.equal(condition(blind, 'Ready'), `False ${reason}`);
          assert.ok(
            blind.needs.some(({ kind }) => kind === 'Record'),
            'it is looked at until it is seen',
          );
          const later = (to: string) =>
            settled({
              ...given,
              status: blind.status,
              observed: { ...inTheWest, records: { public: seen(listed(to)) } },
            });
          assert.equal(condition(later(west), 'Ready'), 'True Active');
          assert.equal(condition(later(east), 'Ready'), 'False TrafficElsewhere');
        }
      }
    });
    it('stays ready while a record is not looked at, or does not answer', () => {
      const { status } = settled({});
      assert.equal(condition(settled({ status, observed: { records: {} } }), 'Ready'), 'True Active');
      const edited = settled({ status, plan: { generation: 4 }, observed: { records: { public: lost() } } });
      assert.equal(condition(edited, 'Ready'), 'True Active');
    });
  });

  const twoWriters = { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(aPrimary()) } };
  for (const activeRegion of [east, west]) {
    it(`beside a writer that is still open is said, and neither adopted nor acted on, with the field at ${activeRegion}`, () => {
      const decision = settled({ observed: twoWriters, spec: { activeRegion } });
      assert.equal(condition(decision, 'Ready'), 'False OutOfBandChange');
      assert.equal(
        message(decision, 'Ready'),
        'The status says us-east-1, but database orders takes writes in both regions. Nothing is done about it; stop or fence the one that shall not go on.',
      );
      assert.deepEqual([decision.status.activeRegion, decision.create], [east, undefined]);
    });
  }

  describe('of one of several databases', () => {
    const spec = { databases: [aDatabase('orders'), aDatabase('ledger')] };
    const ledger = { [inEast('ledger')]: seen(aPrimary()), [inWest('ledger')]: seen(aStandby()) };
    for (const [name, source] of Object.entries({ 'still open': seen(aPrimary()), dead: lost<DatabaseState>() })) {
      it(`is told, with the old writer ${name}`, () => {
        const databases = { ...ledger, [inEast('orders')]: source, [inWest('orders')]: seen(aPrimary()) };
        const decision = settled({ spec, observed: { databases } });
        assert.equal(condition(decision, 'Ready'), 'False DatabasesApart');
        assert.match(
          message(decision, 'Ready'),
          /^Database orders takes writes in us-west-2, and the plan is active in us-east-1/,
        );
        assert.deepEqual([decision.status.activeRegion, decision.create], [east, undefined]);
      });
    }
    it('is not told of a primary that is closed to its applications', () => {
      const databases = { ...ledger, [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(closed()) };
      assert.equal(condition(settled({ spec, observed: { databases } }), 'Ready'), 'True Active');
    });
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
    'the other side is a primary that its applications cannot use': {
      observed: { databases: { [inEast('orders')]: seen(aPrimary()), [inWest('orders')]: seen(closed()) } },
    },
    'the writer has not been asked yet': {
      observed: { databases: { [inWest('orders')]: seen(aPrimary()) } },
    },
    'only one of two databases is open in the other region': {
      spec: { databases: [aDatabase('orders'), aDatabase('ledger')] },
      observed: {
        databases: {
          [inEast('orders')]: lost(),
          [inWest('orders')]: seen(aPrimary()),
          [inEast('ledger')]: lost(),
          [inWest('ledger')]: seen(aStandby()),
        },
      },
    },
    'there is no database': { spec: stateless(), observed: { records: { public: seen(listed(west)) } } },
  };
  for (const [name, given] of Object.entries(none)) {
    it(`is not said where ${name}`, () => {
      assert.notEqual(condition(decide(given), 'Ready'), 'False OutOfBandChange');
    });
  }
});
