import assert from 'node:assert/strict';
import { KILL_MOMENTS } from '../simulation/kernel/index.ts';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const operators = ['a', 'b'] as const;
const why = 'two operators take turns by the lease: which of them a death strikes is what this tells';

/** The process that the Lease names, by the API server's own record. */
function leader(stage: Stage): string {
  const lease = stage.world.management.hooks.read('coordination.k8s.io/leases', 'maestro-dr-system', 'maestro-dr');
  const holder = (lease?.spec as { readonly holderIdentity?: string } | undefined)?.holderIdentity ?? '';
  return operators.find((name) => holder.startsWith(name)) ?? assert.fail(`nobody leads: ${holder}`);
}

async function declare(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.person.setActiveRegion(west);
}

async function over(stage: Stage): Promise<void> {
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(30_000);
}

/** By PostgreSQL's own history, and by the orders. */
function assertOnePromotion(stage: Stage): void {
  const orders = stage.world.postgresql.orders;
  assert.ok(orders !== undefined);
  assert.equal(orders.timelineHistory(serverName('orders', west)).length, 1, 'one promotion');
  assert.equal(orders.role(serverName('orders', east)), 'Replica');
  assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
}

for (const moment of KILL_MOMENTS) {
  scenario({
    name: `leadership-${moment}`,
    shows: `of two operators the leading one dies at the promotion (${moment}): the other takes over, and there is one promotion`,
    options: { operators, faults: [{ label: 'sql.promote', do: moment }] },
    killSweep: { why },
    async story(stage) {
      await stage.until('somebody leads', () => stage.person.condition('Ready')?.status === 'True');
      const first = leader(stage);
      stage.timeline.note('lease', `is held by ${first}`);
      await declare(stage);
      await stage.until('another leads', () => leader(stage) !== first);
      stage.timeline.note('lease', `is held by ${leader(stage)}`);
      await over(stage);
      assert.deepEqual(stage.kernel.unmet(), [], 'it died there');
    },
    must: [
      /lease .*held by [ab]/,
      /step .*fence\/orders Succeeded/,
      /lease .*held by [ab]/,
      /dns .*answers us-west-2/,
      /run .*checkout-1 is in Succeeded/,
    ],
    never: [/timeline 3/, /Overridden/, /makes checkout-2/],
    expect: assertOnePromotion,
  });
}

for (const how of ['process', 'machine'] as const) {
  scenario({
    name: `leadership-suspended-${how}`,
    shows: `the leading operator stands still (its ${how}) for longer than its lease, with a promotion recorded and not sent: the other carries it out, the resumed one sends nothing`,
    options: { operators },
    killSweep: { why },
    async story(stage) {
      await declare(stage);
      await stage.until('the promotion is recorded', () => stage.person.step('promote/orders')?.intent !== undefined);
      const first = leader(stage);
      const since = stage.kernel.now();
      stage.timeline.note('weather', `operator ${first} stands still`);
      stage.kernel.suspend(first, 40_000, how);
      await stage.until('another leads', () => leader(stage) !== first);
      stage.timeline.note('lease', `is held by ${leader(stage)}`);
      await stage.until('it is promoted', () => stage.person.step('promote/orders')?.outcome !== undefined);
      await stage.until('it goes on', () => stage.kernel.process(first).state === 'running');
      stage.timeline.note('weather', `operator ${first} goes on`);
      await over(stage);
      const late = effects(stage).filter((call) => call.process === first && call.at >= since);
      assert.deepEqual(
        late.map(({ label, at }) => `${label} at ${String(at)}`),
        [],
        'the one that stood still has sent nothing since',
      );
    },
    must: [
      /weather .*stands still/,
      /step .*fence\/orders Succeeded/,
      /lease .*held by [ab]/,
      /postgres .*us-west-2: primary, timeline 2/,
      /weather .*goes on/,
      /run .*checkout-1 is in Succeeded/,
    ],
    never: [/timeline 3/, /Overridden/, /makes checkout-2/],
    expect: assertOnePromotion,
  });
}

scenario({
  name: 'leadership-lost-with-the-region',
  shows:
    'after quiet minutes the region dies, and the leading operator with it: the one that takes over knows the positions that the first had seen, and the loss is bounded by them',
  options: { operators },
  killSweep: { why },
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(300_000);
    const first = leader(stage);
    stage.timeline.note('lease', `is held by ${first}`);
    stage.timeline.note('weather', `everything in ${east} dies, and operator ${first}`);
    stage.world.destroy(east);
    const diedAt = stage.now();
    stage.kernel.kill(first, 'with its node');
    await stage.until('another leads', () => leader(stage) !== first);
    stage.timeline.note('lease', `is held by ${leader(stage)}`);
    await stage.pass(15_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks', () => stage.person.isAskedFor('FenceNotProven'));
    stage.person.answer('FenceNotProven', { at: diedAt });
    await stage.until('the orders are taken in the west', () => stage.person.run()?.status?.phase === 'Reconstitution');
  },
  must: [
    /lease .*held by [ab]/,
    /weather .*dies/,
    /lease .*held by [ab]/,
    /step .*promote\/orders Succeeded/,
    /dns .*answers us-west-2/,
  ],
  never: [/DataLossUnaccepted/, /timeline 3/],
  expect(stage) {
    const recovery = stage.person.run()?.status?.recovery?.[0];
    assert.equal(recovery?.grade, 'Bounded');
  },
});
