import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { ask, runsPath } from './objects.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

async function move(stage: Stage, to: typeof east | typeof west, count: number): Promise<void> {
  stage.person.setActiveRegion(to);
  await stage.until(
    `it has moved to ${to}`,
    () => stage.person.runs().length === count && stage.person.run()?.status?.phase === 'Succeeded',
  );
  await stage.pass(15_000);
}

async function begin(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  stage.person.patchPlan({ failover: { cooldown: '0s' } });
  await stage.pass(12_000);
}

/** The world as it was left, whatever an old object says. */
function assertStillIn(stage: Stage, region: typeof east | typeof west, promotions: number): void {
  const orders = stage.world.postgresql.orders;
  assert.ok(orders !== undefined);
  assert.equal(orders.role(serverName('orders', region)), 'Primary');
  assert.equal(orders.timelineHistory(serverName('orders', region)).length, promotions);
  assert.equal(stage.world.clients.log.at(-1)?.acknowledged, true, 'orders are taken');
  assert.equal(stage.world.clients.log.at(-1)?.region, region);
}

scenario({
  name: 'restored-run',
  shows: 'an old Run comes back from a backup while the plan is elsewhere: it is superseded, and nothing happens',
  async story(stage) {
    await begin(stage);
    await move(stage, west, 1);
    const first = stage.person.run();
    assert.ok(first !== undefined);
    await move(stage, east, 2);
    const before = effects(stage).length;
    stage.timeline.note('ana', 'restores checkout-1 from a backup, without its status');
    ask(stage.world.management, 'DELETE', `${runsPath}/checkout-1`);
    ask(stage.world.management, 'POST', runsPath, {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRun',
      metadata: { name: 'checkout-1' },
      spec: first.spec,
    });
    await stage.until('it is superseded', () => stage.person.runs()[0]?.status?.phase === 'Superseded');
    await stage.pass(120_000);
    assert.deepEqual(effects(stage).slice(before), [], 'zero effects');
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /run .*checkout-2 is in Succeeded/,
    /ana .*restores checkout-1/,
    /run .*checkout-1 is in Superseded/,
  ],
  never: [/timeline 4/, /makes checkout-3/, /Blocked/],
  expect(stage) {
    assertStillIn(stage, east, 2);
    assert.equal(stage.person.condition('Ready')?.status, 'True');
  },
});

scenario({
  name: 'restored-cluster',
  killSweep: {
    why: 'what the restored plan says (ActiveRegionMismatch or OutOfBandChange) depends on how far the run had come when the snapshot was taken, and a death moves that; nothing is acted on either way, which the invariants hold',
  },
  shows:
    'the management cluster comes back from a snapshot taken in the middle of a run that is long over: what databases and DNS remember is newer, so the old run changes nothing',
  async story(stage) {
    await begin(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it is about to fence', () => stage.person.step('quiesce/worker')?.intent !== undefined);
    const snapshot = stage.world.management.snapshot();
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(15_000);
    await move(stage, east, 2);
    const before = effects(stage).length;
    stage.timeline.note('ana', 'restores the management cluster from a snapshot of the first run');
    stage.world.recoverManagement(snapshot);
    await stage.until('it says so', () =>
      (stage.person.run()?.status?.steps ?? []).some((step) => step.waitsFor?.reason === 'StaleEpoch'),
    );
    await stage.pass(300_000);
    assert.deepEqual(
      effects(stage)
        .slice(before)
        .map((call) => `${call.label} ${call.destination} ${call.detail}`),
      [],
      'zero effects',
    );
    assert.equal(
      stage.person.step('fence/orders')?.waitsFor?.next,
      'kubectl delete drrun checkout-1 -n payments',
      'it says what to do',
    );
    ask(stage.world.management, 'DELETE', `${runsPath}/checkout-1`);
    // Which of the two depends on whether the plan still saw the Run as it was before the restore: either acts on nothing.
    const looksAnew = ['ActiveRegionMismatch', 'OutOfBandChange'];
    await stage.until('it looks anew', () => looksAnew.includes(stage.person.condition('Ready')?.reason ?? ''));
    stage.person.setActiveRegion(east);
    await stage.until('it is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(60_000);
    assert.equal(effects(stage).length, before, 'zero effects');
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /run .*checkout-2 is in Succeeded/,
    /ana .*restores the management cluster/,
    /step .*StaleEpoch: .*carries epoch 2, above this Run's 1/,
    /ana .*delete runs checkout-1/,
    /ana .*us-east-1/,
    /plan .*Ready=True Active: Active in us-east-1/,
  ],
  never: [/timeline 4/, /makes checkout-3/],
  expect(stage) {
    assertStillIn(stage, east, 2);
  },
});

scenario({
  name: 'restored-cluster-before',
  shows:
    'the management cluster comes back from a snapshot older than the failover: nothing is moved back; adopted by a person, the next move has an epoch above what databases and DNS remember',
  async story(stage) {
    await begin(stage);
    const snapshot = stage.world.management.snapshot();
    await move(stage, west, 1);
    const before = effects(stage).length;
    stage.timeline.note('ana', 'restores the management cluster from a snapshot from before the failover');
    stage.world.recoverManagement(snapshot);
    await stage.until('it says so', () => stage.person.condition('Ready')?.reason === 'OutOfBandChange');
    await stage.pass(120_000);
    assert.deepEqual(effects(stage).slice(before), [], 'zero effects');
    stage.person.setActiveRegion(west);
    await stage.until('it is adopted', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(60_000);
    assert.deepEqual(effects(stage).slice(before), [], 'zero effects');
    assert.deepEqual(stage.person.runs(), []);
    assertStillIn(stage, west, 1);
    stage.person.setActiveRegion(east);
    await stage.until('the way back is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(15_000);
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /ana .*restores the management cluster/,
    /plan .*Ready=False OutOfBandChange: .*orders writes in us-west-2/,
    /ana .*us-west-2/,
    /plan .*Ready=True Active: Active in us-west-2/,
    /ana .*us-east-1/,
    /operator .*makes checkout-2/,
    /postgres .*us-east-1: primary, timeline 3/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/timeline 4/, /makes checkout-3/, /Overridden/],
  expect(stage) {
    assertStillIn(stage, east, 2);
    assert.equal(stage.person.run()?.spec.epoch, 2, 'above what databases and DNS remember');
  },
});
