import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePlanStatus } from '../../src/api/parse-plan-status.ts';
import { parsePlan } from '../../src/api/parse-plan.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import { renderPlanStatus } from '../../src/api/render-plan-status.ts';
import { renderRunSpec, renderRunStatus } from '../../src/api/render-run.ts';
import type { DatabaseRecovery, RunStatus } from '../../src/api/run.ts';
import { arbitrarySpec } from '../api/arbitrary-plan.ts';
import { wirePlan } from '../api/wire-plan.ts';
import { arbitraryPlanStatus, arbitraryRunSpec, arbitraryRunStatus } from '../api/arbitrary-run.ts';
import { aDatabase, aSpec } from '../decide/support/plans.ts';
import { aStatus } from '../decide/support/runs.ts';
import { plan, run } from './objects.ts';
import { sandboxJudge } from './sandbox-server.ts';

const plain = <T>(value: T): T => structuredClone(value);

describe('a status that the operator writes', () => {
  const judge = sandboxJudge();

  it('is stored by the API server as it was written: nothing pruned, nothing refused', () => {
    fc.assert(
      fc.property(arbitraryRunSpec.map(plain), arbitraryRunStatus.map(plain), (spec, status) => {
        const name = `checkout-${String(spec.epoch)}`;
        const object = { ...run, metadata: { name }, spec: renderRunSpec(spec), status: renderRunStatus(status, spec) };
        const verdict = judge(object);
        assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
        assert.deepEqual(verdict.pruned, []);
        const stored = parseRun(verdict.object);
        assert.ok(stored.ok);
        assert.deepStrictEqual(stored.value.status, status);
      }),
      { numRuns: 100 },
    );
  });

  it('is stored as it was written, of a plan too', () => {
    fc.assert(
      fc.property(arbitraryPlanStatus.map(plain), (status) => {
        const verdict = judge({ ...plan, status: renderPlanStatus(status) });
        assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
        assert.deepEqual(verdict.pruned, []);
        const stored = parsePlanStatus(verdict.object);
        assert.ok(stored.ok);
        assert.deepStrictEqual(stored.value, status);
      }),
      { numRuns: 200 },
    );
  });

  it('is accepted however much there is to say: texts are cut, and lists', () => {
    const long = '𝒳'.repeat(10_000);
    const evidence = Array.from({ length: 100 }, () => ({ what: long, at: 1, value: { text: long } }));
    const status: RunStatus = {
      phase: 'Recovery',
      observedGeneration: 1,
      message: long,
      milestones: {},
      abort: { at: 1, reason: long, message: long },
      recovery: [{ database: 'orders', grade: 'Bounded', lossMs: -5, preservedAt: long, basis: long }],
      words: Array.from({ length: 100 }, (_, at) => ({
        gate: `g${String(at)}`,
        evidenceHash: 'h',
        seenAt: at,
        shown: long,
      })),
      refusals: Array.from({ length: 100 }, (_, at) => ({
        request: `${String(at)}${long}`,
        reason: long,
        message: long,
        at,
      })),
      samples: Array.from({ length: 2000 }, (_, at) => ({ database: 'orders', region: 'east', at, lsn: '0/1' })),
      steps: [
        {
          id: 'fence/orders',
          kind: 'Fence',
          phase: 'Recovery',
          after: [],
          effect: 'Reversible',
          state: 'Blocked',
          since: 1,
          waitsFor: { reason: long, message: long, evidence, next: long },
          intent: { token: 't', action: 'Do', holder: long, at: 1, notAfter: 1, attempt: 1, firstAt: 1 },
          outcome: { state: 'Succeeded', at: 1, evidence },
        },
      ],
    };
    const verdict = judge({ ...run, status: renderRunStatus(status, plain(parsedSpec())) });
    assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
    const stored = parseRun(verdict.object);
    assert.ok(stored.ok);
    const [step] = stored.value.status.steps;
    assert.equal(step?.outcome?.evidence.length, 64);
    assert.equal(step.outcome.evidence[0]?.value, undefined, 'half a value would be read back as another one');
    assert.match(step.waitsFor?.message ?? '', /^𝒳+…$/u, 'no half of a character');
    assert.equal(stored.value.status.samples.at(-1)?.at, 1999, 'the newest samples are kept');
    assert.equal(stored.value.status.recovery[0]?.lossMs, undefined, 'a negative loss is no measurement');
  });
});

describe('the skew between databases in a status', () => {
  const judge = sandboxJudge();
  const databases = [aDatabase('orders'), aDatabase('ledger')];
  const shownOf = (ledger: Partial<DatabaseRecovery>): unknown => {
    const point = { earliest: 1_000, latest: 2_500 };
    const status = aStatus({
      snapshot: aSpec({ databases }),
      recovery: [
        { database: 'orders', grade: 'Bounded', lossMs: 5, point },
        { database: 'ledger', grade: 'Unknown', ...ledger },
      ],
    });
    const verdict = judge({ ...run, status: renderRunStatus(status, parsedSpec()) });
    assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
    assert.deepEqual(verdict.pruned, []);
    const stored = parseRun(verdict.object);
    assert.ok(stored.ok);
    assert.deepEqual(stored.value.status.recovery, status.recovery);
    return (verdict.object as { readonly status: { readonly recoverySkew?: unknown } }).status.recoverySkew;
  };

  it('is stored as a bound, or as whose point is not known', () => {
    assert.deepEqual(shownOf({ grade: 'Measured', lossMs: 0, point: { earliest: 0, latest: 4_000 } }), {
      atMost: '3s',
    });
    assert.deepEqual(shownOf({ basis: 'NotPromoted' }), { unknownOf: ['ledger'] });
  });
});

function parsedSpec() {
  const parsed = parseRun(run);
  assert.ok(parsed.ok);
  return parsed.value.spec;
}

describe('an object that nobody has looked at', () => {
  const judge = sandboxJudge();

  it('is in progress for whoever waits: kstatus takes Ready=Unknown and an old generation for that', () => {
    const verdict = judge(plan);
    assert.ok(verdict.ok);
    const status = parsePlanStatus(verdict.object);
    assert.ok(status.ok);
    assert.equal(status.value.observedGeneration, -1);
    assert.deepEqual(
      status.value.conditions.map((c) => [c.type, c.status]),
      [['Ready', 'Unknown']],
    );
    const fresh = judge(run);
    assert.ok(fresh.ok);
    const parsed = parseRun(fresh.object);
    assert.ok(parsed.ok);
    assert.equal(parsed.value.status.phase, 'Pending');
    assert.equal(parsed.value.status.observedGeneration, -1);
  });

  it('reads as what was meant, whatever plan it is, after the API server has stored it', () => {
    fc.assert(
      fc.property(arbitrarySpec.map(plain), (spec) => {
        const verdict = judge(wirePlan(spec));
        assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
        assert.deepEqual(verdict.pruned, []);
        const parsed = parsePlan(verdict.object);
        assert.ok(parsed.ok, JSON.stringify(parsed));
        assert.deepStrictEqual(parsed.value.spec, spec);
      }),
      { numRuns: 200 },
    );
  });

  it('has the defaults of the CRD, which are those of the program', () => {
    const stored = judge(plan);
    assert.ok(stored.ok);
    assert.deepEqual(parsePlan(stored.object), parsePlan(plan));
  });
});
