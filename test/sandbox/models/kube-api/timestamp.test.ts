import assert from 'node:assert/strict';
import {
  humanDuration,
  isDateTime,
  microTimestamp,
  parseTimestamp,
  timestamp,
} from '../../../../src/sandbox/models/kube-api/timestamp.ts';

describe('kube-api: timestamps', () => {
  it('agree with Date over two centuries', () => {
    for (
      let ms = Date.parse('1900-01-01T00:00:00Z');
      ms < Date.parse('2110-01-01T00:00:00Z');
      ms += 86_400_000 * 9 + 12_345_678
    ) {
      const expected = new Date(ms).toISOString();
      assert.equal(timestamp(ms), `${expected.slice(0, 19)}Z`);
      assert.equal(microTimestamp(ms), `${expected.slice(0, 23)}000Z`);
      assert.equal(parseTimestamp(expected), ms);
    }
  });

  it('read offsets and fractions, and refuse what is no date', () => {
    assert.equal(parseTimestamp('2026-03-01T14:00:00.25+02:00'), Date.parse('2026-03-01T12:00:00.250Z'));
    assert.equal(parseTimestamp('2026-02-28T23:30:00-01:30'), Date.parse('2026-03-01T01:00:00Z'));
    for (const bad of ['2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01', 'now']) {
      assert.equal(parseTimestamp(bad), undefined, bad);
    }
  });

  it('are checked as the API server checks them, which is not whether they can be read', () => {
    for (const good of ['2026-03-01T04:05:06,1Z', '2026-03-01t04:05:06x1z', '2026-03-01T04:05:06+99:99']) {
      assert.equal(isDateTime(good), true, good);
    }
    const bad = [
      ...['2026-02-29T00:00:00Z', '2026-03-01', '2026-03-01T04:05:06', '2026-03-01T24:00:00Z', '2026-03-01T04:60:00Z'],
      ...['2026-03-01T04:05:60Z', '2026-03-01T04:05:06.Z', '2026-03-01T04:05:06\n1Z', '2026-03-01 04:05:06Z', 'T', ''],
    ];
    for (const text of bad) assert.equal(isDateTime(text), false, text);
  });

  it('show ages as kubectl does', () => {
    const table: readonly (readonly [number, string])[] = [
      [0, '0s'],
      [119, '119s'],
      [120, '2m'],
      [200, '3m20s'],
      [600, '10m'],
      [10_799, '179m'],
      [10_800, '3h'],
      [11_100, '3h5m'],
      [86_400, '24h'],
      [172_800, '2d'],
      [180_000, '2d2h'],
      [86_400 * 400, '400d'],
      [86_400 * 800, '2y70d'],
    ];
    for (const [seconds, expected] of table) assert.equal(humanDuration(seconds * 1000), expected);
  });
});
