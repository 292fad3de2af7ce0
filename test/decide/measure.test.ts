import assert from 'node:assert/strict';
import type { Evidence, StepStatus } from '../../src/api/run.ts';
import { milestones, recoveries } from '../../src/decide/measure.ts';
import { aPrimary, at, everyWhy, inEast, inWest, lost, promoted, seen, start } from './support/facts.ts';
import { aDatabase, aRecord, aSpec } from './support/plans.ts';
import { anAttestation, aSample, contextFor, outcome, type Case } from './support/runs.ts';

const done = (ms: number, value?: Evidence['value']): Partial<StepStatus> => outcome('Succeeded', value, at(ms).wall);
const measured = (given: Case) => milestones(contextFor(given));

describe('milestones', () => {
  const two = aSpec({
    databases: [aDatabase('orders'), aDatabase('ledger')],
    traffic: [aRecord('public'), aRecord('partner')],
  });
  const { applicationProbe: _none, ...unprobed } = aDatabase();

  const rows: readonly (readonly [string, keyof ReturnType<typeof measured>, Case, number | undefined])[] = [
    ['approved', 'started', { steps: { approve: done(1) } }, 1],
    ['not approved', 'started', {}, undefined],
    ['one of two fenced', 'fenced', { spec: two, steps: { 'fence/orders': done(1) } }, undefined],
    ['both fenced', 'fenced', { spec: two, steps: { 'fence/orders': done(9), 'fence/ledger': done(2) } }, 9],
    ['the fence overridden', 'fenced', { steps: { 'fence/orders': outcome('Overridden') } }, undefined],
    [
      'overridden, proven later',
      'fenced',
      { steps: { 'fence/orders': outcome('Overridden'), 'finish-fence/orders': done(50) } },
      50,
    ],
    ['no writer to fence', 'fenced', { steps: { 'fence/orders': outcome('Vacuous', {}, at(4).wall) } }, 4],
    ['nothing to fence', 'fenced', { spec: aSpec({ databases: [], workloads: [] }) }, undefined],
    ['opened, not probed', 'opened', { steps: { 'open/orders': done(1) } }, undefined],
    ['probed', 'opened', { steps: { 'open/orders': done(1), 'probe/orders': done(5) } }, 5],
    [
      'opened, no probe in the plan',
      'opened',
      { spec: aSpec({ databases: [unprobed] }), steps: { 'open/orders': done(6) } },
      6,
    ],
    ['one of two records seen', 'trafficObserved', { spec: two, steps: { 'observed/public': done(1) } }, undefined],
    [
      'both records seen',
      'trafficObserved',
      { spec: two, steps: { 'observed/public': done(1), 'observed/partner': done(8) } },
      8,
    ],
    ['caches', 'cachesExpireBy', { steps: { 'observed/public': done(8, { ttl: 20 }) } }, 20_008],
    [
      'the longest cache',
      'cachesExpireBy',
      { spec: two, steps: { 'observed/public': done(1, { ttl: 60 }), 'observed/partner': done(8, { ttl: 5 }) } },
      60_008,
    ],
    ['a TTL that is not known', 'cachesExpireBy', { steps: { 'observed/public': done(8) } }, 8],
    ['no record seen', 'cachesExpireBy', {}, undefined],
    ['one smoke test passed', 'smokePassed', { steps: { 'smoke/place-order': done(1) } }, undefined],
    [
      'all smoke tests passed',
      'smokePassed',
      { steps: { 'smoke/place-order': done(1), 'smoke/front-door': done(9) } },
      9,
    ],
    ['soaked', 'sustained', { steps: { soak: done(99) } }, 99],
    ['only pretended to soak', 'sustained', { steps: { soak: outcome('Pretended') } }, undefined],
  ];
  for (const [name, key, given, wanted] of rows) {
    it(`${key}, ${name}: ${String(wanted ?? 'absent')}`, () => {
      const found = measured(given)[key];
      assert.equal(found === undefined ? undefined : found - start, wanted);
    });
  }

  it('do not move once they are there', () => {
    const had = {
      started: 1,
      fenced: 2,
      opened: 3,
      trafficObserved: 4,
      cachesExpireBy: 5,
      smokePassed: 6,
      sustained: 7,
      disruption: 8,
    };
    const steps = Object.fromEntries(
      [
        'approve',
        'fence/orders',
        'probe/orders',
        'observed/public',
        'smoke/place-order',
        'smoke/front-door',
        'soak',
      ].map((id) => [id, done(900)]),
    );
    assert.deepEqual(measured({ status: { milestones: had }, steps }), had);
  });

  describe('disruption', () => {
    const samples = [aSample('orders', 1_000, '0/1'), aSample('orders', 2_000, '0/2')];
    const source = (one: ReturnType<typeof lost<ReturnType<typeof aPrimary>>>): Case => ({
      status: { samples },
      observed: { databases: { [inEast('orders')]: one } },
    });
    const at0 = (given: Case) => measured(given).disruption;
    for (const why of everyWhy.filter((one) => one !== 'NotAsked')) {
      it(`is when a source that is now unknown for ${why} last answered`, () => {
        assert.equal(at0(source(lost(why))), start + 2_000);
      });
    }
    it('is absent while the source answers, or nobody asks it', () => {
      assert.equal(at0(source(seen(aPrimary()))), undefined);
      assert.equal(at0(source(lost('NotAsked'))), undefined);
      assert.equal(at0({ status: { samples } }), undefined);
    });
    it('is absent in a planned run, and where nothing was sampled', () => {
      assert.equal(at0({ ...source(lost()), mode: 'Planned' }), undefined);
      assert.equal(at0({ ...source(lost()), status: { samples: [] } }), undefined);
    });
  });
});

