import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lossBound, replayedNow } from '../../src/decide/loss.ts';
import { compareLsn, formatLsn } from '../../src/drivers/databases/lsn.ts';
import { aPrimary, aStandby, at, everyWhy, inEast, inWest, lost, seen } from './support/facts.ts';
import { anAttestation, aSample, contextFor, outcome, type Case } from './support/runs.ts';
import { west, withFailover } from './support/plans.ts';

const samples = [
  aSample('orders', 100_000, '0/3000'),
  aSample('orders', 200_000, '0/4000'),
  aSample('orders', 300_000, '0/5000'),
  aSample('orders', 400_000, '0/6000'),
];
const bound = (given: Case, reached: string | undefined = '0/5000') =>
  lossBound(contextFor({ status: { samples }, ...given }), 'orders', reached);
const fencedAt = (ms: number): Case => ({ steps: { 'fence/orders': outcome('Succeeded', {}, at(ms).wall) } });

describe('the bound of the loss', () => {
  /** Asynchronous commits may lie 600 ms behind. */
  const rows: readonly (readonly [string, () => ReturnType<typeof bound>, ReturnType<typeof bound>])[] = [
    [
      'the position reached',
      () => bound({ mode: 'Planned', steps: { 'position/orders': outcome('Succeeded') } }),
      { grade: 'Bounded', lossMs: 0, basis: 'Position' },
    ],
    [
      'the position not reached',
      () => bound({ mode: 'Planned' }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'the position only pretended',
      () => bound({ mode: 'Planned', steps: { 'position/orders': outcome('Pretended') } }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'nothing known of the standby',
      () => lossBound(contextFor({ status: { samples } }), 'orders', undefined),
      { grade: 'Unknown', basis: 'NoSample' },
    ],
    ['no sample', () => bound({ status: { samples: [] } }), { grade: 'Unknown', basis: 'NoSample' }],
    ['no sample at or below what is replayed', () => bound({}, '0/2FFF'), { grade: 'Unknown', basis: 'NoSample' }],
    [
      'samples of another database',
      () => bound({ status: { samples: [aSample('ledger', 0, '0/1')] } }),
      { grade: 'Unknown', basis: 'NoSample' },
    ],
    [
      'samples of the other region',
      () => bound({ status: { samples: [aSample('orders', 0, '0/1', west)] } }),
      { grade: 'Unknown', basis: 'NoSample' },
    ],
    ['neither fenced nor attested', () => bound({}), { grade: 'Estimated', lossMs: 300_000, basis: 'Open' }],
    ['one byte below a sample', () => bound({}, '0/4FFF'), { grade: 'Estimated', lossMs: 400_000, basis: 'Open' }],
    ['fenced', () => bound(fencedAt(450_000)), { grade: 'Bounded', lossMs: 150_600, basis: 'Fence' }],
    [
      'fenced before the newest covered sample',
      () => bound(fencedAt(250_000)),
      { grade: 'Bounded', lossMs: 600, basis: 'Fence' },
    ],
    [
      'no writer',
      () => bound({ steps: { 'fence/orders': outcome('Vacuous') } }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'the newest covered sample of a clock that was set back',
      () => bound({ status: { samples: [...samples, aSample('orders', 600_001, '0/5000')] } }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'only samples of a clock that was set back',
      () => bound({ status: { samples: [aSample('orders', 600_001, '0/5000')] } }),
      { grade: 'Unknown', basis: 'NoSample' },
    ],
    [
      'the source back, and fenced before the promotion',
      () =>
        bound({
          steps: {
            'fence/orders': outcome('Overridden'),
            'finish-fence/orders': outcome('Succeeded', {}, at(450_000).wall),
          },
          run: { attestations: [anAttestation('*', at(420_000).wall)] },
        }),
      { grade: 'Bounded', lossMs: 150_600, basis: 'Fence' },
    ],
    [
      'the source back, and fenced after the promotion',
      () =>
        bound({
          steps: {
            'fence/orders': outcome('Overridden'),
            'promote/orders': outcome('Succeeded', {}, at(450_000).wall),
            'finish-fence/orders': outcome('Succeeded', {}, at(450_000).wall),
          },
          run: { attestations: [anAttestation('*', at(420_000).wall)] },
        }),
      { grade: 'Bounded', lossMs: 120_600, basis: 'Attested' },
    ],
    [
      'fenced for best effort only',
      () =>
        bound({
          spec: withFailover({ fencing: 'BestEffort' }),
          steps: { 'fence/orders': outcome('Overridden', {}, at(450_000).wall) },
        }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'attested',
      () => bound({ run: { attestations: [anAttestation('orders', at(450_000).wall)] } }),
      { grade: 'Bounded', lossMs: 150_600, basis: 'Attested' },
    ],
    [
      'all attested',
      () => bound({ run: { attestations: [anAttestation('*', at(450_000).wall)] } }),
      { grade: 'Bounded', lossMs: 150_600, basis: 'Attested' },
    ],
    [
      'another attested',
      () => bound({ run: { attestations: [anAttestation('ledger', at(450_000).wall)] } }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'attested for before it last answered',
      () => bound({ run: { attestations: [anAttestation('*', at(350_000).wall)] } }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'attested, and seen open',
      () =>
        bound({
          run: { attestations: [anAttestation('*', at(450_000).wall)] },
          observed: { databases: { [inEast('orders')]: seen(aPrimary()) } },
        }),
      { grade: 'Estimated', lossMs: 300_000, basis: 'Open' },
    ],
    [
      'fenced and attested: the fence',
      () => bound({ ...fencedAt(450_000), run: { attestations: [anAttestation('*', at(420_000).wall)] } }),
      { grade: 'Bounded', lossMs: 150_600, basis: 'Fence' },
    ],
  ];
  for (const [name, found, wanted] of rows) {
    it(`with ${name}: ${wanted.grade} ${String(wanted.lossMs ?? '')}`, () => {
      assert.deepEqual(found(), wanted);
    });
  }

  it('is never zero, nor a number at all, when nothing is known', () => {
    assert.ok(!('lossMs' in bound({ status: { samples: [] } })));
  });

  it('covers every write of the source, whatever was sampled and replayed', () => {
    const histories = fc.record({
      /** ms and bytes between one commit of the source and the next. */
      commits: fc.array(
        fc.record({ ms: fc.integer({ min: 1, max: 5_000 }), bytes: fc.integer({ min: 1, max: 9_000 }) }),
        { minLength: 1, maxLength: 60 },
      ),
      /** Whether a commit was followed by a sample. */
      sampled: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      replayed: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(histories, ({ commits, sampled, replayed }) => {
        let [ms, bytes] = [0, 1];
        const journal = commits.map((commit) => {
          ms += commit.ms;
          bytes += commit.bytes;
          return { ms, lsn: formatLsn(BigInt(bytes)) };
        });
        const looks = journal.filter((_one, index) => sampled[index]).map((one) => aSample('orders', one.ms, one.lsn));
        const reached = journal[Math.min(replayed, journal.length - 1)]?.lsn ?? '0/1';
        const end = ms + 1;
        const found = lossBound(contextFor({ status: { samples: looks }, ...fencedAt(end) }), 'orders', reached);
        const firstLost = journal.find((one) => compareLsn(one.lsn, reached) > 0);
        if (found.grade === 'Unknown') {
          assert.ok(looks.every((look) => compareLsn(look.lsn, reached) > 0));
          return;
        }
        assert.equal(found.grade, 'Bounded');
        const exposure = firstLost === undefined ? 0 : end - firstLost.ms;
        assert.ok((found.lossMs ?? 0) >= exposure, `${String(found.lossMs)} does not cover ${String(exposure)}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what the standby has replayed', () => {
  it('is known only where it is seen', () => {
    const reached = (database: ReturnType<typeof seen<ReturnType<typeof aStandby>>>) =>
      replayedNow(contextFor({ observed: { databases: { [inWest('orders')]: database } } }), 'orders');
    assert.equal(reached(seen(aStandby({ position: '0/7' }))), '0/7');
    assert.equal(reached(seen(aPrimary({ position: '0/7' }))), undefined, 'of a primary it tells nothing');
    assert.equal(reached(seen(aPrimary({ position: '0/7', switchpoint: '0/5' }))), '0/5');
    for (const why of everyWhy) assert.equal(reached(lost(why)), undefined);
    assert.equal(replayedNow(contextFor(), 'orders'), undefined);
  });
});
