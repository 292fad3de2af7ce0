import assert from 'node:assert/strict';
import fc from 'fast-check';
import { recoverySkew } from '../../src/api/recovery-skew.ts';
import type { DatabaseRecovery, RecoveryPoint } from '../../src/api/run.ts';
import { aDatabase, aSpec } from '../decide/support/plans.ts';

type Row = Omit<DatabaseRecovery, 'database'>;

const between = (earliest: number, latest: number): { readonly point: RecoveryPoint } => ({
  point: { earliest, latest },
});

/** All that a database of a run may show: every grade, with and without a point; left behind; not decided yet. */
const kinds: Readonly<Record<string, Row | undefined>> = {
  'the position reached': { grade: 'Bounded', lossMs: 0, basis: 'Position', ...between(700, 720) },
  bounded: { grade: 'Bounded', lossMs: 300, basis: 'Fence', ...between(450, 750) },
  'measured, lossy': { grade: 'Measured', lossMs: 200, basis: 'Compared', ...between(500, 501) },
  'measured as nothing': { grade: 'Measured', lossMs: 0, basis: 'Compared', ...between(400, 760) },
  open: { grade: 'Estimated', lossMs: 90, basis: 'Open', ...between(300, 900) },
  unknown: { grade: 'Unknown', basis: 'NoSample' },
  'of an older operator': { grade: 'Bounded', lossMs: 5, basis: 'Fence' },
  'left behind': { grade: 'Unknown', basis: 'NotPromoted' },
  'not promoted yet': undefined,
};

const skewOf = (rows: readonly (Row | undefined)[]) =>
  recoverySkew({
    snapshot: aSpec({ databases: rows.map((_row, index) => aDatabase(`db${String(index)}`)) }),
    recovery: rows.flatMap((row, index) => (row === undefined ? [] : [{ database: `db${String(index)}`, ...row }])),
  });

/** Another way to the same number: each point stands at either end of where it may be; the worst of all such worlds. */
function worst(points: readonly RecoveryPoint[]): number {
  const worlds = points.reduce<readonly (readonly number[])[]>(
    (made, { earliest, latest }) =>
      made.flatMap((world) => [
        [...world, earliest],
        [...world, latest],
      ]),
    [[]],
  );
  return Math.max(...worlds.map((world) => Math.max(...world) - Math.min(...world)));
}

function product(count: number): readonly (readonly string[])[] {
  if (count === 0) return [[]];
  return product(count - 1).flatMap((some) => Object.keys(kinds).map((kind) => [...some, kind]));
}

describe('the skew between the recovery points of a run', () => {
  it('is none without a plan, without a database and with a single one', () => {
    assert.equal(recoverySkew({ recovery: [] }), undefined);
    assert.equal(skewOf([]), undefined);
    for (const row of Object.values(kinds)) assert.equal(skewOf([row]), undefined);
  });

  for (const count of [2, 3]) {
    it(`of ${String(count)} databases: whatever each of them shows`, () => {
      for (const names of product(count)) {
        const rows = names.map((name) => kinds[name]);
        const decided = rows.flatMap((row) => (row === undefined ? [] : [row]));
        const unknownOf = rows.flatMap((row, index) =>
          row !== undefined && row.point === undefined ? [`db${String(index)}`] : [],
        );
        const points = decided.flatMap(({ point }) => (point === undefined ? [] : [point]));
        const wanted =
          decided.length < rows.length
            ? undefined
            : unknownOf.length > 0
              ? { known: false, unknownOf }
              : { known: true, atMostMs: worst(points) };
        assert.deepEqual(skewOf(rows), wanted, names.join(' + '));
      }
    });
  }

  it('is never exceeded, wherever between their ends the points are, and no smaller bound would do', () => {
    const row = fc
      .tuple(fc.integer({ min: 0, max: 9_999 }), fc.nat(999), fc.nat(1_000))
      .map(([earliest, width, share]) => ({
        ...between(earliest, earliest + width),
        truth: earliest + (width * share) / 1_000,
      }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), (rows) => {
        const skew = skewOf(rows.map(({ point }) => ({ grade: 'Bounded', lossMs: 1, point })));
        assert.ok(skew?.known);
        const truths = rows.map(({ truth }) => truth);
        assert.ok(Math.max(...truths) - Math.min(...truths) <= skew.atMostMs);
        assert.equal(skew.atMostMs, worst(rows.map(({ point }) => point)));
      }),
    );
  });

  it('leaves out what the plan has not', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const recovery: readonly DatabaseRecovery[] = ['orders', 'ledger', 'gone'].map((database) => ({
      database,
      grade: database === 'gone' ? 'Unknown' : 'Bounded',
      ...(database === 'gone' ? {} : between(5, 5)),
    }));
    assert.deepEqual(recoverySkew({ snapshot: spec, recovery }), { known: true, atMostMs: 0 });
  });
});