describe('recovery', () => {
  const samples = [aSample('orders', 100_000, '0/4000'), aSample('orders', 400_000, '0/6000')];
  const wentOver: Evidence['value'] = { timeline: 2, systemIdentifier: '7001', switchpoint: '0/5000' };
  const base = (steps: Case['steps'] = {}, more: Case = {}): Case => ({
    ...more,
    status: { samples, ...more.status },
    steps: { 'promote/orders': outcome('Succeeded', wentOver), ...steps },
  });
  const one = (given: Case) => recoveries(contextFor(given))[0];
  const fencedAt = { 'fence/orders': done(450_000) };
  const compared = (value: Evidence['value']) => ({ ...fencedAt, 'compare/orders': done(600_000, value) });

  it('is none before the promotion, nor after one that was only pretended', () => {
    assert.deepEqual(recoveries(contextFor()), []);
    assert.deepEqual(recoveries(contextFor({ steps: { 'promote/orders': outcome('Pretended') } })), []);
    const had = { database: 'orders', grade: 'Unknown' } as const;
    assert.deepEqual(recoveries(contextFor({ status: { recovery: [had] } })), [had]);
  });

  it('is bounded by the switchpoint, not by what the new primary has written since', () => {
    const observed = { databases: { [inWest('orders')]: seen(promoted({ position: '0/9000' })) } };
    assert.deepEqual(one(base(fencedAt, { observed })), {
      database: 'orders',
      grade: 'Bounded',
      basis: 'Fence',
      lossMs: 350_600,
      point: { earliest: start + 99_400, latest: start + 450_000 },
      switchpoint: '0/5000',
      timeline: 2,
    });
  });

  it('is unknown where no switchpoint was read, however far the new primary has written', () => {
    const { switchpoint: _none, ...unread } = promoted({ position: '0/9000' });
    const observed = { databases: { [inWest('orders')]: seen(unread) } };
    const given = base({ ...fencedAt, 'promote/orders': outcome('Succeeded', { timeline: 2 }) }, { observed });
    assert.deepEqual(one(given), { database: 'orders', grade: 'Unknown', basis: 'NoSample', timeline: 2 });
    assert.equal(one(base({ 'promote/orders': outcome('Succeeded', {}) }))?.grade, 'Unknown');
  });

  it('that is unknown has no number', () => {
    const unknown = one(base({}, { status: { samples: [] } })) ?? assert.fail();
    assert.equal(unknown.grade, 'Unknown');
    assert.ok(!('lossMs' in unknown));
  });

  it('is worked out once: later samples and times do not move it', () => {
    const had = { database: 'orders', grade: 'Bounded', lossMs: 5, basis: 'Fence' } as const;
    assert.deepEqual(one(base(fencedAt, { status: { recovery: [had] } })), had);
  });

  describe('amended by the source`s return', () => {
    const had = { database: 'orders', grade: 'Estimated', lossMs: 5, basis: 'Open' } as const;
    const after = (value: Evidence['value'], more: Case = {}) =>
      one(base(compared(value), { ...more, status: { recovery: [had], ...more.status } }));

    it('is measured as nothing where nothing was lost', () => {
      const found = after({ lostCommits: 0, postReturnCommits: 0 });
      assert.deepEqual(found, {
        ...had,
        grade: 'Measured',
        lossMs: 0,
        basis: 'Compared',
        lostCommits: 0,
        postReturnCommits: 0,
      });
    });
    it('is measured from the first lost commit to the last', () => {
      const found = after({ lostCommits: 3, postReturnCommits: 1, firstLostAt: 1_000, lastLostAt: 9_000 });
      assert.deepEqual(found, {
        ...had,
        grade: 'Measured',
        lossMs: 8_000,
        basis: 'Compared',
        point: { earliest: 1_000, latest: 1_000 },
        lostCommits: 3,
        postReturnCommits: 1,
        firstLostAt: 1_000,
        lastLostAt: 9_000,
      });
    });
    it('is measured to the attested end, unless a commit is later', () => {
      const value = { lostCommits: 1, postReturnCommits: 0, firstLostAt: 1_000, lastLostAt: 9_000 };
      const attested = (when: number): Case => ({ run: { attestations: [anAttestation('*', when)] } });
      assert.equal(after(value, attested(20_000))?.lossMs, 19_000);
      assert.equal(after(value, attested(2_000))?.lossMs, 8_000);
    });
    it('reaches to the fence of a source that came back before the promotion and took more', () => {
      const measured = (postReturnCommits: number, fencedMs: number): number | undefined => {
        const value = { lostCommits: 1, postReturnCommits, firstLostAt: start, lastLostAt: start + 8_000 };
        const steps = {
          ...compared(value),
          'finish-fence/orders': outcome('Succeeded', {}, start + fencedMs),
          'promote/orders': outcome('Succeeded', { switchpoint: '0/6000' }, start + 60_000),
        };
        return one(base(steps, { status: { recovery: [had] } }))?.lossMs;
      };
      assert.equal(measured(2, 50_000), 50_000);
      assert.equal(measured(0, 50_000), 8_000, 'it took nothing more');
      assert.equal(measured(2, 70_000), 8_000, 'it came back afterwards: counted apart, and no loss of the move');
    });
    it('is not measured where the times of the lost commits are not known', () => {
      const found = after({ lostCommits: 3, postReturnCommits: 0 });
      assert.deepEqual([found?.grade, found?.lossMs, found?.lostCommits], ['Estimated', 5, 3]);
    });
    it('stays what it was where nothing could be read', () => {
      const steps = { ...fencedAt, 'compare/orders': outcome('Overridden') };
      assert.deepEqual(one(base(steps, { status: { recovery: [had] } })), had);
      const vacuous = { ...fencedAt, 'compare/orders': outcome('Vacuous') };
      assert.deepEqual(one(base(vacuous, { status: { recovery: [had] } })), had);
    });
    it('is not amended twice', () => {
      const once = { ...had, grade: 'Measured', lossMs: 1 } as const;
      assert.deepEqual(after({ lostCommits: 0, postReturnCommits: 0 }, { status: { recovery: [once] } }), once);
    });
    it('says where the diverged data were kept', () => {
      const steps = { ...fencedAt, 'rebuild/orders': outcome('Succeeded', { preservedAt: '/kept' }) };
      assert.equal(one(base(steps, { status: { recovery: [had] } }))?.preservedAt, '/kept');
    });
  });
});
