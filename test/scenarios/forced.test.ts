import assert from 'node:assert/strict';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { east, serverName, west } from './names.ts';

/** The link is held, orders go on, and then everything in the east dies: what was not replicated is lost. Returns when. */
export async function loseTheEast(stage: Stage): Promise<number> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.world.postgresql.orders?.link(serverName('orders', west)).hold();
  await stage.pass(6_000);
  const killedAt = stage.now();
  stage.timeline.note('weather', 'everything in us-east-1 dies');
  stage.world.destroy(east);
  await stage.pass(2_000);
  return killedAt;
}

/** A person patches the field and then types what the status asks for, as it asks. */
export async function failOver(stage: Stage, killedAt: number): Promise<void> {
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
  assert.equal(
    stage.world.postgresql.orders?.role(serverName('orders', west)),
    'Replica',
    'nothing is promoted before a person has spoken',
  );
  stage.person.answer('FenceNotProven', { at: killedAt });
  await stage.until('it is healthy in the west', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
}

/** The east comes back with its data, and a client that was never told writes there. */
export async function theEastReturns(stage: Stage): Promise<void> {
  stage.timeline.note('weather', 'us-east-1 comes back');
  stage.world.clients.pin(east);
  stage.world.restore(east);
  stage.world.postgresql.orders?.link(serverName('orders', west)).restore();
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(10_000);
}

scenario({
  name: 'forced',
  shows:
    'a region dies with orders that were not replicated; a person attests, the west takes over; the east returns, is fenced first, compared and rebuilt',
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await stage.pass(20_000);
    await theEastReturns(stage);
  },
  must: [
    /weather .*dies/,
    /clients .*refused/,
    /ana .*us-west-2/,
    /step .*approve Waiting ApprovalRequired/,
    /ana .*approvals/,
    /ana .*attestations/,
    /step .*fence\/orders Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*probe\/orders Succeeded/,
    /dns .*answers us-west-2/,
    /clients .*taken in us-west-2/,
    /weather .*comes back/,
    /step .*finish-fence\/orders Succeeded/,
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /quiesce\/worker Blocked/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const lost = stage.world.clients.lost(orders.rows(serverName('orders', west)));
    const recovery = stage.person.run()?.status?.recovery?.[0];
    const beforeReturn = lost.filter((entry) => entry.id.startsWith('c'));
    const afterReturn = lost.filter((entry) => entry.id.startsWith('p'));
    assert.ok(beforeReturn.length > 0, 'some acknowledged orders were lost');
    assert.equal(
      recovery?.postReturnCommits,
      afterReturn.length,
      'what the pinned client got acknowledged after the return is counted',
    );
    assert.ok(
      Number(recovery.lostCommits) >= beforeReturn.length,
      'every lost order is among the commits that were read',
    );
  },
});
