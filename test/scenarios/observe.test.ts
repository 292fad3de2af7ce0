import assert from 'node:assert/strict';
import { assertNoRunbook, assertNothingTouched } from './effects.ts';
import { loseTheEast } from './forced.test.ts';
import { east, serverName, west } from './names.ts';
import { assertMovedWithoutLoss } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const plan = { enforcement: 'Observe' };

/** The report of each step that would have acted says so. */
function assertTold(stage: Stage): void {
  const pretended = (stage.person.run()?.status?.steps ?? []).filter((step) => step.outcome?.state === 'Pretended');
  const ids = pretended.map(({ id }) => id);
  for (const id of ['fence/orders', 'promote/orders', 'open/orders', 'shift/public', 'workload/api']) {
    assert.ok(ids.includes(id), `${id} among ${ids.join(', ')}`);
  }
}

scenario({
  name: 'observe-forced',
  shows: 'a region dies under a plan that only observes: the failover is decided and reported, and nothing is touched',
  options: { plan },
  async story(stage) {
    await loseTheEast(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(60_000);
  },
  must: [/weather .*dies/, /ana .*us-west-2/, /operator .*makes checkout-1/, /run .*Succeeded/, /plan .*ObserveOnly/],
  never: [/us-west-2: primary/, /answers us-west-2/, /taken in us-west-2/],
  expect(stage) {
    assertNothingTouched(stage);
    assertNoRunbook(stage);
    assert.equal(stage.world.postgresql.orders?.role(serverName('orders', west)), 'Replica');
    assert.equal(stage.person.run()?.status?.mode, 'Forced');
    assertTold(stage);
  },
});

scenario({
  name: 'observe-planned',
  shows: 'a switchover under a plan that only observes: every step is told, and the clients notice nothing',
  options: { plan },
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(60_000);
  },
  must: [/ana .*us-west-2/, /operator .*makes checkout-1/, /run .*Succeeded/, /plan .*ObserveOnly/],
  never: [/us-west-2: primary/, /answers us-west-2/, /Waiting/, /Blocked/],
  expect(stage) {
    assertNothingTouched(stage);
    assertNoRunbook(stage);
    assert.equal(stage.world.postgresql.orders?.role(serverName('orders', east)), 'Primary');
    assert.ok(stage.world.clients.longestOutageMs() < 2_000);
    assert.equal(stage.person.run()?.status?.mode, 'Planned');
    assertTold(stage);
  },
});

scenario({
  name: 'observed-then-act',
  shows:
    'what only observed a move is set to act while the field still says where to: nothing begins by itself, it says what to type, and typed that moves it',
  options: { plan: { ...plan, failover: { cooldown: '10m', drain: '5s', soak: '5s' } } },
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(5_000);
    stage.person.patchPlan({ enforcement: 'Act' });
    await stage.pass(60_000);
    const ready = stage.person.condition('Ready');
    assert.equal(ready?.reason, 'ObserveOnly');
    assert.match(ready.message, /Set activeRegion to us-east-1, and then to us-west-2 to carry it out\.$/);
    assert.equal(stage.person.runs().length, 1);
    stage.person.setActiveRegion(east);
    await stage.until('it is taken back', () => stage.person.condition('Ready')?.status === 'True');
    stage.person.setActiveRegion(west);
    const isMoved = (): boolean => stage.person.run()?.status?.phase === 'Succeeded';
    await stage.until('it has moved', () => stage.person.runs().length === 2 && isMoved());
    await stage.pass(10_000);
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /plan .*ObserveOnly/,
    /ana .*"enforcement":"Act"/,
    /plan .*Ready=True/,
    /dns .*answers us-west-2/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
});
