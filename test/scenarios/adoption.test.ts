import assert from 'node:assert/strict';
import { assertNothingTouched, effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { ask, planName, planObject, plansPath, runsPath } from './objects.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** As Git would, after whatever: the plan as it was written, with the region that it should be active in. */
function apply(stage: Stage, activeRegion: string): void {
  const { seed } = stage.world;
  ask(stage.world.management, 'POST', plansPath, planObject({ ...seed, plan: { ...seed.plan, activeRegion } }));
}

/** Everything that the management cluster knew of it. */
function forget(stage: Stage): void {
  const { management } = stage.world;
  for (const run of stage.person.runs()) ask(management, 'DELETE', `${runsPath}/${run.metadata.name}`);
  ask(management, 'DELETE', `${plansPath}/${planName}`);
}

async function moveWest(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.person.setActiveRegion(west);
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(20_000);
}

/** What the Deployment had, which nobody has seen since: written down by a person. */
function withReplicas(stage: Stage): unknown {
  const { workloads } = stage.person.plan().spec as { readonly workloads: readonly { readonly name: string }[] };
  return workloads.map((one) => (one.name === 'api' ? { ...one, active: { replicas: 3 } } : one));
}

const isAdopted = (stage: Stage): boolean => stage.person.planStatus().adoptedAt !== undefined;
const readyReason = (stage: Stage): string => stage.person.condition('Ready')?.reason ?? '';

scenario({
  name: 'adoption-mismatch',
  shows: 'a plan is made that names the wrong region: nothing is done about it; corrected, it is adopted',
  options: { withoutPlan: true },
  async story(stage) {
    await stage.pass(2_000);
    apply(stage, west);
    await stage.until('it says so', () => readyReason(stage) === 'ActiveRegionMismatch');
    await stage.pass(120_000);
    assert.deepEqual(stage.person.runs(), []);
    stage.person.setActiveRegion(east);
    await stage.until('it is ready', () => readyReason(stage) === 'Active');
    await stage.pass(60_000);
  },
  must: [
    /ana .*create plans/,
    /plan .*Ready=False ActiveRegionMismatch: The plan says us-west-2, but database orders writes in us-east-1\. .*set activeRegion to us-east-1/,
    /ana .*us-east-1/,
    /plan .*Ready=True Active: Active in us-east-1/,
  ],
  never: [/makes checkout/, /us-west-2: primary/, /answers us-west-2/],
  expect(stage) {
    assertNothingTouched(stage);
    assert.deepEqual(stage.person.runs(), []);
    assert.ok(stage.world.clients.longestOutageMs() < 2_000);
  },
});

scenario({
  name: 'adoption-again',
  shows:
    'the plan and its Runs are deleted and applied again: nothing moves; the next failover has an epoch above what databases and DNS remember',
  async story(stage) {
    await moveWest(stage);
    stage.timeline.note('ana', 'deletes the plan and its Runs');
    const before = effects(stage).length;
    forget(stage);
    await stage.pass(30_000);
    assert.deepEqual(stage.person.runs(), []);
    apply(stage, west);
    await stage.until('it is adopted', () => isAdopted(stage));
    await stage.pass(60_000);
    assert.deepEqual(effects(stage).slice(before), [], 'neither deleting nor making the plan touches anything');
    assert.deepEqual(stage.person.runs(), []);
    stage.person.setActiveRegion(east);
    await stage.until('the way back is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /run .*checkout-1 is in Succeeded/,
    /ana .*deletes the plan/,
    /ana .*create plans/,
    /ana .*us-east-1/,
    /operator .*makes checkout-2/,
    /postgres .*us-east-1: primary, timeline 3/,
    /dns .*answers us-east-1/,
    /run .*checkout-2 is in Succeeded/,
  ],
  never: [/timeline 4/, /Overridden/, /makes checkout-3/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', east))), []);
    const roles = Object.keys(orders.catalogue(serverName('orders', east)).roles);
    assert.ok(
      roles.some((role) => /^maestro_epoch:[0-9a-f]+:2$/.test(role)),
      roles.join(', '),
    );
  },
});

scenario({
  name: 'adoption-half-dead',
  shows:
    'the plan is applied again while its active region is dead: the ownership record says which it was, and a failover follows only when it is asked for',
  async story(stage) {
    await moveWest(stage);
    forget(stage);
    await stage.pass(15_000);
    const before = effects(stage).length;
    stage.timeline.note('weather', 'everything in us-west-2 dies');
    stage.world.destroy(west);
    const killedAt = stage.now();
    await stage.pass(10_000);
    apply(stage, west);
    await stage.until('it is adopted', () => isAdopted(stage));
    await stage.pass(60_000);
    assert.deepEqual(effects(stage).slice(before), []);
    assert.deepEqual(stage.person.runs(), []);
    stage.person.setActiveRegion(east);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it lacks a number', () => stage.person.isAskedFor('ReplicasUnknown'));
    stage.person.answer('ReplicasUnknown');
    await stage.until('it is taken back', () => stage.person.run()?.status?.phase === 'Aborted');
    await stage.until('the plan says so', () => readyReason(stage) === 'RunAborted');
    stage.person.patchPlan({ activeRegion: west, workloads: withReplicas(stage) });
    await stage.pass(10_000);
    stage.person.setActiveRegion(east);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('it asks for the loss', () => stage.person.isAskedFor('DataLossUnaccepted'));
    stage.person.answer('DataLossUnaccepted');
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(40_000);
  },
  must: [
    /weather .*us-west-2 dies/,
    /ana .*create plans/,
    /ana .*us-east-1/,
    /operator .*makes checkout-2/,
    /ana .*approvals/,
    /ana .*Aborted/,
    /run .*checkout-2 is in Aborted/,
    /operator .*makes checkout-3/,
    /ana .*approvals/,
    /ana .*attestations/,
    /step .*promote\/orders Waiting DataLossUnaccepted: How much of orders would be lost is not known/,
    /ana .*acceptDataLoss/,
    /postgres .*us-east-1: primary, timeline 3/,
    /dns .*answers us-east-1/,
    /clients .*taken in us-east-1/,
  ],
  never: [/timeline 4/, /makes checkout-4/],
  expect(stage) {
    assert.equal(stage.world.postgresql.orders?.role(serverName('orders', east)), 'Primary');
    assert.equal(stage.person.run()?.status?.recovery?.[0]?.grade, 'Unknown', 'unknown is not reported as zero');
  },
});

scenario({
  name: 'adoption-unknown',
  shows:
    'a plan is made while one region is dead and nothing says which was active: nothing is guessed until that region is back',
  options: { withoutPlan: true },
  async story(stage) {
    stage.timeline.note('weather', 'everything in us-east-1 dies');
    stage.world.destroy(east);
    await stage.pass(5_000);
    apply(stage, east);
    await stage.until('it says so', () => readyReason(stage) === 'AdoptionUnknown');
    stage.person.setActiveRegion(west);
    await stage.pass(120_000);
    assert.equal(readyReason(stage), 'AdoptionUnknown', 'a wish for the living region is no reason to guess either');
    assert.deepEqual(stage.person.runs(), []);
    stage.person.setActiveRegion(east);
    stage.timeline.note('weather', 'us-east-1 comes back');
    stage.world.restore(east);
    await stage.until('it is ready', () => readyReason(stage) === 'Active');
    await stage.pass(60_000);
  },
  must: [
    /weather .*dies/,
    /ana .*create plans/,
    /plan .*Ready=False AdoptionUnknown: .*database orders in us-east-1 cannot be seen/,
    /weather .*comes back/,
    /plan .*Ready=True Active: Active in us-east-1/,
  ],
  never: [/makes checkout/, /us-west-2: primary/, /answers us-west-2/],
  expect: assertNothingTouched,
});
