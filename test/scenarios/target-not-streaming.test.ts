import assert from 'node:assert/strict';
import { operatorChanges } from './dns-hand.ts';
import { east, serverName, west } from './names.ts';
import { assertMovedWithoutLoss, assertSourceServes, orders, replicas, runIs, settle, shopMayLogIn } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const times = { cooldown: '10m', drain: '5s', soak: '5s' };

function link(stage: Stage, up: boolean): void {
  stage.timeline.note('weather', up ? 'the replication is mended' : 'the replication to the west breaks');
  const line = orders(stage).link(serverName('orders', west));
  if (up) line.restore();
  else line.cut();
}

function sourceUntouched(stage: Stage): void {
  assert.equal(stage.person.step('fence/orders')?.intent, undefined);
  assert.equal(stage.person.step('quiesce/worker')?.intent, undefined);
  assert.equal(shopMayLogIn(stage, serverName('orders', east)), true);
  assert.ok(stage.world.clients.longestOutageMs() < 2_000, 'the clients noticed nothing');
}

scenario({
  name: 'target-not-streaming',
  shows: 'the standby does not stream: under Auto the mode is not guessed; mended, the run is planned and goes on',
  async story(stage) {
    await settle(stage);
    link(stage, false);
    await stage.pass(10_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for the mode', () => stage.person.isAskedFor('ModeUndecided'));
    await stage.pass(60_000);
    sourceUntouched(stage);
    link(stage, true);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*breaks/,
    /ana .*us-west-2/,
    /step .*assess Waiting ModeUndecided/,
    /weather .*mended/,
    /step .*assess Succeeded/,
    /step .*position\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'target-not-streaming-planned',
  shows:
    'the standby does not stream, and the plan says Planned: told before the clients are put out; mended, the run goes on',
  options: { plan: { failover: { ...times, mode: 'Planned' } } },
  async story(stage) {
    await settle(stage);
    link(stage, false);
    await stage.pass(10_000);
    stage.person.setActiveRegion(west);
    await stage.until('it says so', () => stage.person.step('preflight/orders')?.waitsFor?.reason === 'TargetNotReady');
    await stage.pass(120_000);
    sourceUntouched(stage);
    assert.match(stage.person.step('preflight/orders')?.waitsFor?.message ?? '', /does not stream from us-east-1/);
    assert.match(stage.person.step('preflight/orders')?.waitsFor?.next ?? '', /"desiredState":"Aborted"/);
    link(stage, true);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*breaks/,
    /weather .*mended/,
    /step .*preflight\/orders Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'target-position-late',
  shows:
    'the standby does not reach the last position by the deadline: the fence is taken back and the source goes on serving',
  options: { plan: { failover: { ...times, deadlines: { position: '20s' } } } },
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'pauses the replay of the standby');
    orders(stage).pauseReplay(serverName('orders', west), true);
    await runIs(stage, 'Aborted');
    await stage.pass(30_000);
  },
  must: [
    /bob .*pauses/,
    /step .*fence\/orders Succeeded/,
    /step .*fence\/orders Undoing/,
    /clients .*taken in us-east-1/,
  ],
  never: [/us-west-2: primary/, /answers us-west-2/, /position\/orders Succeeded/],
  expect(stage) {
    assertSourceServes(stage);
    assert.match(stage.person.run()?.status?.message ?? '', /position/);
    assert.equal(stage.person.step('fence/orders')?.state, 'Undone');
    assert.equal(replicas(stage, west, 'api'), 1);
    assert.equal(replicas(stage, east, 'worker'), 2);
    assert.deepEqual(operatorChanges(stage.world), []);
  },
});
