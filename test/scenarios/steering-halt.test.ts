import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { ask } from './objects.ts';
import {
  assertMovedWithoutLoss,
  assertSourceServes,
  blackHole,
  orders,
  runIs,
  settle,
  shopMayLogIn,
} from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const path = '/api/v1/namespaces/maestro-dr-system/configmaps';

async function halt(stage: Stage): Promise<void> {
  stage.timeline.note('ana', 'halts everything automatic: game day in another team');
  const data = { by: 'ana', reason: 'game day in another team' };
  const halting = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'maestro-dr-halt' }, data };
  ask(stage.world.management, 'POST', path, halting);
  await stage.until('the plan says so', () => stage.person.condition('Halted')?.status === 'True');
}

function lift(stage: Stage): void {
  stage.timeline.note('ana', 'lifts the halt');
  ask(stage.world.management, 'DELETE', `${path}/maestro-dr-halt`);
}

/** Longer than the time that a quiesce has: nothing more is done, and no fence was intended. */
async function nothingMoreBegins(stage: Stage): Promise<void> {
  const before = effects(stage).length;
  await stage.pass(90_000);
  assert.deepEqual(effects(stage).slice(before), [], 'nothing is done meanwhile');
  assert.equal(stage.person.step('fence/orders')?.intent, undefined);
  assert.equal(shopMayLogIn(stage, serverName('orders', east)), true);
  assert.equal(orders(stage).role(serverName('orders', west)), 'Replica');
}

scenario({
  name: 'steering-halt',
  shows:
    'the operator is halted: a change of the field makes a Run that waits, and the plan says so; lifted, it goes on',
  async story(stage) {
    await settle(stage);
    await halt(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the Run says so', () => stage.person.isAskedFor('Halted'));
    await stage.pass(60_000);
    assert.deepEqual(
      effects(stage).filter(({ label }) => label.startsWith('sql.') && label !== 'sql.probe'),
      [],
    );
    assertSourceServes(stage);
    lift(stage);
    await runIs(stage, 'Succeeded');
    assert.equal(stage.person.condition('Halted'), undefined);
  },
  must: [
    /ana .*halts everything/,
    /ana .*us-west-2/,
    /step .*approve Waiting Halted: The operator is halted by ana: game day in another team/,
    /ana .*lifts/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'halted-before-fence',
  shows:
    'halted when the Run was let through already, and before its fence: whatever it waited for, nothing more of it begins, and the source serves; lifted, it goes on',
  async story(stage) {
    await settle(stage);
    stage.timeline.note('weather', 'the DNS control plane answers 503');
    stage.world.route53.faults.setOutage('unavailable');
    await stage.pass(5_000);
    stage.person.setActiveRegion(west);
    await stage.until('it was let through', () => stage.person.step('approve')?.outcome !== undefined);
    await stage.pass(10_000);
    await halt(stage);
    stage.timeline.note('weather', 'the DNS control plane answers again');
    stage.world.route53.faults.setOutage('none');
    await stage.until('it says so', () => stage.person.isAskedFor('Halted'));
    await nothingMoreBegins(stage);
    assertSourceServes(stage);
    lift(stage);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /ana .*us-west-2/,
    /step .*approve Vacuous/,
    /ana .*halts everything/,
    /weather .*answers again/,
    /step .*quiesce\/worker Waiting Halted: The operator is halted by ana.*This automatic Run has not begun to fence/,
    /ana .*lifts/,
    /step .*quiesce\/worker Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/, /Undone/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'halted-forced',
  shows:
    'a forced Run that nobody has to approve waits for a source out of reach; halted, it does not fence it when it is back; a person’s word for this very halt lets it go on',
  options: { plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', approval: 'Never' } } },
  async story(stage) {
    await settle(stage);
    const end = blackHole(stage);
    await stage.pass(2_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    await halt(stage);
    end();
    await stage.until('it says so', () => stage.person.isAskedFor('Halted'));
    await nothingMoreBegins(stage);
    const word = { gate: 'Halted', evidenceHash: 'zz', by: 'bob', reason: 'made up' };
    stage.person.patchRun({ approvals: [word] });
    await nothingMoreBegins(stage);
    const { message = '' } = stage.person.step('fence/orders')?.waitsFor ?? {};
    assert.match(message, /The recorded approval was given for other evidence/);
    stage.person.answer('Halted');
    await runIs(stage, 'Succeeded');
    assert.equal(stage.person.condition('Halted')?.status, 'True', 'it is halted still');
  },
  must: [
    /weather .*cut off/,
    /step .*assess Succeeded/,
    /step .*approve Vacuous/,
    /ana .*halts everything/,
    /weather .*reachable again/,
    /step .*fence\/orders Waiting Halted: The operator is halted by ana/,
    /ana .*"evidenceHash":"zz"/,
    /ana .*"gate":"Halted"/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /fence\/orders Overridden/, /lifts/, /attestations/],
  expect(stage) {
    assert.equal(stage.person.run()?.status?.mode, 'Forced');
    assertMovedWithoutLoss(stage);
  },
});

scenario({
  name: 'halted-after-fence',
  shows:
    'halted when the fence of an automatic Run was intended already: the clients are out, so it is finished, and not left in the dark',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'pauses the replay of the standby');
    orders(stage).pauseReplay(serverName('orders', west), true);
    await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
    await stage.pass(5_000);
    await halt(stage);
    assert.equal(stage.person.step('promote/orders')?.intent, undefined);
    await stage.pass(20_000);
    stage.timeline.note('bob', 'resumes it');
    orders(stage).pauseReplay(serverName('orders', west), false);
    await runIs(stage, 'Succeeded');
    assert.match(stage.person.condition('Halted')?.message ?? '', /one that has intended a fence is finished/);
  },
  must: [
    /step .*approve Vacuous/,
    /step .*fence\/orders Succeeded/,
    /ana .*halts everything/,
    /bob .*resumes/,
    /step .*position\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Waiting Halted/, /Undone/, /lifts/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'halted-unheard',
  shows:
    'a halt that the operator’s watch does not tell it of: before anything is stopped or fenced the API server itself is asked, and the automatic Run waits',
  killSweep: { why: 'a restarted operator lists what there is, and hears of the halt: it is another story' },
  async story(stage) {
    await settle(stage);
    const { kernel, person, timeline } = stage;
    timeline.note('weather', 'the watch of the halt falls silent');
    const now = kernel.now();
    kernel.inject({ label: 'kube.*', detail: 'GET */configmaps?watch=true*', do: 'hang', to: now + 60_000 });
    // What is open breaks, so that all is asked for anew.
    kernel.cut({ match: { kind: 'http' }, how: 'refuse', from: now, to: now + 20 });
    await stage.pass(4_000);
    timeline.note('ana', 'halts everything automatic: game day in another team');
    const data = { by: 'ana', reason: 'game day in another team' };
    const halting = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'maestro-dr-halt' }, data };
    ask(stage.world.management, 'POST', path, halting);
    person.setActiveRegion(west);
    await stage.until('the Run says so', () => person.isAskedFor('Halted'));
    assert.equal(person.condition('Halted'), undefined, 'the watch has not told of it');
    await nothingMoreBegins(stage);
    assertSourceServes(stage);
    lift(stage);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*falls silent/,
    /ana .*halts everything/,
    /ana .*us-west-2/,
    /step .*quiesce\/worker Waiting Halted: The operator is halted by ana/,
    /ana .*lifts/,
    /step .*fence\/orders Succeeded/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Undone/],
  expect: assertMovedWithoutLoss,
});
