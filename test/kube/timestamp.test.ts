import assert from 'node:assert/strict';
import fc from 'fast-check';
import { microTime, rfc3339, rfc3339Seconds } from '../../src/kube/timestamp.ts';

describe('timestamp', () => {
  it('is what Date says, without Date', () => {
    const wall = fc.integer({ min: Date.UTC(1600, 0, 1), max: Date.UTC(9999, 11, 31) });
    fc.assert(fc.property(wall, (ms) => assert.equal(rfc3339(ms), new Date(ms).toISOString())));
  });

  it('has the forms Kubernetes takes', () => {
    assert.equal(rfc3339Seconds(951_782_399_999), '2000-02-28T23:59:59Z');
    assert.equal(rfc3339(951_868_799_001.7), '2000-02-29T23:59:59.001Z');
    assert.equal(microTime(4_107_542_400_042), '2100-03-01T00:00:00.042000Z');
  });
});
