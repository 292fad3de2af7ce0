import assert from 'node:assert/strict';
import { orders, settle } from '../scenarios/outage.ts';
import { east, serverName, west } from '../scenarios/names.ts';
import { ask, planName, planObject, plansPath, runsPath } from '../scenarios/objects.ts';
import { createScrapedStage, seriesOf, valueOf, type ScrapedStage } from './scrapes.ts';

const lagFamily = 'maestro_dr_plan_replication_lag_seconds';

/** Time for one more scrape, of one or of all replicas. */
async function next({ stage, everyMs }: ScrapedStage): Promise<void> {
  await stage.pass(everyMs);
}

describe('what a scrape shows', function () {
  this.timeout(300_000);

  it('of two replicas only the one that leads shows plans, also after it has changed', async () => {
    const scraped = createScrapedStage({ operators: ['a', 'b'] });
    const { stage, latest } = scraped;
    const leading = (): readonly string[] =>
      ['a', 'b'].filter((one) => valueOf(latest(one), 'maestro_dr_leader') === 1);
    const showing = (): readonly string[] =>
      ['a', 'b'].filter((one) => seriesOf(latest(one), 'maestro_dr_plan_protected').length > 0);
    await settle(stage);
    await next(scraped);
    assert.equal(leading().length, 1);
    assert.deepEqual(showing(), leading());
    const [first = ''] = leading();
    for (const one of ['a', 'b']) {
      assert.equal(valueOf(latest(one), 'maestro_dr_caches_synced'), 1, 'the other is ready to take over');
      assert.equal(seriesOf(latest(one), 'maestro_dr_build_info').length, 1);
    }
    stage.kernel.suspend(first, 60_000);
    await stage.pass(45_000);
    stage.kernel.kill(first);
    const second = first === 'a' ? 'b' : 'a';
    assert.equal(valueOf(latest(second), 'maestro_dr_leader'), 1);
    assert.equal(valueOf(latest(second), 'maestro_dr_plan_protected'), 1);
  });

  it('a plan that is deleted takes its series with it', async () => {
    const scraped = createScrapedStage();
    const { stage, latest } = scraped;
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(30_000);
    const ofPlan = (): readonly string[] =>
      latest().series.flatMap(({ name, labels }) => (labels.plan === planName ? [name] : []));
    assert.ok(ofPlan().includes(lagFamily) && ofPlan().includes('maestro_dr_run_rto_seconds'));
    ask(stage.world.management, 'DELETE', `${runsPath}/${stage.person.run()?.metadata.name ?? ''}`);
    await next(scraped);
    assert.deepEqual(
      ofPlan().filter((name) => name.startsWith('maestro_dr_run_')),
      [],
    );
    ask(stage.world.management, 'DELETE', `${plansPath}/${planName}`);
    await next(scraped);
    assert.deepEqual(ofPlan(), []);
  });

  it('a lag that is not known has no series, and one that is known is what the link holds back', async () => {
    const scraped = createScrapedStage();
    const { stage, latest } = scraped;
    await settle(stage);
    await next(scraped);
    assert.equal(valueOf(latest(), lagFamily), 0);
    orders(stage).link(serverName('orders', west)).hold();
    const heldAt = stage.kernel.now();
    await stage.pass(60_000);
    const held = (latest().at - heldAt) / 1000;
    const lag = valueOf(latest(), lagFamily) ?? assert.fail('the lag is known');
    // A sample is at most a pass old when the link is held, and the plan was looked at at most a pass ago.
    assert.ok(lag >= held - 6 && lag <= held + 6, `${String(lag)} s after ${String(held)} s`);
    orders(stage).kill(serverName('orders', west));
    await stage.pass(30_000);
    assert.equal(valueOf(latest(), lagFamily), undefined);
    assert.equal(valueOf(latest(), 'maestro_dr_plan_protected'), undefined);
    assert.equal(valueOf(latest(), 'maestro_dr_plan_condition', { type: 'Protected', status: 'Unknown' }), 1);
  });

  it('a lag is shown without a gap where a plan of a fleet rests for minutes, and none after a look in vain', async () => {
    // As of a fleet of 80 plans: each rests for two thirds of its RPO, 200 s.
    const scraped = createScrapedStage(
      { config: { restLooksPerSecond: 0.01 }, plan: { objectives: { rto: '15m', rpo: '5m' } } },
      30_000,
    );
    const { stage, scrapes, latest } = scraped;
    await settle(stage);
    orders(stage).link(serverName('orders', west)).hold();
    await stage.pass(15 * 60_000);
    const shown = scrapes.map((scrape) => valueOf(scrape, lagFamily));
    const known = shown.filter((lag) => lag !== undefined);
    assert.deepEqual(known, shown);
    const breached = known.findIndex((lag) => lag > 300);
    assert.ok(breached >= 0 && breached <= 22, `within 5 min and two looks: ${known.join(' ')}`);
    assert.ok(known.slice(breached).every((lag) => lag > 300));
    orders(stage).kill(serverName('orders', west));
    await stage.pass(4 * 60_000);
    assert.equal(valueOf(latest(), lagFamily), undefined, 'a look has not found it');
  });

  it('a malformed plan shows that it is refused, and the good one beside it everything', async () => {
    const workload = {
      wave: 1,
      uses: ['orders'],
      target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
      active: { replicas: 3 },
      standby: { replicas: 1 },
    };
    // As its schema allows: two workloads would scale one Deployment against each other.
    const workloads = ['api', 'api-too'].map((name) => ({ name, ...workload }));
    const bad = {
      ...planObject({ databases: ['orders'], ttl: 30, plan: { workloads } }),
      metadata: { name: 'bad', namespace: 'payments' },
    };
    const scraped = createScrapedStage({ alsoPlans: [bad] });
    const { stage, latest } = scraped;
    await settle(stage);
    await next(scraped);
    const of = (plan: string): readonly string[] =>
      latest().series.flatMap(({ name, labels }) => (labels.plan === plan ? [`${name} ${labels.reason ?? ''}`] : []));
    const refused = ['Malformed', 'NotAccepted', 'NotAccepted'];
    assert.deepEqual(
      of('bad'),
      refused.map((reason) => `maestro_dr_plan_condition ${reason}`),
      'of Accepted, Ready and Stalled',
    );
    assert.ok(of(planName).length > 10);
  });

  it('requests are counted by the cluster they go to and what came back', async () => {
    const scraped = createScrapedStage();
    const { stage, latest } = scraped;
    await settle(stage);
    await next(scraped);
    const count = (labels: Readonly<Record<string, string>>): number =>
      seriesOf(latest(), 'maestro_dr_kube_requests_total', labels).reduce((sum, { value }) => sum + value, 0);
    assert.ok(count({ target_cluster: 'management', code: 'OK' }) > 0);
    assert.ok(count({ target_cluster: east, code: 'OK' }) > 0);
    assert.equal(count({ target_cluster: east, code: 'Unreachable' }), 0);
    stage.world.destroy(east);
    await stage.pass(60_000);
    assert.ok(count({ target_cluster: east, code: 'Unreachable' }) > 0);
    assert.equal(valueOf(latest(), 'maestro_dr_reconcile_errors_total', { controller: 'plan' }), 0);
    const asked = seriesOf(latest(), 'maestro_dr_aws_requests_total', { service: 'route53', code: 'OK' });
    assert.ok(asked.some(({ labels }) => labels.operation === 'ListResourceRecordSets'));
  });
});
