import assert from 'node:assert/strict';
import { operatorChanges, ownerName, recordValues, typeAws } from './dns-hand.ts';
import { east, serverName, west } from './names.ts';
import { assertMovedWithoutLoss, loseTheEast, orders, runIs, settle, shopMayLogIn } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

function zoneIs(stage: Stage, up: boolean): void {
  stage.timeline.note('weather', up ? 'the DNS control plane answers again' : 'the DNS control plane answers 503');
  stage.world.route53.faults.setOutage(up ? 'none' : 'unavailable');
}

/** An operator that died on the way has forgotten who serves the zone, and asks; the one that lived does not. */
async function smokeTested(stage: Stage): Promise<void> {
  const tested = (): boolean => stage.person.step('smoke/place-order')?.outcome !== undefined;
  await stage.until('the west is smoke-tested', () => tested() || stage.person.isAskedFor('EpochUnproven'));
  if (!tested()) stage.person.answer('EpochUnproven');
  await stage.until('the west is smoke-tested', tested);
}

scenario({
  name: 'dns-down-planned',
  shows: 'planned, and the DNS control plane is down: refused before anything is fenced; back, the run goes on',
  async story(stage) {
    await settle(stage);
    zoneIs(stage, false);
    await stage.pass(5_000);
    stage.person.setActiveRegion(west);
    await stage.until(
      'it says so',
      () => stage.person.step('preflight/public')?.waitsFor?.reason === 'TrafficUnavailable',
    );
    await stage.pass(120_000);
    assert.match(stage.person.step('preflight/public')?.waitsFor?.message ?? '', /needs it before anything is fenced/);
    assert.equal(stage.person.step('fence/orders')?.intent, undefined);
    assert.equal(stage.person.step('quiesce/worker')?.intent, undefined);
    assert.equal(shopMayLogIn(stage, serverName('orders', east)), true);
    assert.ok(stage.world.clients.longestOutageMs() < 2_000, 'the clients noticed nothing');
    zoneIs(stage, true);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*503/,
    /ana .*us-west-2/,
    /weather .*answers again/,
    /step .*preflight\/public Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect: assertMovedWithoutLoss,
});

/** The batch that the status gives, where the operator knows enough for one; one that died on the way may not. */
async function movedByHand(stage: Stage): Promise<boolean> {
  const late = (): boolean => stage.person.step('shift/public')?.state === 'Blocked';
  await stage.until('its deadline is over', late);
  await stage.pass(20_000);
  const held = stage.person.step('shift/public')?.waitsFor;
  assert.equal(held?.reason, 'TrafficUnavailable');
  // A listing only shows what is there, where the batch cannot be given.
  if (held.next?.startsWith('aws route53 change-resource-record-sets ') !== true) return false;
  stage.timeline.note('ana', `types ${held.next}`);
  typeAws(stage.world, held.next);
  return true;
}

scenario({
  name: 'dns-down-forced',
  shows:
    'forced, and the DNS control plane is down: the databases are brought up all the same; past its deadline the shift gives a person the batch, and goes on by what the name servers answer',
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    zoneIs(stage, false);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    stage.person.answer('FenceNotProven', { at: killedAt });
    await smokeTested(stage);
    await stage.pass(60_000);
    assert.equal(orders(stage).role(serverName('orders', west)), 'Primary');
    assert.equal(stage.person.step('shift/public')?.outcome, undefined);
    assert.equal(stage.person.step('shift/public')?.waitsFor?.next, undefined, 'in time it is the operator`s');
    const moved = await movedByHand(stage);
    assert.deepEqual(operatorChanges(stage.world), []);
    if (!moved) zoneIs(stage, true);
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    if (moved) zoneIs(stage, true);
    await stage.pass(60_000);
  },
  must: [
    /weather .*dies/,
    /weather .*503/,
    /ana .*approvals/,
    /step .*preflight\/public Overridden/,
    /ana .*attestations/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*smoke\/place-order Succeeded/,
    /step .*shift\/public Blocked TrafficUnavailable: .*type the command/,
    /ana .*types aws route53 change-resource-record-sets .*"DELETE".*us-east-1.*"CREATE".*us-west-2.*epoch=1,/,
    /dns .*answers us-west-2/,
    /step .*shift\/public Succeeded/,
    /step .*observed\/public Succeeded/,
    /clients .*taken in us-west-2/,
    /weather .*answers again/,
    /step .*soak Succeeded/,
  ],
  never: [/timeline 3/, /EpochUnproven/, /shift\/public Overridden/, /RecordDrifted/],
  expect(stage) {
    assert.equal(stage.world.clients.acknowledged().at(-1)?.region, west);
    assert.deepEqual(operatorChanges(stage.world), [], 'the one change was a person`s');
    assert.match(recordValues(stage.world, ownerName, 'TXT').join(), /epoch=1,region=us-west-2,run=/);
  },
});

