import assert from 'node:assert/strict';
import { operatorChanges } from './dns-hand.ts';
import { effectsIn } from './effects.ts';
import { sizes } from './end-state.ts';
import { east, serverName, west, type RegionName } from './names.ts';
import { ask, planNamespace } from './objects.ts';
import { assertMovedWithoutLoss, assertSourceServes, failOver, loseTheEast, orders, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { workloadCast as options } from './workload-cast.ts';

/** By the servers themselves. */
function assertSizes(stage: Stage, region: RegionName, wanted: Readonly<Record<string, number>>): void {
  const all = sizes(stage);
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, all[`${name}@${region}`]]));
  assert.deepEqual(found, wanted, region);
}

function suspend(stage: Stage, region: RegionName, name: string): void {
  stage.timeline.note('bob', `suspends ${name} in ${region}`);
  const path = `/apis/batch/v1/namespaces/${planNamespace}/cronjobs/${name}`;
  ask(stage.world.clusters[region], 'PATCH', path, { spec: { suspend: true } });
}

/** What the operator sent to a region about one workload, in order. */
function sent(stage: Stage, region: RegionName, name: string): readonly string[] {
  return effectsIn(stage, region)
    .filter(({ label, detail }) => label.startsWith('kube.') && detail.includes(`/${name}`))
    .map(({ detail }) => detail);
}

/** In the middle of a minute in which a Job of `nightly` runs. */
async function whileAJobRuns(stage: Stage): Promise<void> {
  await settle(stage);
  const running = (): boolean => {
    const [job] = stage.world.clusters[east].hooks.list('batch/jobs', planNamespace);
    return job !== undefined;
  };
  await stage.until('a Job of nightly runs', running);
  await stage.pass(2_000);
}

scenario({
  name: 'workloads-planned',
  shows:
    'StatefulSets and CronJobs move and come back: a running Job is waited for before the fence, a schedule runs in one region at a time, and what a person suspended stays so',
  options,
  async story(stage) {
    await whileAJobRuns(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    assertSizes(stage, east, { cart: 1, queue: 0, nightly: 0, audit: 0 });
    assertSizes(stage, west, { cart: 3, queue: 2, nightly: 1, audit: 0 });
    stage.person.patchPlan({ failover: { cooldown: '0s' } });
    await stage.pass(5_000);
    suspend(stage, west, 'nightly');
    await stage.pass(60_000);
    stage.person.setActiveRegion(east);
    await stage.until(
      'the way back is over',
      () => stage.person.runs().length === 2 && stage.person.run()?.status?.phase === 'Succeeded',
    );
    await stage.pass(120_000);
  },
  must: [
    /workload .*nightly in us-east-1: scheduled, 1 Job running/,
    /ana .*us-west-2/,
    /workload .*nightly in us-east-1: suspended, 1 Job running/,
    /step .*pre-scale\/cart Succeeded/,
    /workload .*nightly in us-east-1: suspended$/,
    /step .*quiesce\/nightly Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*open\/orders Succeeded/,
    /workload .*nightly in us-west-2: scheduled/,
    /workload .*queue in us-west-2: 2 wanted, 2 ready/,
    /dns .*answers us-west-2/,
    /workload .*cart in us-east-1: 1 wanted/,
    /run .*checkout-1 is in Succeeded/,
    /bob .*suspends nightly in us-west-2/,
    /ana .*us-east-1/,
    /postgres .*us-east-1: primary, timeline 3/,
    /step .*workload\/nightly Succeeded/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/Blocked/, /Overridden/, /Waiting/, /audit in us-.*: scheduled/, /timeline 4/],
  expect(stage) {
    assertSizes(stage, east, { cart: 3, queue: 2, nightly: 0, audit: 0 });
    assertSizes(stage, west, { cart: 1, queue: 0, nightly: 0, audit: 0 });
    assert.deepEqual([...sent(stage, east, 'audit'), ...sent(stage, west, 'audit')], [], 'nobody touched it');
    assert.deepEqual(stage.world.clients.lost(orders(stage).rows(serverName('orders', east))), []);
  },
});

scenario({
  name: 'workloads-forced',
  shows:
    'the region of StatefulSets and CronJobs dies: they are started in the other as they were last seen, and stopped in the first when it comes back',
  options,
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await stage.pass(60_000);
    assertSizes(stage, east, { cart: 3, queue: 3, nightly: 1, audit: 0 });
    stage.timeline.note('weather', 'us-east-1 comes back');
    stage.world.restore(east);
    orders(stage).link(serverName('orders', west)).restore();
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*dies/,
    /step .*quiesce\/nightly Overridden/,
    /step .*fence\/orders Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*open\/orders Succeeded/,
    /workload .*nightly in us-west-2: scheduled/,
    /dns .*answers us-west-2/,
    /weather .*comes back/,
    /workload .*nightly in us-east-1: suspended/,
    /run .*Succeeded/,
  ],
  never: [/audit in us-.*: scheduled/, /timeline 3/],
  expect(stage) {
    assertSizes(stage, east, { cart: 1, queue: 0, nightly: 0, audit: 0 });
    assertSizes(stage, west, { cart: 3, queue: 2, nightly: 1, audit: 0 });
    assert.deepEqual([...sent(stage, east, 'audit'), ...sent(stage, west, 'audit')], [], 'nobody touched it');
  },
});

