import assert from 'node:assert/strict';
import { inFlight } from '../../src/record/finalizer.ts';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { ask, planName, plansPath, runsPath } from './objects.ts';
import { assertMovedWithoutLoss, assertSourceServes, runIs, settle, shopMayLogIn } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const said = { by: 'ana', reason: 'seen by a person' };

/** The source is fenced and nothing is promoted, for as long as nobody lets the standby replay. */
async function stopBehindFence(stage: Stage): Promise<void> {
  await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
  stage.timeline.note('bob', 'pauses the replay of the standby');
  stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), true);
  await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
}

scenario({
  name: 'deleted-in-flight',
  shows:
    'plan and Run are deleted while the source is fenced and nothing is promoted yet: they are held until the run is over, so nothing is left half done',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stopBehindFence(stage);
    ask(stage.world.management, 'DELETE', `${plansPath}/${planName}`);
    ask(stage.world.management, 'DELETE', `${runsPath}/checkout-1`);
    await stage.pass(20_000);
    assert.notEqual(stage.person.run(), undefined, 'the Run is still there');
    stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), false);
    await stage.until(
      'both are gone',
      () => stage.person.run() === undefined && stage.person.plan().metadata === undefined,
    );
    await stage.pass(10_000);
  },
  must: [
    /step .*fence\/orders Succeeded/,
    /ana .*delete plans checkout/,
    /ana .*delete runs checkout-1/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/Undone/, /timeline 3/, /Aborted/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'abandoned',
  shows:
    'a run is abandoned past its fence: nothing more is done and nothing taken back, and the plan says that it is not whole',
  async story(stage) {
    await settle(stage);
    stage.person.patchPlan({ failover: { approval: 'Always' } });
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stopBehindFence(stage);
    const before = effects(stage).length;
    stage.person.patchRun({ abandon: said });
    await runIs(stage, 'Abandoned');
    await stage.pass(120_000);
    assert.equal(effects(stage).length, before, 'nothing more is done');
    assert.equal(shopMayLogIn(stage, serverName('orders', east)), false, 'nothing is taken back');
    stage.person.setActiveRegion(east);
    await stage.until('it says what is left', () => stage.person.condition('Ready')?.reason === 'RunAbandoned');
    await stage.pass(5_000);
  },
  must: [
    /step .*approve Waiting ApprovalRequired/,
    /step .*fence\/orders Succeeded/,
    /ana .*abandon/,
    /run .*checkout-1 is in Abandoned/,
    /plan .*RunAbandoned: checkout-1 was abandoned, and database orders is still fenced in us-east-1/,
  ],
  never: [/us-west-2: primary/, /Undone/, /answers us-west-2/],
  killSweep: { why: 'the person waits for a number of effects, which a repeated one would change' },
});

scenario({
  name: 'abandoned-too-early',
  shows:
    'a run is to be abandoned before its fence: it is refused, and nothing is fenced on it any more, or the same word would leave the source closed; what its status says to type takes back what was begun',
  async story(stage) {
    await settle(stage);
    stage.person.patchPlan({ failover: { approval: 'Always' } });
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.patchRun({ abandon: said });
    const refused = () => (stage.person.run()?.status?.refusals ?? []).map(({ reason }) => reason);
    await stage.until('it is refused', () => refused().includes('NothingFenced'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it says what to do', () => stage.person.isAskedFor('NothingFenced'));
    await stage.pass(120_000);
    assert.equal(stage.person.step('fence/orders')?.intent, undefined);
    assertSourceServes(stage);
    stage.person.answer('NothingFenced');
    await runIs(stage, 'Aborted');
  },
  must: [
    /ana .*abandon/,
    /step .*approve Succeeded/,
    /step .* Waiting NothingFenced: A person abandons this Run\. Nothing is fenced yet/,
    /ana .*"desiredState":"Aborted"/,
    /run .*checkout-1 is in Aborted/,
  ],
  never: [/us-west-2: primary/, /fence\/orders Succeeded/, /Abandoned/, /answers us-west-2/],
  expect: assertSourceServes,
  killSweep: { why: 'it has no effect to die at' },
});

scenario({
  name: 'deleted-and-abandoned',
  shows:
    'plan and Run are deleted past the fence, and a person does not wait for the Run: abandoned, both are let go at once, and nothing more is done',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stopBehindFence(stage);
    ask(stage.world.management, 'DELETE', `${plansPath}/${planName}`);
    ask(stage.world.management, 'DELETE', `${runsPath}/checkout-1`);
    await stage.pass(20_000);
    const held = (object: object | undefined): unknown =>
      (object as { readonly metadata?: { readonly finalizers?: unknown } } | undefined)?.metadata?.finalizers;
    assert.deepEqual([held(stage.person.plan()), held(stage.person.run())], [[inFlight], [inFlight]]);
    const before = effects(stage).length;
    stage.person.patchRun({ abandon: said });
    await stage.until(
      'both are gone',
      () => stage.person.run() === undefined && stage.person.plan().metadata === undefined,
      10_000,
    );
    await stage.pass(120_000);
    assert.equal(effects(stage).length, before, 'nothing more is done');
    assert.equal(shopMayLogIn(stage, serverName('orders', east)), false, 'nothing is taken back');
  },
  must: [
    /step .*fence\/orders Succeeded/,
    /ana .*delete plans checkout/,
    /ana .*delete runs checkout-1/,
    /ana .*abandon/,
    /run .*checkout-1 is in Abandoned/,
  ],
  never: [/us-west-2: primary/, /Undone/, /answers us-west-2/],
  killSweep: { why: 'the person waits for a number of effects, which a repeated one would change' },
});
