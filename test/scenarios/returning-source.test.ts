import assert from 'node:assert/strict';
import { effectsIn } from './effects.ts';
import { loseTheEast } from './forced.test.ts';
import { east, serverName, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** As far as a person's attestation; the loss is above the objective, so that one word is still missing. */
async function attested(stage: Stage): Promise<void> {
  const killedAt = await loseTheEast(stage);
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
  stage.person.answer('FenceNotProven', { at: killedAt });
}

function eastReturns(stage: Stage): void {
  stage.timeline.note('weather', 'us-east-1 comes back, its writer open');
  stage.world.clients.pin(east);
  stage.world.restore(east);
}

/** The first thing that the operator does there is the fence, scaling down aside. */
function assertFenceFirst(stage: Stage): void {
  const [first] = effectsIn(stage, east);
  assert.equal(first?.label, 'sql.fence', JSON.stringify(effectsIn(stage, east).map(({ label }) => label)));
}

scenario({
  name: 'returning-before-promotion',
  shows:
    'the source that a person called dead comes back just before the promotion, open: nothing is promoted until it is fenced',
  options: { plan: { objectives: { rto: '15m', rpo: '1s' } } },
  async story(stage) {
    await attested(stage);
    await stage.until('it asks for the loss', () => stage.person.isAskedFor('DataLossUnaccepted'));
    await stage.pass(5_000);
    eastReturns(stage);
    await stage.until(
      'the gate closes',
      () => stage.person.step('promote/orders')?.waitsFor?.reason === 'FenceNotProven',
    );
    await stage.until('it is fenced', () => stage.person.step('finish-fence/orders')?.outcome !== undefined);
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.equal(orders.role(serverName('orders', west)), 'Replica', 'nothing was promoted beside an open writer');
    assert.equal(orders.catalogue(serverName('orders', east)).roles.shop?.login, false);
    await stage.until('it asks for the loss again', () => stage.person.isAskedFor('DataLossUnaccepted'));
    stage.person.answer('DataLossUnaccepted');
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /step .*fence\/orders Overridden/,
    /step .*promote\/orders Waiting DataLossUnaccepted/,
    /weather .*comes back/,
    /step .*finish-fence\/orders Succeeded/,
    /ana .*acceptDataLoss/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertFenceFirst,
});

scenario({
  name: 'returning-after-promotion',
  shows: 'the source comes back right after the promotion was recorded: the first effect there is its fence',
  // The loss is another scenario's: here an operator that dies is away for its lease, and the orders go on meanwhile.
  options: { plan: { objectives: { rto: '15m', rpo: '5m' } } },
  async story(stage) {
    await attested(stage);
    await stage.until('the promotion is recorded', () => stage.person.step('promote/orders')?.intent !== undefined);
    eastReturns(stage);
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    stage.world.postgresql.orders?.link(serverName('orders', west)).restore();
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /step .*fence\/orders Overridden/,
    /weather .*comes back/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*finish-fence\/orders Succeeded/,
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    assertFenceFirst(stage);
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const lost = stage.world.clients.lost(orders.rows(serverName('orders', west)));
    const recovery = stage.person.run()?.status?.recovery?.[0];
    const counted = Number(recovery?.lostCommits) + Number(recovery?.postReturnCommits);
    assert.ok(counted >= lost.filter((entry) => entry.id.startsWith('c')).length);
  },
});
