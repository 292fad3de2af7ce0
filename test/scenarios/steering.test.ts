import assert from 'node:assert/strict';
import { ownershipText } from '../../src/drivers/traffic/route53/ownership.ts';
import { operatorChanges, ownerName, recordValues, setText } from './dns-hand.ts';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { ask, planName, planNamespace, plansPath, runsPath } from './objects.ts';
import { assertMovedWithoutLoss, failOver, loseTheEast, orders, runIs, settle, shopMayLogIn } from './outage.ts';
import { assertPoint, keepBooks, recoveryOf, skewOf } from './recovery-truth.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const said = { by: 'ana', reason: 'seen by a person' };
const waits = (stage: Stage, id: string): string | undefined => stage.person.step(id)?.waitsFor?.reason;

scenario({
  name: 'steering-pause',
  shows:
    'a run is paused between fence and promotion: nothing new begins, however long; what its status says to type lets it go on',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.person.patchRun({ desiredState: 'Paused' });
    await stage.until('it says so', () => stage.person.isAskedFor('Paused'));
    await stage.pass(5_000);
    const before = effects(stage).length;
    await stage.pass(180_000);
    assert.equal(effects(stage).length, before, 'nothing is done meanwhile');
    assert.equal(orders(stage).role(serverName('orders', west)), 'Replica');
    stage.person.answer('Paused');
    await runIs(stage, 'Succeeded');
  },
  must: [
    /ana .*"desiredState":"Paused"/,
    /step .*Paused/,
    /ana .*"desiredState":"Running"/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Undone/],
  expect: assertMovedWithoutLoss,
  killSweep: { why: 'a death before the pause is one of the planned timeline; after it there is no effect to die at' },
});

scenario({
  name: 'steering-skip',
  shows: 'a smoke test is red for a reason of its own: a person leaves it out, on record; a fence cannot be left out',
  async story(stage) {
    await settle(stage);
    stage.world.red.add(`lb.${west}`);
    stage.person.setActiveRegion(west);
    await stage.until('the smoke test is red', () => waits(stage, 'smoke/place-order') === 'SmokeRed');
    stage.person.patchRun({
      skips: [
        { step: 'smoke/place-order', ...said },
        { step: 'soak', ...said },
      ],
    });
    await stage.until('it is left out', () => stage.person.step('smoke/place-order')?.outcome?.state === 'Skipped');
    const status = stage.person.run()?.status as { readonly refusals?: readonly { readonly request: string }[] };
    assert.deepEqual(
      status.refusals?.map(({ request }) => request),
      ['Skip soak'],
    );
    stage.world.red.delete(`lb.${west}`);
    await runIs(stage, 'Succeeded');
    assert.equal(stage.person.run()?.status?.milestones?.smokePassed, undefined, 'what was not seen is not claimed');
  },
  must: [
    /ana .*skips.*smoke\/place-order/,
    /step .*smoke\/place-order Skipped/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/soak Skipped/, /timeline 3/],
  expect: assertMovedWithoutLoss,
});

const another =
  ownershipText({ identity: 'billing/checkout', epoch: 7, region: east, runUid: '5b1c7c1e' }) ?? assert.fail('no text');

