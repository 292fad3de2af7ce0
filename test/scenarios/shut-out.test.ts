import assert from 'node:assert/strict';
import { operatorChanges } from './dns-hand.ts';
import { modelOf } from './hand.ts';
import { host, serverName, west } from './names.ts';
import { assertMovedWithoutLoss, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const server = serverName('orders', west);

function shop(stage: Stage, login: boolean): void {
  stage.timeline.note('bob', login ? 'lets the shop in again' : 'shuts the shop out of orders in us-west-2');
  modelOf(stage, 'orders').alterRole(server, 'shop', { login });
}

scenario({
  name: 'shut-out',
  shows:
    'the target was tested and waits for a dependency; its database hangs for the operator, and an administrator shuts the shop out: the name is not moved on what was seen a moment before',
  async story(stage) {
    await settle(stage);
    stage.timeline.note('weather', 'the identity provider answers 503');
    stage.world.red.add('idp');
    stage.person.setActiveRegion(west);
    await stage.until('the west is tested', () => stage.person.step('smoke/place-order')?.outcome !== undefined);
    await stage.pass(5_000);
    stage.timeline.note('weather', 'the database in us-west-2 hangs for the operator');
    const heal = stage.kernel.cut({ match: { id: `${host(server)}:5432` }, how: 'hang' });
    shop(stage, false);
    await stage.pass(1_000);
    stage.timeline.note('weather', 'the identity provider answers again');
    stage.world.red.delete('idp');
    await stage.until(
      'it waits for a look',
      () => stage.person.step('shift/public')?.waitsFor?.reason === 'EvidenceStale',
    );
    await stage.pass(20_000);
    heal();
    await stage.until('it sees', () => stage.person.step('shift/public')?.waitsFor?.reason === 'DatabaseNotOpen');
    await stage.pass(20_000);
    assert.deepEqual(operatorChanges(stage.world), []);
    shop(stage, true);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*503/,
    /step .*smoke\/place-order Succeeded/,
    /bob .*shuts the shop out/,
    /weather .*answers again/,
    /step .*dependency\/[a-z-]+ Succeeded/,
    /bob .*lets the shop in/,
    /step .*shift\/public Succeeded/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
});
