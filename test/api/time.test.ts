import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTime, formatTime } from '../../src/api/time.ts';

const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const earliest = Date.parse('0000-01-01T00:00:00.000Z');

describe('time', () => {
  it('is what Date says, over all years that RFC 3339 can name', () => {
    fc.assert(
      fc.property(fc.integer({ min: earliest, max: latest }), (ms) => {
        assert.equal(formatTime(ms), new Date(ms).toISOString());
        assert.equal(parseTime(formatTime(ms)), ms);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads every day of the calendar, and no other, as Date does', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(13), fc.nat(32), (year, month, day) => {
        const two = (n: number): string => String(n).padStart(2, '0');
        const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T12:00:00Z`;
        const date = new Date(text);
        // Date rolls 31 February over into March in some engines: the day must come back as it was written.
        const real = !Number.isNaN(date.getTime()) && date.getUTCDate() === day;
        assert.equal(parseTime(text), real ? date.getTime() : undefined, text);
      }),
      { numRuns: 5000 },
    );
  });

  it('reads offsets, missing and long fractions as Date does', () => {
    for (const text of [
      '2026-03-01T09:30:00Z',
      '2026-03-01T09:30:00.5Z',
      '2026-03-01T09:30:00.123456Z',
      '2026-03-01T00:30:00.001+02:00',
      '2026-02-28T23:30:00-05:30',
      '2024-02-29T00:00:00Z',
    ]) {
      assert.equal(parseTime(text), Date.parse(text), text);
    }
    assert.equal(parseTime('2026-03-01T09:30:00,25+02:00'), Date.parse('2026-03-01T07:30:00.250Z'));
    assert.equal(parseTime('2016-12-31T23:59:60Z'), Date.UTC(2017, 0, 1));
  });

  it('reads nothing that it could not write', () => {
    assert.equal(parseTime('9999-12-31T23:59:59-01:00'), latest);
    assert.equal(parseTime('0000-01-01T00:00:00+01:00'), earliest);
  });

  it('takes nothing else for a time', () => {
    for (const text of [
      '',
      '2026-03-01',
      '2026-03-01T09:30:00',
      '2026-03-01 09:30:00Z',
      '2026-13-01T09:30:00Z',
      '2023-02-29T09:30:00Z',
      '1900-02-29T09:30:00Z',
      '2026-03-01T24:00:00Z',
      '2026-03-01T09:60:00Z',
      '2026-03-01T09:30:61Z',
      '2026-03-01T09:30:00+24:00',
      '2026-03-01T09:30:00 1Z',
      '2026-03-01T09:30:00,Z',
      '2026-03-01T09:30:00Z ',
      '１026-03-01T09:30:00Z',
    ]) {
      assert.equal(parseTime(text), undefined, text);
    }
  });

  it('drops what is below a millisecond, also before 1970, and refuses what has no form', () => {
    assert.equal(formatTime(1.999), '1970-01-01T00:00:00.001Z');
    assert.equal(formatTime(-0.5), '1969-12-31T23:59:59.999Z');
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, latest + 1, earliest - 1]) {
      assert.throws(() => formatTime(ms), RangeError);
    }
  });
});
