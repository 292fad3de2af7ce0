import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PositionSample } from '../../src/api/run.ts';
import { samplesKept, thinSamples, withNewSamples } from '../../src/decide/samples.ts';
import { compareLsn, formatLsn } from '../../src/drivers/databases/lsn.ts';
import { aPrimary, aStandby, ago, inEast, inWest, lost, now, seen } from './support/facts.ts';
import { aDatabase, aSpec } from './support/plans.ts';
import { aSample, anIntent, contextFor, outcome, type Case } from './support/runs.ts';

/** A sample each second, the position growing by 256 bytes. */
function row(count: number): readonly PositionSample[] {
  return Array.from({ length: count }, (_none, index) =>
    aSample('orders', index * 1_000, formatLsn(BigInt((index + 1) * 256))),
  );
}

describe('thinning of samples', () => {
  it('drops what lies below the newest that the standby has replayed', () => {
    const samples = row(10);
    assert.deepEqual(thinSamples(samples, '0/500'), samples.slice(4));
    assert.deepEqual(thinSamples(samples, '0/5FF'), samples.slice(4));
    assert.deepEqual(thinSamples(samples, '0/600'), samples.slice(5));
  });

  it('keeps all where the standby has replayed none of them, or cannot be seen', () => {
    assert.deepEqual(thinSamples(row(10), '0/1'), row(10));
    assert.deepEqual(thinSamples(row(10), undefined), row(10));
    assert.deepEqual(thinSamples([], '0/500'), []);
  });

  it('puts them in the order of their time', () => {
    assert.deepEqual(thinSamples([...row(5)].reverse(), undefined), row(5));
  });

  it('keeps as many as allowed, and grows sparse in the older half only', () => {
    assert.deepEqual(thinSamples(row(samplesKept), undefined), row(samplesKept));
    const samples = row(samplesKept + 1);
    const kept = thinSamples(samples, undefined);
    assert.deepEqual(kept.slice(-17), samples.slice(-17), 'the newer half is whole');
    assert.deepEqual(
      kept.map((sample) => samples.indexOf(sample)),
      [0, 2, 4, 6, 8, 10, 12, 14, ...Array.from({ length: 17 }, (_none, index) => index + 16)],
    );
  });

  const histories = fc.record({
    steps: fc.array(fc.record({ ms: fc.integer({ min: 1, max: 9_000 }), bytes: fc.integer({ min: 0, max: 5_000 }) }), {
      maxLength: 150,
    }),
    replayed: fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: undefined }),
  });

  function grown(steps: readonly { readonly ms: number; readonly bytes: number }[]): readonly PositionSample[] {
    let [ms, bytes] = [0, 1];
    return steps.map((step) => {
      ms += step.ms;
      bytes += step.bytes;
      return aSample('orders', ms, formatLsn(BigInt(bytes)));
    });
  }

  it('always keeps the newest, and the newest at or below what is replayed', () => {
    fc.assert(
      fc.property(histories, ({ steps, replayed }) => {
        const samples = grown(steps);
        const position = replayed === undefined ? undefined : formatLsn(BigInt(replayed));
        const kept = thinSamples(samples, position);
        assert.ok(kept.length <= samplesKept);
        assert.deepEqual(kept.at(-1), samples.at(-1));
        if (position !== undefined) {
          const covered = samples.findLast((sample) => compareLsn(sample.lsn, position) <= 0);
          if (covered !== undefined) assert.deepEqual(kept[0], covered);
        }
        assert.ok(kept.every((sample) => samples.includes(sample)));
        assert.deepEqual(
          kept.map((s) => s.at),
          kept.map((s) => s.at).toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('one by one never loses what a standby that only moves forward will need', () => {
    fc.assert(
      fc.property(histories, ({ steps }) => {
        const samples = grown(steps);
        let kept: readonly PositionSample[] = [];
        samples.forEach((sample, index) => {
          const lagging = samples[Math.floor(index / 2)]?.lsn;
          kept = thinSamples([...kept, sample], lagging);
          assert.ok(kept.some((one) => compareLsn(one.lsn, lagging ?? '0/0') <= 0));
          assert.equal(kept.at(-1), sample);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('samples of a run', () => {
  const base: Case = {
    steps: { approve: outcome('Vacuous') },
    observed: {
      databases: {
        [inEast('orders')]: seen(aPrimary({ position: '0/6000' })),
        [inWest('orders')]: seen(aStandby({ position: '0/5000' })),
      },
    },
    status: { samples: [aSample('orders', 0, '0/4000')] },
  };
  const sampled = (given: Case) => withNewSamples(contextFor(given)).samples;
  const unchanged = (given: Case) => {
    const ctx = contextFor(given);
    assert.equal(withNewSamples(ctx), ctx.status, 'the very same status');
  };

  it('grow with each look at a source that still answers', () => {
    assert.deepEqual(sampled(base), [
      aSample('orders', 0, '0/4000'),
      { database: 'orders', region: 'us-east-1', at: now.wall, lsn: '0/6000' },
    ]);
  });

  it('are dated when the look began', () => {
    const databases = { [inEast('orders')]: seen(aPrimary(), ago(3_000)) };
    assert.equal(sampled({ ...base, observed: { databases } }).at(-1)?.at, ago(3_000).wall);
  });

  it('grow by one a second at most', () => {
    const near = (ms: number) => ({
      ...base,
      status: { samples: [{ ...aSample('orders', 0, '0/1'), at: ago(ms).wall }] },
    });
    unchanged(near(999));
    assert.equal(sampled(near(1_000)).length, 2);
  });

  it('drop what is of a clock that was set back', () => {
    const ahead = { ...aSample('orders', 0, '0/4000'), at: now.wall + 1 };
    assert.deepEqual(
      sampled({ ...base, status: { samples: [ahead] } }).map((s) => s.at),
      [now.wall],
    );
  });

  it('are thinned by what the standby has', () => {
    const samples = [aSample('orders', 0, '0/1000'), aSample('orders', 1_000, '0/5000')];
    assert.deepEqual(
      sampled({ ...base, status: { samples } }).map((s) => s.lsn),
      ['0/5000', '0/6000'],
    );
  });

  it('leave those of another database alone', () => {
    const spec = aSpec({ databases: [aDatabase('orders'), aDatabase('ledger')] });
    const samples = [aSample('ledger', 0, '0/1'), aSample('orders', 0, '0/4000')];
    assert.deepEqual(
      sampled({ ...base, spec, status: { samples } }).map((s) => s.database),
      ['ledger', 'orders', 'orders'],
    );
  });

  const none: Readonly<Record<string, Case>> = {
    'before the approval': { ...base, steps: {} },
    'in a planned run, whose position is proven': { ...base, mode: 'Planned' },
    'once its promotion is intended': { ...base, steps: { ...base.steps, 'promote/orders': { intent: anIntent() } } },
    'of a source that cannot be seen': { ...base, observed: { databases: { [inEast('orders')]: lost() } } },
    'of a source that is no primary': { ...base, observed: { databases: { [inEast('orders')]: seen(aStandby()) } } },
    'of a source that was not asked': { ...base, observed: {} },
  };
  for (const [name, given] of Object.entries(none)) {
    it(`do not grow ${name}`, () => {
      unchanged(given);
    });
  }
});
