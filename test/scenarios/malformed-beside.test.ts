import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { ask, planName, planObject, plansPath } from './objects.ts';
import { assertMovedWithoutLoss, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const seed = { databases: ['orders'], ttl: 30 } as const;

/** The good plan under another name, with something in it that cannot be. */
function another(name: string, spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...planObject({ ...seed, plan: spec }), metadata: { name, namespace: 'payments' } };
}

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' };
const workload = { wave: 1, uses: ['orders'], target: deployment, active: { replicas: 3 }, standby: { replicas: 1 } };
/** As its schema allows: two workloads would scale one Deployment against each other. */
const contradictory = another('contradictory', {
  workloads: [
    { name: 'api', ...workload },
    { name: 'api-too', ...workload, active: { replicas: 5 } },
  ],
});
const nowhere = another('nowhere', { activeRegion: 'eu-west-1', regions: ['eu-west-1', east] });

scenario({
  name: 'malformed-beside',
  shows:
    'a contradictory plan and one for a region that does not exist stand beside a good one, which fails over undisturbed',
  options: { alsoPlans: [contradictory] },
  async story(stage) {
    const { management } = stage.world;
    const unknownDriver = another('unknown-driver', { databases: [{ name: 'orders', oracle: { host: 'db' } }] });
    assert.throws(() => ask(management, 'POST', plansPath, unknownDriver), /422/, 'the API itself knows the drivers');
    assert.throws(() => ask(management, 'POST', plansPath, nowhere), /422/, 'and that the databases fit the regions');
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.until(
      'the other is refused',
      () => stage.person.condition('Accepted', 'contradictory')?.reason === 'Malformed',
    );
    await stage.pass(12_000);
    stage.person.setActiveRegion(west, 'contradictory');
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /plan .*contradictory Ready=False NotAccepted: spec\.workloads\[1\]\.target: Deployment\/api is already the target of/,
    /ana .*contradictory .*us-west-2/,
    /ana .*checkout .*us-west-2/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/makes contradictory/, /timeline 3/, /Overridden/, /Blocked/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
    assert.ok(effects(stage).length > 0);
    assert.ok(stage.world.clients.longestOutageMs() < 60_000, 'no longer than alone');
  },
});

const hungSpec = JSON.parse(JSON.stringify(planObject(seed).spec).replaceAll('orders-us', 'hung-us')) as Readonly<
  Record<string, unknown>
>;

scenario({
  name: 'malformed-hung',
  shows: 'a plan whose databases never answer stands beside a good one, which fails over undisturbed',
  options: {
    databases: ['orders', 'hung'],
    plan: { databases: (planObject(seed).spec as Readonly<Record<string, unknown>>).databases, workloads: [] },
    alsoPlans: [another('hung', { ...hungSpec, workloads: [], traffic: [] })],
  },
  async story(stage) {
    for (const region of [east, west] as const) {
      stage.world.postgresql.hung?.reach(serverName('hung', region), 'Silent');
    }
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /plan .*hung Ready=False AdoptionUnknown/,
    /postgres .*orders in us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/makes hung/, /timeline 3/, /Overridden/, /Blocked/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
  },
});

scenario({
  name: 'malformed-midway',
  shows:
    'a plan is edited in the middle of its run into something that cannot be carried out: the run goes on with what it has pinned, and the plan says what is wrong',
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('the fence is intended', () => stage.person.step('fence/orders')?.intent !== undefined);
    stage.timeline.note('bob', 'writes a second workload for the same Deployment into the plan');
    const workloads = [
      { name: 'api', ...workload },
      { name: 'api-too', ...workload, active: { replicas: 5 } },
    ];
    ask(stage.world.management, 'PATCH', `${plansPath}/${planName}`, { spec: { workloads } });
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /ana .*us-west-2/,
    /bob .*second workload/,
    /plan .*checkout Ready=False NotAccepted: spec\.workloads\[1\]\.target/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/, /Blocked/, /makes checkout-2/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
  },
});

/** What no schema can see: the Deployment of `api` would be scaled by two workloads against each other. */
const twice = (contradictory.spec as Readonly<Record<string, unknown>>).workloads;

async function fenced(stage: Stage): Promise<void> {
  await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
  stage.timeline.note('bob', 'pauses the replay of the standby');
  stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), true);
  await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
}

scenario({
  name: 'malformed-deleted',
  shows:
    'a plan that can no longer be read is deleted with its Run past the fence: it is held until the Run is over, and no longer',
  async story(stage) {
    await settle(stage);
    stage.person.setActiveRegion(west);
    await fenced(stage);
    stage.person.patchPlan({ workloads: twice });
    await stage.until('it is refused', () => stage.person.condition('Accepted')?.reason === 'Malformed');
    ask(stage.world.management, 'DELETE', `${plansPath}/checkout`);
    await stage.pass(20_000);
    assert.notEqual(stage.person.plan().metadata, undefined, 'it is held');
    stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), false);
    await runIs(stage, 'Succeeded');
    await stage.until('it is gone', () => stage.person.plan().metadata === undefined);
  },
  must: [
    /plan .*Ready=False NotAccepted/,
    /ana .*delete plans checkout/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/timeline 3/, /Aborted/, /Undone/],
  expect: assertMovedWithoutLoss,
  killSweep: { why: 'its effects are those of the planned timeline' },
});