scenario({
  name: 'dns-dark-forced',
  shows:
    'forced, and neither the DNS control plane nor its servers answer: nobody can say whether a newer run exists; asked once, it promotes, and the traffic follows later',
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    zoneIs(stage, false);
    const heal = stage.kernel.cut({ match: { id: '10.0.0.*:53' }, how: 'hang' });
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('it asks whether a newer run may exist', () => stage.person.isAskedFor('EpochUnproven'));
    await stage.pass(60_000);
    assert.equal(orders(stage).role(serverName('orders', west)), 'Replica');
    stage.person.answer('EpochUnproven');
    await stage.until('the west is smoke-tested', () => stage.person.step('smoke/place-order')?.outcome !== undefined);
    await stage.pass(30_000);
    assert.deepEqual(operatorChanges(stage.world), []);
    heal();
    zoneIs(stage, true);
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(40_000);
  },
  must: [
    /weather .*503/,
    /ana .*attestations/,
    /step .*promote\/orders Waiting EpochUnproven: The epoch of checkout\.example\.com could not be read/,
    /ana .*EpochUnproven/,
    /postgres .*us-west-2: primary, timeline 2/,
    /weather .*answers again/,
    /dns .*answers us-west-2/,
    /clients .*taken in us-west-2/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    assert.equal(operatorChanges(stage.world).length, 1, 'one change moved the traffic');
  },
});

scenario({
  name: 'dns-server-dark',
  shows:
    'planned, and one name server never answers the operator, which dies after the shift: its successor asks for the change that the journal names, and past the deadline goes on by what the others and the control plane say',
  killSweep: {
    why: 'the operator that dies before it has written down what its change is called leaves that step to a person',
  },
  async story(stage) {
    await settle(stage);
    stage.kernel.cut({ match: { id: '10.0.0.2:53' }, how: 'hang' });
    stage.person.setActiveRegion(west);
    await stage.until('the shift is written down', () => stage.person.step('shift/public')?.outcome !== undefined);
    assert.equal(stage.person.step('observed/public')?.outcome, undefined);
    stage.kernel.kill('operator');
    stage.kernel.restart('operator');
    await runIs(stage, 'Succeeded');
  },
  must: [
    /step .*shift\/public Succeeded/,
    /step .*observed\/public Overridden/,
    /step .*soak Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /shift\/public Overridden/],
  expect(stage) {
    assertMovedWithoutLoss(stage);
    const [seen] = stage.person.step('observed/public')?.outcome?.evidence ?? [];
    assert.match(seen?.what ?? '', /ns1\S* us-west-2, ns2\S* Silent; INSYNC$/);
    assert.match(seen?.value ?? '', /"grade":"Partial"/);
  },
});

scenario({
  name: 'dns-server-behind',
  shows:
    'planned, and one name server keeps the old answer for longer than its deadline: the run waits, for clients may still be sent to the source',
  options: { waits: { nameServersMs: [400, 420_000], insyncMs: 420_000 } },
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('its deadline is over', () => stage.person.step('observed/public')?.state === 'Blocked');
    await stage.pass(60_000);
    assert.equal(stage.person.step('observed/public')?.outcome, undefined);
    assert.equal(stage.person.step('stand-down/api')?.intent, undefined);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /step .*shift\/public Succeeded/,
    /step .*observed\/public Blocked TrafficUnobserved/,
    /dns .*ns2\S* answers us-west-2/,
    /step .*observed\/public Succeeded/,
    /run .*Succeeded/,
    /step .*stand-down\/api Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect: assertMovedWithoutLoss,
});
