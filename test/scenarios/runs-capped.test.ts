import assert from 'node:assert/strict';
import { serverName, west } from './names.ts';
import { ask, planObject, plansPath } from './objects.ts';
import { assertMovedWithoutLoss, settle } from './outage.ts';
import type { ShownRun } from './person.ts';
import { scenario } from './scenario.ts';
import type { Stage, StageOptions } from './stage.ts';

/** Two plans that share nothing, of an operator that carries out one Run at a time; the first waits for approval of its. */
const options: StageOptions = {
  databases: ['orders', 'ledger'],
  plan: { ...onlyDatabase('orders'), failover: { cooldown: '10m', drain: '5s', soak: '5s', approval: 'Always' } },
  alsoPlans: [
    {
      ...planObject({ databases: ['ledger'], ttl: 30, plan: { workloads: [], traffic: [], smokeTests: [] } }),
      metadata: { name: 'billing', namespace: 'payments' },
    },
  ],
  config: { maxRuns: 1 },
};

function onlyDatabase(name: string): Readonly<Record<string, unknown>> {
  const { databases } = planObject({ databases: [name], ttl: 30 }).spec as Readonly<Record<string, unknown>>;
  const { workloads } = planObject({ databases: [name], ttl: 30 }).spec as Readonly<Record<string, unknown>>;
  return { databases, workloads };
}

const run = (stage: Stage, name: string): ShownRun | undefined =>
  stage.person.runs().find(({ metadata }) => metadata.name === name);

const isCapped = (stage: Stage): boolean => stage.person.condition('Ready', 'billing')?.reason === 'RunsCapped';

/** checkout's Run waits for a person, and billing is wanted elsewhere: it has to wait. */
async function capped(stage: Stage): Promise<void> {
  await settle(stage);
  await stage.until('the other is ready', () => stage.person.condition('Ready', 'billing')?.status === 'True');
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.setActiveRegion(west, 'billing');
  await stage.until('the other waits for its turn', () => isCapped(stage));
  await stage.pass(60_000);
  assert.equal(isCapped(stage), true, 'for as long as it takes');
  assert.equal(run(stage, 'billing-1'), undefined, 'and nothing of it has begun');
}

async function billingMoves(stage: Stage): Promise<void> {
  await stage.until('the other moves', () => run(stage, 'billing-1')?.status?.phase === 'Succeeded');
  await stage.pass(10_000);
}

function assertBillingMoved(stage: Stage): void {
  assert.equal(stage.world.postgresql.ledger?.role(serverName('ledger', west)), 'Primary');
  assert.equal(stage.person.planStatus('billing').activeRegion, west);
}

const waits = /plan .*billing Ready=False RunsCapped: 1 Run is under way, and the operator carries out 1 at once/;

scenario({
  name: 'runs-capped',
  shows:
    'one Run at a time is allowed: a second plan says that it waits, also over a restart, and moves when the first has',
  options,
  async story(stage) {
    await capped(stage);
    stage.timeline.note('weather', 'the operator is restarted');
    stage.kernel.restart('operator');
    await stage.pass(60_000);
    assert.equal(run(stage, 'billing-1'), undefined, 'the new process counts what is under way');
    stage.person.answer('ApprovalRequired');
    await stage.until(
      'the first has moved',
      () => run(stage, 'checkout-1')?.status?.milestones?.sustained !== undefined,
    );
    await billingMoves(stage);
  },
  must: [
    /step .*approve Waiting ApprovalRequired/,
    waits,
    /weather .*restarted/,
    /ana .*approvals/,
    /postgres .*orders in us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /operator .*makes billing-1/,
    /postgres .*ledger in us-west-2: primary, timeline 2/,
    /run .*billing-1 is in Succeeded/,
  ],
  never: [/timeline 3/, /Aborted/],
  expect(stage) {
    assertMovedWithoutLoss(stage);
    assertBillingMoved(stage);
  },
  killSweep: { why: 'it restarts the operator itself; a death at an effect is one of the planned timeline' },
});

scenario({
  name: 'runs-capped-deleted',
  shows:
    'the plan whose Run takes the only slot is deleted before its fence: the slot is free, and the other plan moves',
  options,
  async story(stage) {
    await capped(stage);
    ask(stage.world.management, 'DELETE', `${plansPath}/checkout`);
    await stage.until('its run ends', () => run(stage, 'checkout-1')?.status?.phase === 'Aborted');
    await billingMoves(stage);
  },
  must: [
    waits,
    /ana .*delete plans checkout/,
    /run .*checkout-1 is in Aborted/,
    /operator .*makes billing-1/,
    /postgres .*ledger in us-west-2: primary, timeline 2/,
    /run .*billing-1 is in Succeeded/,
  ],
  never: [/timeline 3/, /orders in us-west-2: primary/],
  expect: assertBillingMoved,
  killSweep: { why: 'all its effects are of the planned timeline of one plan' },
});

scenario({
  name: 'runs-capped-malformed',
  shows:
    'the plan whose Run takes the only slot is edited into one that cannot be read: its Run still counts as long as it goes on, and no longer',
  options,
  async story(stage) {
    await capped(stage);
    const { workloads } = onlyDatabase('orders');
    const [api] = workloads as readonly Readonly<Record<string, unknown>>[];
    stage.person.patchPlan({ workloads: [api, { ...api, name: 'api-too' }] });
    await stage.until('it is refused', () => stage.person.condition('Accepted')?.reason === 'Malformed');
    await stage.pass(60_000);
    assert.equal(isCapped(stage), true, 'its Run is under way');
    assert.equal(run(stage, 'billing-1'), undefined);
    stage.person.patchRun({ desiredState: 'Aborted' });
    await stage.until('its run ends', () => run(stage, 'checkout-1')?.status?.phase === 'Aborted');
    await billingMoves(stage);
  },
  must: [
    waits,
    /plan .*checkout Ready=False NotAccepted: .*is already the target of/,
    /ana .*"desiredState":"Aborted"/,
    /run .*checkout-1 is in Aborted/,
    /operator .*makes billing-1/,
    /run .*billing-1 is in Succeeded/,
  ],
  never: [/timeline 3/, /orders in us-west-2: primary/],
  expect: assertBillingMoved,
  killSweep: { why: 'all its effects are of the planned timeline of one plan' },
});

scenario({
  name: 'runs-capped-at-once',
  shows: 'one Run at a time is allowed, and two plans are moved at the same moment: one goes first',
  options: { ...options, plan: onlyDatabase('orders') },
  async story(stage) {
    await settle(stage);
    await stage.until('the other is ready', () => stage.person.condition('Ready', 'billing')?.status === 'True');
    stage.person.setActiveRegion(west);
    stage.person.setActiveRegion(west, 'billing');
    const moved = (name: string) => run(stage, name)?.status?.milestones?.sustained !== undefined;
    await stage.until('both have begun', () => {
      const [one, other] = [run(stage, 'checkout-1'), run(stage, 'billing-1')];
      assert.ok(one === undefined || other === undefined || moved('checkout-1') || moved('billing-1'), 'one at a time');
      return one !== undefined && other !== undefined;
    });
    await stage.until('both have moved', () => moved('checkout-1') && moved('billing-1'));
    await stage.pass(10_000);
  },
  must: [
    /plan .*Ready=False RunsCapped: 1 Run is under way/,
    /postgres .*primary, timeline 2/,
    /postgres .*primary, timeline 2/,
  ],
  never: [/timeline 3/, /Aborted/],
  expect: assertBillingMoved,
  killSweep: { why: 'which of them goes first is nobody`s promise' },
});
