import assert from 'node:assert/strict';
import fc from 'fast-check';
import { durationMaxLength, durationPattern, parseDuration, formatDuration } from '../../src/api/duration.ts';

const longest = 99_999 * 3_600_000 + 3_599_999;

describe('duration', () => {
  it('adds its parts up', () => {
    assert.equal(parseDuration('30s'), 30_000);
    assert.equal(parseDuration('1h30m'), 5_400_000);
    assert.equal(parseDuration('5m250ms'), 300_250);
    assert.equal(parseDuration('1s1s'), 2_000);
    assert.equal(parseDuration('0s'), 0);
  });

  it('takes nothing else for a duration', () => {
    for (const text of ['', '30', '-30s', '1.5h', '30 s', '30S', '100000s', '1d', 's', '1s1s1s1s1s', '30s\n']) {
      assert.equal(parseDuration(text), undefined, JSON.stringify(text));
    }
  });

  it('round-trips every whole number of ms, in a form that the CRDs accept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: longest }), (ms) => {
        const text = formatDuration(ms);
        assert.equal(parseDuration(text), ms);
        assert.match(text, new RegExp(durationPattern));
        assert.ok(text.length <= durationMaxLength);
      }),
      { numRuns: 2000 },
    );
  });

  it('is written with the largest units first, rounded up, never below its value', () => {
    assert.equal(formatDuration(5_400_000), '1h30m');
    assert.equal(formatDuration(0), '0s');
    assert.equal(formatDuration(999.01), '1s');
    assert.equal(formatDuration(longest * 2), '99999h59m59s999ms');
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => formatDuration(ms), RangeError);
  });
});
