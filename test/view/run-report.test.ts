import assert from 'node:assert/strict';
import type { Objectives } from '../../src/api/plan.ts';
import type { Milestones } from '../../src/api/run.ts';
import { runReport } from '../../src/view/run-report.ts';
import { start } from '../decide/support/facts.ts';
import { aSpec } from '../decide/support/plans.ts';
import { aRun, aStatus } from '../decide/support/runs.ts';

const second = 1_000;
const milestones: Milestones = {
  disruption: start - 30 * second,
  declared: start,
  started: start + 5 * second,
  fenced: start + 6 * second,
  opened: start + 26 * second,
  trafficObserved: start + 40 * second,
  sustained: start + 70 * second,
};

function reportOf(clockStart: Objectives['clockStart'], seen: Milestones = milestones) {
  const snapshot = aSpec({ objectives: { rtoMs: 300 * second, rpoMs: 30 * second, clockStart } });
  const { json, markdown } = runReport(aRun(aStatus({ snapshot, milestones: seen })));
  const data = JSON.parse(json) as { rto?: number; rtoFrom?: string; segments: { name: string; ms: number }[] };
  return { data, rto: /- RTO .*/.exec(markdown)?.[0], markdown };
}

describe('the RTO in the report of a run', () => {
  it('counts from what the plan says', () => {
    assert.equal(reportOf('Declared').rto, '- RTO 5m: 1m10s from Declared');
    assert.equal(reportOf('Disruption').rto, '- RTO 5m: 1m40s from Disruption');
    assert.equal(reportOf('Started').rto, '- RTO 5m: 1m5s from Started');
  });

  it('does not claim to count from what nobody has seen', () => {
    const { rto, data } = reportOf('Detected');
    assert.equal(rto, '- RTO 5m: 1m10s from Declared (the plan counts from Detected, which was not seen)');
    assert.deepEqual([data.rto, data.rtoFrom], [70 * second, 'Declared']);
  });

  it('is made up of segments from one instant that was seen to the next', () => {
    const { data, markdown } = reportOf('Declared');
    assert.deepEqual(data.segments, [
      { name: 'approved and started', ms: 5 * second },
      { name: 'fenced', ms: second },
      { name: 'databases open', ms: 20 * second },
      { name: 'traffic observed', ms: 14 * second },
      { name: 'sustained healthy', ms: 30 * second },
    ]);
    assert.equal(
      data.segments.reduce((sum, { ms }) => sum + ms, 0),
      data.rto,
    );
    assert.match(markdown, /- databases open: 20s/);
  });

  it('does not count what came after it was sustained, and says it apart', () => {
    const { data, markdown } = reportOf('Declared', { ...milestones, fenced: start + 100 * second });
    assert.equal(
      data.segments.reduce((sum, { ms }) => sum + ms, 0),
      data.rto,
    );
    assert.match(markdown, /^- fenced, 30s after that, which the RTO does not count$/m);
  });

  it('is not measured before it is sustained', () => {
    const { sustained: _none, ...seen } = milestones;
    const { rto, data } = reportOf('Declared', seen);
    assert.deepEqual([rto, data.rto], ['- RTO 5m: not yet measured', undefined]);
  });
});
