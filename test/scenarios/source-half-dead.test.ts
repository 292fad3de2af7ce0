import assert from 'node:assert/strict';
import { east, serverName, west } from './names.ts';
import { assertMovedWithoutLoss, orders, runIs, settle, shopMayLogIn } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Its API server alone: pods and database go on serving. */
function apiDies(stage: Stage): () => void {
  stage.timeline.note('weather', 'the API server of us-east-1 dies; shop and database go on');
  const heal = stage.kernel.cut({ match: { id: `api.${east}.sandbox:6443` }, how: 'refuse' });
  return () => {
    stage.timeline.note('weather', 'the API server of us-east-1 is back');
    heal();
  };
}

async function undecided(stage: Stage): Promise<() => void> {
  await settle(stage);
  const heal = apiDies(stage);
  await stage.pass(5_000);
  stage.person.setActiveRegion(west);
  await stage.until('it asks for the mode', () => stage.person.isAskedFor('ModeUndecided'));
  await stage.pass(120_000);
  assert.equal(stage.person.run()?.status?.mode, undefined);
  assert.equal(shopMayLogIn(stage, serverName('orders', east)), true);
  assert.ok(stage.world.clients.longestOutageMs() < 2_000, 'the clients noticed nothing');
  return heal;
}

/** Never two writers: when the west began to be one, the east had been closed and had said so. */
function fencedBeforePromoted(stage: Stage): void {
  const fence = stage.person.step('fence/orders')?.outcome;
  const promote = stage.person.step('promote/orders')?.outcome;
  assert.equal(fence?.state, 'Succeeded', 'proven, not overridden');
  assert.ok(promote !== undefined && fence.at <= promote.at);
}

scenario({
  name: 'source-api-dead-planned',
  shows:
    "the source's API server is dead and its database alive: the operator does not guess the mode; a person says Planned, and no order is lost",
  async story(stage) {
    const heal = await undecided(stage);
    stage.person.patchRun({ mode: 'Planned' });
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(60_000);
    heal();
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*API server of us-east-1 dies/,
    /ana .*us-west-2/,
    /step .*assess Waiting ModeUndecided/,
    /ana .*"mode":"Planned"/,
    /step .*fence\/orders Succeeded/,
    /step .*position\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /weather .*is back/,
    /step .*stand-down\/worker Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /attestations/],
  expect(stage) {
    fencedBeforePromoted(stage);
    assertMovedWithoutLoss(stage);
  },
});

scenario({
  name: 'source-api-dead-forced',
  shows:
    "the source's API server is dead and its database alive: a person says Forced, and still nothing is promoted before that database is fenced",
  async story(stage) {
    const heal = await undecided(stage);
    stage.person.patchRun({ mode: 'Forced' });
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(60_000);
    heal();
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*API server of us-east-1 dies/,
    /step .*assess Waiting ModeUndecided/,
    /ana .*"mode":"Forced"/,
    /ana .*approvals/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /weather .*is back/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /attestations/, /fence\/orders Overridden/],
  expect: fencedBeforePromoted,
});

scenario({
  name: 'source-database-dead',
  shows:
    "the source's database is dead, its API server and edge alive: the operator does not guess the mode; a person says Forced, and then how it is known that it is dead",
  async story(stage) {
    await settle(stage);
    stage.timeline.note('weather', 'the database of us-east-1 dies; everything else there goes on');
    orders(stage).kill(serverName('orders', east));
    const killedAt = stage.now();
    await stage.pass(5_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for the mode', () => stage.person.isAskedFor('ModeUndecided'));
    await stage.pass(60_000);
    assert.equal(stage.person.run()?.status?.mode, undefined);
    stage.person.patchRun({ mode: 'Forced' });
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    await stage.pass(300_000);
    assert.equal(orders(stage).role(serverName('orders', west)), 'Replica', 'no time makes up for proof');
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(30_000);
    stage.timeline.note('weather', 'the database of us-east-1 is started again');
    orders(stage).start(serverName('orders', east));
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*database of us-east-1 dies/,
    /step .*assess Waiting ModeUndecided/,
    /ana .*"mode":"Forced"/,
    /ana .*approvals/,
    /step .*quiesce\/worker Succeeded/,
    /ana .*attestations/,
    /step .*fence\/orders Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /weather .*started again/,
    /step .*finish-fence\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
});
