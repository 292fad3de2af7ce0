import assert from 'node:assert/strict';
import { scenario } from './scenario.ts';
import { east, serverName, west } from './names.ts';

scenario({
  name: 'planned',
  shows:
    'a switchover of a healthy region and back again, with clients ordering all the while: no acknowledged order is lost',
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    stage.person.patchPlan({ failover: { cooldown: '0s' } });
    await stage.pass(5_000);
    stage.person.setActiveRegion(east);
    await stage.until(
      'the way back is over',
      () => stage.person.runs().length === 2 && stage.person.run()?.status?.phase === 'Succeeded',
    );
    await stage.pass(10_000);
  },
  must: [
    /ana .*us-west-2/,
    /step .*quiesce\/worker Succeeded/,
    /step .*fence\/orders Succeeded/,
    /step .*position\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*probe\/orders Succeeded/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
    /ana .*us-east-1/,
    /operator .*makes checkout-2/,
    /postgres .*us-east-1: primary, timeline 3/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/Blocked/, /Overridden/, /Waiting/, /timeline 4/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', east))), []);
    assert.equal(orders.role(serverName('orders', east)), 'Primary');
    assert.equal(orders.role(serverName('orders', west)), 'Replica');
  },
});
