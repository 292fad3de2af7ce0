import assert from 'node:assert/strict';
import { known, unknown } from '../../../src/api/fact.ts';
import { createLags } from '../../../src/record/metrics/lags.ts';
import { createMetrics } from '../../../src/record/metrics/metrics.ts';
import { is, sample } from '../../../src/record/metrics/sample.ts';
import { parseExposition } from '../../monitoring/exposition.ts';

const at = (monotonic: number) => ({ wall: 0, monotonic, incarnation: 'one' });

describe('the metrics of an operator', () => {
  it('show what was sampled at this scrape and nothing of the one before', async () => {
    const metrics = createMetrics();
    const lag = (plan: string): ReturnType<typeof sample> =>
      sample('maestro_dr_plan_replication_lag_seconds', { plan_namespace: 'n', plan, database: 'd' }, 1);
    const plans = async (...names: string[]): Promise<unknown> =>
      parseExposition(await metrics.text(names.map(lag))).flatMap(({ labels }) => labels.plan ?? []);
    assert.deepEqual(await plans('a', 'b'), ['a', 'b']);
    assert.deepEqual(await plans('b'), ['b']);
    assert.deepEqual(await plans(), []);
  });

  it('escape what a label may hold', async () => {
    const identity = 'a "quoted"\nline \\ of text';
    const text = await createMetrics().text([is('maestro_dr_plan_info', { identity })]);
    const series = parseExposition(text).find(({ name }) => name === 'maestro_dr_plan_info');
    assert.deepEqual(series?.labels, { identity });
  });

  it('are each operator’s own', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.instruments.kubeCall({ cluster: 'east', verb: 'get', code: 'OK', durationMs: 1 });
    assert.match(await one.text([]), /maestro_dr_kube_requests_total\{target_cluster="east",verb="get",code="OK"\} 1/);
    assert.doesNotMatch(await other.text([]), /target_cluster/);
  });

  it('count attempts to tell a contact by what came of them', async () => {
    const metrics = createMetrics();
    metrics.instruments.notified('slack', 'Again');
    metrics.instruments.notified('slack', 'Delivered');
    metrics.instruments.notified('slack', 'Delivered');
    const shown = await metrics.text([]);
    assert.match(shown, /maestro_dr_notifications_total\{channel="slack",outcome="Delivered"\} 2/);
    assert.match(shown, /maestro_dr_notifications_total\{channel="slack",outcome="Again"\} 1/);
  });

  it('count passes and failures from 0 on, in seconds', async () => {
    const metrics = createMetrics();
    const text = (): Promise<string> => metrics.text([]);
    assert.match(await text(), /maestro_dr_reconcile_errors_total\{controller="run"\} 0/);
    assert.doesNotMatch(await text(), /reconcile_duration_seconds_count/, 'that none was timed is not a time of 0');
    metrics.instruments.reconciled('run', 300, true);
    const shown = await text();
    assert.match(shown, /maestro_dr_reconcile_errors_total\{controller="run"\} 1/);
    assert.match(shown, /maestro_dr_reconcile_duration_seconds_sum\{controller="run"\} 0\.3/);
  });
});

describe('noted lags', () => {
  const restMs = 5_000;

  it('are known for a minute where the plan rests for seconds, and what was unknown is none', () => {
    const lags = createLags();
    lags.note('uid', at(0), restMs, { orders: known(1_500, at(0)), ledger: unknown('Timeout', '', at(0)) });
    assert.deepEqual(lags.of('uid', at(60_000)), [{ database: 'orders', ms: 1_500 }]);
    assert.deepEqual(lags.of('uid', at(60_001)), []);
    assert.deepEqual(lags.of('other', at(0)), []);
  });

  it('are known until the next look is overdue where the plan rests for minutes, and no longer', () => {
    const lags = createLags();
    lags.note('uid', at(0), 200_000, { orders: known(1_500, at(0)) });
    assert.deepEqual(lags.of('uid', at(300_000)), [{ database: 'orders', ms: 1_500 }]);
    assert.deepEqual(lags.of('uid', at(300_001)), []);
    lags.note('uid', at(400_000), restMs, { orders: known(2_500, at(400_000)) });
    assert.deepEqual(lags.of('uid', at(460_001)), [], 'each is good for as long as its own look said');
  });

  it('are replaced by the next pass, and forgotten with their plan', () => {
    const lags = createLags();
    lags.note('uid', at(0), restMs, { orders: known(1_500, at(0)) });
    lags.note('uid', at(1), restMs, {});
    assert.deepEqual(lags.of('uid', at(1)), []);
    lags.note('uid', at(2), restMs, { orders: known(0, at(2)) });
    lags.retain(new Set(['uid']));
    assert.deepEqual(lags.of('uid', at(2)), [{ database: 'orders', ms: 0 }]);
    lags.retain(new Set(['other']));
    assert.deepEqual(lags.of('uid', at(2)), []);
  });
});
