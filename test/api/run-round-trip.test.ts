import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePlanStatus } from '../../src/api/parse-plan-status.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import { renderPlanStatus } from '../../src/api/render-plan-status.ts';
import { renderRunSpec, renderRunStatus } from '../../src/api/render-run.ts';
import { arbitraryPlanStatus, arbitraryRunSpec, arbitraryRunStatus } from './arbitrary-run.ts';

/** What an API server gives back: the same JSON, and nothing that JSON cannot hold. */
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** fast-check's records have no prototype; the program's have. */
const plain = <T>(value: T): T => structuredClone(value);

describe('a Run on the wire', () => {
  it('is read back exactly as it was written, whatever stands in it', () => {
    fc.assert(
      fc.property(arbitraryRunSpec.map(plain), arbitraryRunStatus.map(plain), (spec, status) => {
        const object = {
          metadata: { name: `checkout-${String(spec.epoch)}`, namespace: 'payments', uid: 'u', resourceVersion: '7' },
          spec: renderRunSpec(spec),
          status: renderRunStatus(status, spec),
        };
        const parsed = parseRun(overTheWire(object));
        assert.ok(parsed.ok, JSON.stringify(parsed));
        assert.deepStrictEqual(parsed.value.spec, spec);
        assert.deepStrictEqual(parsed.value.status, status);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a status of a plan on the wire', () => {
  it('is read back exactly as it was written', () => {
    fc.assert(
      fc.property(arbitraryPlanStatus.map(plain), (status) => {
        const parsed = parsePlanStatus(overTheWire({ status: renderPlanStatus(status) }));
        assert.ok(parsed.ok, JSON.stringify(parsed));
        assert.deepStrictEqual(parsed.value, status);
      }),
      { numRuns: 500 },
    );
  });
});
