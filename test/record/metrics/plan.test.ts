import assert from 'node:assert/strict';
import type { Condition, PlanStatus } from '../../../src/api/plan-status.ts';
import { planSamples } from '../../../src/record/metrics/plan.ts';
import { aPlan, aSpec } from '../../decide/support/plans.ts';
import { shown } from './support.ts';

const status: PlanStatus = { observedGeneration: 1, epoch: 3, workloads: [], conditions: [] };

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: '',
  lastTransitionAt: 0,
  observedGeneration: 1,
});

const of = (over: Partial<PlanStatus>, lags: Parameters<typeof planSamples>[2] = []): string[] =>
  Object.entries(shown(planSamples(aPlan(), { ...status, ...over }, lags))).map(
    ([series, value]) => `${series} ${String(value)}`,
  );

describe('metrics of a plan', () => {
  it('tell its policy and objectives, in seconds, before anything was looked at', () => {
    const { objectives, databases } = aPlan().spec;
    const lines = of({});
    assert.ok(lines.includes(`maestro_dr_plan_rto_objective_seconds{} ${String(objectives.rtoMs / 1000)}`));
    assert.ok(lines.includes(`maestro_dr_plan_rpo_objective_seconds{} ${String(objectives.rpoMs / 1000)}`));
    assert.ok(lines.includes('maestro_dr_plan_epoch{} 3'));
    for (const { name } of databases) {
      assert.ok(lines.includes(`maestro_dr_plan_database_info{database=${name},kind=postgresql} 1`));
    }
    const unknown = /active_region|protected|fence_incomplete|lag|condition/;
    assert.deepEqual(
      lines.filter((line) => unknown.test(line)),
      [],
      'what was not seen has no series',
    );
  });

  it('tell where it is active once that was seen, and how far each standby is behind', () => {
    const lines = of({ activeRegion: 'us-east-1' }, [{ database: 'orders', ms: 1_500 }]);
    assert.ok(lines.includes('maestro_dr_plan_active_region{region=us-east-1} 1'));
    assert.ok(lines.includes('maestro_dr_plan_replication_lag_seconds{database=orders} 1.5'));
    assert.deepEqual(
      of({}, [{ database: 'gone', ms: 1 }]).filter((line) => line.includes('lag')),
      [],
      'a database that the plan does not name any more has none',
    );
  });

  it('say protected or not, and neither where it is not known', () => {
    const said = (status: Condition['status']): string[] =>
      of({ conditions: [condition('Protected', status, 'Streaming')] }).filter((line) => line.includes('protected'));
    assert.deepEqual(said('True'), ['maestro_dr_plan_protected{} 1']);
    assert.deepEqual(said('False'), ['maestro_dr_plan_protected{} 0']);
    assert.deepEqual(said('Unknown'), []);
  });

  it('say that a fence is open, and that none is once the plan was looked at', () => {
    const ready = condition('Ready', 'True', 'Active');
    const said = (...conditions: Condition[]): string[] =>
      of({ conditions }).filter((line) => line.includes('fence_incomplete'));
    assert.deepEqual(said(ready), ['maestro_dr_plan_fence_incomplete{} 0']);
    assert.deepEqual(said(ready, condition('FenceIncomplete', 'True', 'FenceNotProven')), [
      'maestro_dr_plan_fence_incomplete{} 1',
    ]);
  });

  it('give each condition one series, its reason a word of the table of reasons', () => {
    const lines = of({
      conditions: [condition('Ready', 'False', 'RunInProgress'), condition('RPOMet', 'Unknown', 'some other text')],
    });
    assert.ok(lines.includes('maestro_dr_plan_condition{type=Ready,status=False,reason=RunInProgress} 1'));
    assert.ok(lines.includes('maestro_dr_plan_condition{type=RPOMet,status=Unknown,reason=Other} 1'));
  });

  it('have no RPO for a plan without databases', () => {
    const plan = aPlan(aSpec({ databases: [], workloads: [] }));
    const lines = Object.keys(shown(planSamples(plan, status, [])));
    assert.deepEqual(
      lines.filter((line) => line.includes('rpo')),
      [],
    );
  });
});
