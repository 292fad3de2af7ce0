import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** There, and at once back: the second is held by the first's cooldown, and does nothing. */
async function thereAndBack(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.person.setActiveRegion(west);
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(15_000);
  const before = effects(stage).length;
  stage.person.setActiveRegion(east);
  await stage.until('it is held', () => stage.person.runs().length === 2 && stage.person.isAskedFor('Cooldown'));
  await stage.pass(60_000);
  assert.deepEqual(effects(stage).slice(before), [], 'nothing is done in the cooldown');
}

async function over(stage: Stage): Promise<void> {
  await stage.until('the way back is over', () => stage.person.run()?.status?.phase === 'Succeeded', 900_000);
  await stage.pass(10_000);
}

const expect = (stage: Stage): void => {
  const orders = stage.world.postgresql.orders;
  assert.ok(orders !== undefined);
  assert.equal(orders.role(serverName('orders', east)), 'Primary');
  assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', east))), []);
};

scenario({
  name: 'cooldown',
  shows: 'a second failover within the cooldown of the first waits; a person says that it is meant, and it goes',
  async story(stage) {
    await thereAndBack(stage);
    stage.person.answer('Cooldown');
    await over(stage);
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /operator .*makes checkout-2/,
    /step .*approve Waiting Cooldown/,
    /ana .*approvals.*Cooldown/,
    /step .*approve (Succeeded|Vacuous)/,
    /postgres .*us-east-1: primary, timeline 3/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/timeline 4/, /Overridden/],
  expect,
});

scenario({
  name: 'cooldown-over',
  shows: 'a second failover within the cooldown of the first waits for its end, and then goes by itself',
  async story(stage) {
    await thereAndBack(stage);
    const { lastFailoverAt } = stage.person.planStatus();
    await stage.until('it goes on', () => stage.person.step('quiesce/worker')?.intent !== undefined, 900_000);
    assert.ok(stage.now() >= Date.parse(String(lastFailoverAt)) + 600_000, 'not before the cooldown was over');
    await over(stage);
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /step .*approve Waiting Cooldown/,
    /1\d:\d\d .*step .*approve (Succeeded|Vacuous)/,
    /postgres .*us-east-1: primary, timeline 3/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/timeline 4/, /Overridden/, /ana .*approvals/],
  expect,
});
