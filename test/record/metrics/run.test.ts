import assert from 'node:assert/strict';
import type { RunStatus } from '../../../src/api/run.ts';
import { runSamples } from '../../../src/record/metrics/run.ts';
import { start } from '../../decide/support/facts.ts';
import { aSpec } from '../../decide/support/plans.ts';
import { aRun, aStatus } from '../../decide/support/runs.ts';
import { shown } from './support.ts';

const spec = aSpec();
const of = (over: Partial<RunStatus>, afterMs: number): Readonly<Record<string, number>> => ({
  ...shown(runSamples(aRun(aStatus({ snapshot: spec, ...over })), start + afterMs), ['plan_namespace', 'plan', 'run']),
});
const rto = spec.objectives.rtoMs / 1000;

describe('metrics of a run', () => {
  it('count its time up and its RTO down while it is under way, below zero too', () => {
    const early = of({}, 10_000);
    assert.equal(early['maestro_dr_run_duration_seconds{}'], 10);
    assert.equal(early['maestro_dr_run_rto_remaining_seconds{}'], rto - 10);
    assert.equal(early['maestro_dr_run_rto_seconds{}'], undefined);
    const late = of({}, (rto + 5) * 1000);
    assert.equal(late['maestro_dr_run_rto_remaining_seconds{}'], -5);
  });

  it('have the RTO actual once the recovery was sustained, and nothing left of it', () => {
    const done = of({ milestones: { declared: start, sustained: start + 42_000 } }, 90_000);
    assert.equal(done['maestro_dr_run_rto_seconds{}'], 42);
    assert.equal(done['maestro_dr_run_rto_remaining_seconds{}'], undefined);
    assert.equal(done['maestro_dr_run_duration_seconds{}'], 90);
  });

  it('stand still when it has ended, without an RTO that was never measured', () => {
    const ended = of({ phase: 'Aborted', finishedAt: start + 7_000 }, 90_000);
    assert.equal(ended['maestro_dr_run_phase{phase=Aborted}'], 1);
    assert.equal(ended['maestro_dr_run_duration_seconds{}'], 7);
    assert.equal(ended['maestro_dr_run_rto_seconds{}'], undefined);
    assert.equal(ended['maestro_dr_run_rto_remaining_seconds{}'], undefined);
  });

  it('grade what was lost, and give no number where it is not known', () => {
    const lost = of(
      {
        recovery: [
          { database: 'orders', grade: 'Bounded', lossMs: 8_350 },
          { database: 'ledger', grade: 'Unknown' },
        ],
      },
      0,
    );
    assert.equal(lost['maestro_dr_run_rpo_seconds{database=orders,grade=Bounded}'], 8.35);
    assert.equal(lost['maestro_dr_run_rpo_grade{database=ledger,grade=Unknown}'], 1);
    assert.deepEqual(
      Object.keys(lost).filter((series) => series.startsWith('maestro_dr_run_rpo_seconds{database=ledger')),
      [],
    );
  });

  it('leave out what is not decided yet', () => {
    const { snapshot: _none, ...status } = aStatus({ milestones: {} });
    const samples = { ...shown(runSamples(aRun(status), start), ['plan_namespace', 'plan', 'run']) };
    assert.deepEqual(Object.keys(samples), [
      'maestro_dr_run_info{type=Failover,target_region=us-west-2,source_region=us-east-1}',
      'maestro_dr_run_phase{phase=Activation}',
    ]);
  });
});