scenario({
  name: 'workloads-forced-api-alive',
  shows:
    "only the source's database is dead and the run is forced: what can still be stopped there is stopped before the fence all the same",
  options,
  async story(stage) {
    await whileAJobRuns(stage);
    stage.timeline.note('weather', 'the database of us-east-1 dies; everything else there goes on');
    orders(stage).kill(serverName('orders', east));
    const killedAt = stage.now();
    await stage.pass(2_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for the mode', () => stage.person.isAskedFor('ModeUndecided'));
    stage.person.patchRun({ mode: 'Forced' });
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    assertSizes(stage, east, { cart: 3, queue: 0, nightly: 0, audit: 0 });
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(60_000);
    stage.timeline.note('weather', 'the database of us-east-1 is started again');
    orders(stage).start(serverName('orders', east));
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*database of us-east-1 dies/,
    /ana .*"mode":"Forced"/,
    /workload .*nightly in us-east-1: suspended/,
    /step .*quiesce\/nightly Succeeded/,
    /ana .*attestations/,
    /step .*fence\/orders Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /workload .*nightly in us-west-2: scheduled/,
    /run .*Succeeded/,
  ],
  never: [/quiesce\/\w+ Overridden/, /audit in us-.*: scheduled/, /timeline 3/],
  expect: assertMoved,
});

function assertMoved(stage: Stage): void {
  assertSizes(stage, east, { cart: 1, queue: 0, nightly: 0, audit: 0 });
  assertSizes(stage, west, { cart: 3, queue: 2, nightly: 1, audit: 0 });
  assertMovedWithoutLoss(stage);
}

scenario({
  name: 'workloads-aborted',
  shows:
    'aborted between fence and promotion: StatefulSets have the sizes that they had, whatever the plan says, and the schedules run that ran before',
  options,
  async story(stage) {
    await whileAJobRuns(stage);
    const before = sizes(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'pauses the replay of the standby');
    orders(stage).pauseReplay(serverName('orders', west), true);
    await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
    assertSizes(stage, east, { cart: 3, queue: 0, nightly: 0, audit: 0 });
    await stage.pass(5_000);
    stage.person.patchRun({ desiredState: 'Aborted' });
    await runIs(stage, 'Aborted');
    assert.deepEqual(sizes(stage), before);
    await stage.pass(90_000);
  },
  must: [
    /ana .*us-west-2/,
    /workload .*cart in us-west-2: 3 wanted/,
    /workload .*queue in us-east-1: 0 wanted/,
    /workload .*nightly in us-east-1: suspended$/,
    /step .*fence\/orders Succeeded/,
    /ana .*Aborted/,
    /workload .*nightly in us-east-1: scheduled/,
    /run .*checkout-1 is in Aborted/,
    /workload .*queue in us-east-1: 3 wanted, 3 ready/,
    /workload .*nightly in us-east-1: scheduled, 1 Job running/,
  ],
  never: [/nightly in us-west-2: scheduled/, /audit in us-.*: scheduled/, /us-west-2: primary/, /answers us-west-2/],
  expect(stage) {
    assertSizes(stage, east, { cart: 3, queue: 3, nightly: 1, audit: 0 });
    assertSizes(stage, west, { cart: 1, queue: 0, nightly: 0, audit: 0 });
    assertSourceServes(stage);
    assert.deepEqual(operatorChanges(stage.world), []);
  },
});
