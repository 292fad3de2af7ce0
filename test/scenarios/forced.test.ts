import assert from 'node:assert/strict';
import { scenario } from './scenario.ts';
import { serverName, west } from './names.ts';
import { failOver, loseTheEast, theEastReturns } from './outage.ts';

export { failOver, loseTheEast, theEastReturns } from './outage.ts';

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