scenario({
  name: 'steering-takeover',
  shows: 'the record is another plan’s: taken over only from the plan that a person names, and that owns it',
  async story(stage) {
    await settle(stage);
    stage.timeline.note('bob', `a TXT at ${ownerName}: ${another}`);
    setText(stage.world, ownerName, another);
    stage.person.setActiveRegion(west);
    await stage.until('it says so', () => stage.person.isAskedFor('ForeignOwner'));
    stage.person.patchRun({ takeovers: [{ record: 'public', from: 'billing/cart', ...said }] });
    await stage.pass(30_000);
    assert.deepEqual(operatorChanges(stage.world), [], 'another identity’s record stays');
    // What was said is a record: the run that named the wrong one is turned back, and the next one names the right one.
    stage.person.setActiveRegion(east);
    await stage.until('it is taken back', () => stage.person.run()?.status?.phase === 'Aborted');
    await stage.until('the wish is where it is', () => stage.person.condition('Ready')?.status === 'True');
    stage.person.setActiveRegion(west);
    await stage.until(
      'the next run says so',
      () => stage.person.runs().length === 2 && stage.person.isAskedFor('ForeignOwner'),
    );
    stage.person.patchRun({ takeovers: [{ record: 'public', from: 'billing/checkout', ...said }] });
    await runIs(stage, 'Succeeded');
    assert.match(recordValues(stage.world, ownerName, 'TXT').join(), /epoch=2,region=us-west-2/);
  },
  must: [
    /bob .*heritage=maestro-dr/,
    /step .*preflight\/public (Waiting|Blocked) ForeignOwner/,
    /ana .*billing\/cart/,
    /run .*checkout-1 is in Aborted/,
    /ana .*billing\/checkout/,
    /step .*preflight\/public Succeeded/,
    /dns .*answers us-west-2/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
});

/** As `kubectl create` sends it. */
function makeRun(stage: Stage, epoch: number, targetRegion: string): void {
  const uid = (stage.person.plan().metadata as { readonly uid: string }).uid;
  ask(stage.world.management, 'POST', runsPath, {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRun',
    metadata: { name: `${planName}-${String(epoch)}`, namespace: planNamespace },
    spec: { planRef: { name: planName, uid }, epoch, targetRegion, type: 'Switchover' },
  });
}

scenario({
  name: 'person-run',
  shows:
    'Git owns the field and would heal any patch: a person makes a Run instead; one of a wrong epoch never acts, the right one moves the platform, and nothing moves it back',
  async story(stage) {
    await settle(stage);
    makeRun(stage, 5, west);
    await stage.until('it is refused', () => stage.person.run()?.status?.phase === 'Superseded');
    assert.match(
      stage.person.run()?.status?.message ?? '',
      /Its epoch 5 is not the next one, .*: make another as checkout-6/,
    );
    await stage.pass(5_000);
    makeRun(stage, 6, west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    // Argo CD applies what Git says, which is what stands there: no wish, no abort.
    const healed = { spec: { activeRegion: east } };
    ask(stage.world.management, 'PATCH', `${plansPath}/${planName}`, healed, 'argocd-application-controller/v3.1.0');
    await runIs(stage, 'Succeeded');
    await stage.pass(120_000);
    assert.equal(stage.person.condition('Ready')?.reason, 'ActiveRegionOverridden');
    assert.equal(stage.person.runs().length, 2, 'it does not lead back by itself');
    stage.person.setActiveRegion(west);
    await stage.until('it is whole', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(5_000);
  },
  must: [
    /ana .*create runs checkout-5/,
    /run .*checkout-5 is in Superseded/,
    /ana .*create runs checkout-6/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-6 is in Succeeded/,
    /plan .*ActiveRegionOverridden: A Run made by a person, checkout-6, has moved it to us-west-2/,
    /plan .*Ready=True/,
  ],
  never: [/makes checkout/, /timeline 3/, /Aborted/],
  expect: assertMovedWithoutLoss,
});

const both = ['orders', 'ledger'] as const;

scenario({
  name: 'two-partial',
  shows:
    'one of two databases cannot be promoted: the other is, the traffic holds, and it is said where each writes; a person leaves it behind, on record, and the platform moves without it',
  options: { databases: both },
  async story(stage) {
    const books = keepBooks(stage, both);
    await settle(stage);
    const mended = stage.kernel.inject({
      label: 'sql.promote',
      destination: `*${serverName('ledger', west)}*`,
      do: 'error',
      error: { sqlState: '58030', message: 'could not write to file: I/O error' },
    });
    stage.timeline.note('weather', 'the disk of ledger in us-west-2 fails');
    stage.person.setActiveRegion(west);
    await stage.until('it says so', () => stage.person.isAskedFor('PartiallyPromoted'), 900_000);
    await stage.pass(60_000);
    assert.deepEqual(operatorChanges(stage.world), [], 'the traffic holds');
    assert.equal(stage.world.postgresql.ledger?.catalogue(serverName('ledger', east)).roles.shop?.login, false);
    stage.person.answer('PartiallyPromoted');
    await stage.pass(5_000);
    assert.equal(stage.person.step('promote/ledger')?.outcome, undefined, 'it takes an acceptance as well');
    stage.person.patchRun({ acceptDataLoss: { max: '10m', ...said } });
    await stage.until('it moves', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await runIs(stage, 'Succeeded');
    mended();
    await stage.pass(30_000);
    assert.equal(stage.person.condition('Ready')?.reason, 'DatabasesApart');
    assertPoint(stage, 'orders', books.ceasesAt('orders'));
    assert.deepEqual(recoveryOf(stage, 'ledger'), { database: 'ledger', grade: 'Unknown', basis: 'NotPromoted' });
    assert.deepEqual(skewOf(stage), { unknownOf: ['ledger'] });
  },
  must: [
    /weather .*disk of ledger/,
    /postgres .*orders in us-west-2: primary, timeline 2/,
    /step .*promote\/ledger Blocked PartiallyPromoted: .*orders writes in us-west-2; ledger writes nowhere/,
    /ana .*skips.*promote\/ledger/,
    /ana .*acceptDataLoss/,
    /step .*promote\/ledger Skipped/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
    /plan .*DatabasesApart/,
  ],
  never: [/ledger in us-west-2: primary/, /ledger in us-east-1: replica/],
  expect(stage) {
    assert.equal(orders(stage).role(serverName('orders', west)), 'Primary');
    assert.equal(stage.world.postgresql.ledger?.role(serverName('ledger', west)), 'Replica');
  },
  killSweep: {
    why: 'its fault is a standing one, which a sweep would count as never met where the run ends before it',
  },
});

scenario({
  name: 'deleted-in-flight',
  shows:
    'plan and Run are deleted while the source is fenced and nothing is promoted yet: they are held until the run is over, so nothing is left half done',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'pauses the replay of the standby');
    stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), true);
    await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
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
    'a run is abandoned past its fence: refused before there is one; then nothing more is done and nothing taken back, and the plan says that it is not whole',
  async story(stage) {
    await settle(stage);
    stage.person.patchPlan({ failover: { approval: 'Always' } });
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'pauses the replay of the standby');
    stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), true);
    await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
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
  name: 'rebuild-retried',
  shows: 'the Job that rebuilds the old primary fails: its log is quoted; mended, what `next` says makes another Job',
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await stage.pass(20_000);
    stage.timeline.note('weather', 'the rebuild’s image is broken');
    stage.world.red.add('rebuild');
    stage.timeline.note('weather', 'us-east-1 comes back');
    stage.world.restore(east);
    orders(stage).link(serverName('orders', west)).restore();
    await stage.until('it has failed', () => stage.person.isAskedFor('RebuildFailed'));
    await stage.pass(30_000);
    stage.timeline.note('weather', 'the image is mended');
    stage.world.red.delete('rebuild');
    stage.person.answer('RebuildFailed');
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*image is broken/,
    /step .*rebuild\/orders (Waiting|Blocked) RebuildFailed/,
    /weather .*mended/,
    /ana .*retries.*rebuild\/orders/,
    /postgres .*us-east-1: replica, timeline 2/,
    /step .*rebuild\/orders Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    const jobs = stage.world.clusters[east].hooks
      .list('batch/jobs', 'payments')
      .map((job) => (job as { readonly metadata: { readonly name: string } }).metadata.name);
    assert.deepEqual(jobs.sort(), ['checkout-1-rebuild-orders', 'checkout-1-rebuild-orders-1']);
  },
});
