import assert from 'node:assert/strict';
import { operatorChanges } from './dns-hand.ts';
import { east, serverName, west } from './names.ts';
import { ask, planName, plansPath } from './objects.ts';
import { assertMovedWithoutLoss, assertSourceServes, replicas, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';

/** Workloads that use no database. */
const alone = [
  {
    name: 'api',
    target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
    active: { replicas: 3 },
    standby: { replicas: 1 },
  },
];

const careful = { cooldown: '10m', drain: '5s', soak: '5s', approval: 'Always' };

scenario({
  name: 'reverted-before-fence',
  shows: 'the field is set back before anything is fenced: the run ends, and what it had scaled up is taken back',
  options: { plan: { failover: careful } },
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    await stage.pass(5_000);
    stage.person.setActiveRegion(east);
    await runIs(stage, 'Aborted');
    await stage.pass(60_000);
  },
  must: [
    /ana .*us-west-2/,
    /step .*approve Waiting ApprovalRequired/,
    /ana .*us-east-1/,
    /run .*checkout-1 is in Aborted/,
  ],
  never: [/us-west-2: primary/, /answers us-west-2/, /fence\/orders Succeeded/, /makes checkout-2/],
  expect(stage) {
    assertSourceServes(stage);
    assert.ok(stage.world.clients.longestOutageMs() < 2_000, 'the clients noticed nothing');
    assert.equal(replicas(stage, west, 'api'), 1);
    assert.equal(replicas(stage, east, 'worker'), 2);
    assert.deepEqual(operatorChanges(stage.world), []);
  },
});

scenario({
  name: 'reverted-after-fence',
  shows:
    'the field is set back after the source is fenced: the run completes, the way back waits for a word, and it is said who turned it back',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    // Argo CD heals the patch: Git still says east.
    const healed = { spec: { activeRegion: east } };
    ask(stage.world.management, 'PATCH', `${plansPath}/${planName}`, healed, 'argocd-application-controller/v3.1.0');
    await runIs(stage, 'Succeeded');
    await stage.pass(120_000);
    assert.equal(stage.person.runs().length, 1, 'it does not lead back by itself');
    assert.equal(stage.person.condition('Ready')?.reason, 'ReversalPending');
  },
  must: [
    /ana .*us-west-2/,
    /ana .*us-east-1/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
    /plan .*ReversalPending: activeRegion was set back to us-east-1 by argocd-application-controller/,
  ],
  never: [/makes checkout-2/, /timeline 3/, /Aborted/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'reverted-by-abort',
  shows:
    'a person aborts a planned run between fence and promotion: the fence is taken back, the source serves again and has every order',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'pauses the replay of the standby');
    stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), true);
    await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
    await stage.pass(10_000);
    stage.person.patchRun({ desiredState: 'Aborted' });
    await runIs(stage, 'Aborted');
    await stage.pass(30_000);
  },
  must: [
    /bob .*pauses/,
    /step .*fence\/orders Succeeded/,
    /ana .*Aborted/,
    /step .*fence\/orders Undone/,
    /run .*checkout-1 is in Aborted/,
    /clients .*taken in us-east-1/,
  ],
  never: [/us-west-2: primary/, /answers us-west-2/, /promote\/orders Succeeded/],
  expect(stage) {
    assertSourceServes(stage);
    assert.equal(replicas(stage, west, 'api'), 1);
    assert.equal(replicas(stage, east, 'worker'), 2);
    assert.deepEqual(operatorChanges(stage.world), []);
  },
});

scenario({
  name: 'abort-too-late',
  shows:
    'a person aborts when the promotion was intended already: it is refused with the reason, for it may have happened, and the run goes on to its end',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the promotion is recorded', () => stage.person.step('promote/orders')?.intent !== undefined);
    stage.person.patchRun({ desiredState: 'Aborted' });
    await stage.until('it is answered', () => stage.person.run()?.status?.refusals?.[0]?.reason === 'PastNoReturn');
    await runIs(stage, 'Succeeded');
  },
  must: [
    /step .*position\/orders Succeeded/,
    /ana .*"desiredState":"Aborted"/,
    /run .*checkout-1 does not do Abort: PastNoReturn: The promotion may already have happened/,
    /step .*promote\/orders Succeeded/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/Undo/, /timeline 3/, /Aborting/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'abort-too-late-stateless',
  shows:
    'a plan without databases: there is no promotion, and what cannot be taken back begins where its record is moved; an abort after that is refused, and says so',
  options: { databases: [], plan: { databases: [], workloads: alone } },
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until(
      'the move of the record is recorded',
      () => stage.person.step('shift/public')?.intent !== undefined,
    );
    stage.person.patchRun({ desiredState: 'Aborted' });
    await stage.until('it is answered', () => stage.person.run()?.status?.refusals?.[0]?.reason === 'PastNoReturn');
    await runIs(stage, 'Succeeded');
  },
  must: [
    /step .*smoke\/place-order Succeeded/,
    /ana .*"desiredState":"Aborted"/,
    /run .*checkout-1 does not do Abort: PastNoReturn: The record public may already have been moved/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/Undo/, /Aborting/, /promotion/],
});
