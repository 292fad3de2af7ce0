import assert from 'node:assert/strict';
import { serverName, west } from './names.ts';
import { ask, planNamespace, planObject, plansPath, runsPath } from './objects.ts';
import { assertMovedWithoutLoss, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** checkout's plan under another name, and known to DNS and databases as checkout. */
const copy = {
  ...planObject({ databases: ['orders'], ttl: 30, plan: { identity: 'payments/checkout' } }),
  metadata: { name: 'checkout-copy', namespace: planNamespace },
};

const ofCopy = (stage: Stage, type: string) => stage.person.condition(type, 'checkout-copy')?.reason;

async function copyIsMade(stage: Stage): Promise<void> {
  await settle(stage);
  ask(stage.world.management, 'POST', plansPath, copy);
  await stage.until('the copy is refused', () => ofCopy(stage, 'Accepted') === 'IdentityInUse');
}

/** In both ways that a person has. */
async function copyIsMoved(stage: Stage): Promise<void> {
  stage.person.setActiveRegion(west, 'checkout-copy');
  const { uid } = stage.person.plan('checkout-copy').metadata as { readonly uid: string };
  ask(stage.world.management, 'POST', runsPath, {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRun',
    metadata: { name: 'checkout-copy-1' },
    spec: { planRef: { name: 'checkout-copy', uid }, epoch: 1, targetRegion: west, type: 'Failover', origin: 'Person' },
  });
  const its = () => stage.person.runs().find(({ metadata }) => metadata.name === 'checkout-copy-1');
  await stage.until('its run is told', () => its()?.status?.phase === 'Superseded');
  assert.match(its()?.status?.message ?? '', /payments\/checkout .*It changes nothing/);
  await stage.pass(60_000);
}

const refused =
  /plan .*checkout-copy Ready=False NotAccepted: spec\.identity: payments\/checkout is in use by the plan payments\/checkout/;

scenario({
  name: 'identity-in-use',
  shows:
    'a copy of a plan that was left with its identity is refused and moves nothing, by the field or by a Run; the plan itself fails over undisturbed',
  async story(stage) {
    await copyIsMade(stage);
    await copyIsMoved(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the run is over', () => {
      const run = stage.person.runs().find(({ metadata }) => metadata.name === 'checkout-1');
      return run?.status?.phase === 'Succeeded';
    });
    await stage.pass(10_000);
  },
  must: [
    /ana .*create plans checkout-copy/,
    refused,
    /ana .*patch plans checkout-copy .*us-west-2/,
    /run .*checkout-copy-1 is in Superseded/,
    /ana .*patch plans checkout .*us-west-2/,
    /operator .*makes checkout-1/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*checkout-1 is in Succeeded/,
    /plan .*checkout Ready=True Active: Active in us-west-2/,
  ],
  never: [/makes checkout-copy/, /checkout-copy-1 is in Activation/, /timeline 3/, /checkout Ready=False NotAccepted/],
  expect(stage) {
    assertMovedWithoutLoss(stage);
    assert.equal(stage.person.planStatus('checkout-copy').activeRegion, undefined, 'it never was active anywhere');
  },
});

scenario({
  name: 'identity-set-free',
  shows:
    'the plan that had the identity is deleted: the copy is looked at at once, and what was asked of it while it was refused moves nothing',
  async story(stage) {
    await copyIsMade(stage);
    await copyIsMoved(stage);
    ask(stage.world.management, 'DELETE', `${plansPath}/checkout`);
    await stage.until('the copy is accepted', () => ofCopy(stage, 'Accepted') === 'Accepted', 1_000);
    await stage.until('it says where the platform is', () => ofCopy(stage, 'Ready') === 'ActiveRegionMismatch');
    await stage.pass(60_000);
    stage.person.setActiveRegion('us-east-1', 'checkout-copy');
    await stage.until('it is ready', () => stage.person.condition('Ready', 'checkout-copy')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west, 'checkout-copy');
    await runIs(stage, 'Succeeded');
  },
  must: [
    refused,
    /ana .*patch plans checkout-copy .*us-west-2/,
    /ana .*delete plans checkout/,
    /plan .*checkout-copy Ready=False ActiveRegionMismatch/,
    /ana .*patch plans checkout-copy .*us-east-1/,
    /plan .*checkout-copy Ready=True Active: Active in us-east-1/,
    /ana .*patch plans checkout-copy .*us-west-2/,
    /operator .*makes checkout-copy-2/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*checkout-copy-2 is in Succeeded/,
  ],
  never: [/makes checkout-1/, /timeline 3/],
  expect(stage) {
    assertMovedWithoutLoss(stage);
    assert.equal(stage.world.postgresql.orders?.role(serverName('orders', west)), 'Primary');
  },
  killSweep: { why: 'its effects are those of the planned timeline' },
});
