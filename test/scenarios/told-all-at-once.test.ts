import assert from 'node:assert/strict';
import { createFleet, namespaceOf, readyPlans } from '../bench/fleet.ts';
import { heardSince, type Told } from './heard.ts';
import { west } from './names.ts';
import { ask, secret } from './objects.ts';
import { hookKey, hookUrl } from './receivers.ts';
import type { Stage } from './stage.ts';

const plans = 40;
const contactsOfEach = 4;
const lanes = plans * contactsOfEach;
/** One that would be told late, by the order in which the plans come to say that they are halted. */
const moving = plans - 1;
/** The receiver takes that long for each message: half a minute for all of them, eight at a time. */
const slowMs = 1_500;
/** A block has to last so long before it is told. */
const holdMs = 5_000;

const nameOf = (index: number): string => `p${String(index).padStart(4, '0')}`;
const pathOf = (index: number): string =>
  `/apis/dr.maestro.io/v1alpha1/namespaces/${namespaceOf(index)}/disasterrecoveryplans/${nameOf(index)}`;

async function restingFleet(): Promise<Stage> {
  const stage = createFleet({ plans, rpo: '5m', rto: '30m' });
  const contacts = Array.from({ length: contactsOfEach }, (_none, index) => ({
    role: `Contact ${String(index)}`,
    webhook: { secretRef: { name: 'hook-lead' } },
  }));
  const indexes = Array.from({ length: plans }, (_none, index) => index);
  for (const namespace of new Set(indexes.map(namespaceOf))) {
    secret(stage.world.management, namespace, 'hook-lead', { url: hookUrl('lead'), hmacKey: hookKey });
  }
  for (const index of indexes) ask(stage.world.management, 'PATCH', pathOf(index), { spec: { contacts } });
  await stage.until('all are ready', () => readyPlans(stage) === plans);
  await stage.pass(60_000);
  return stage;
}

function halt({ world }: Stage): void {
  const path = '/api/v1/namespaces/maestro-dr-system/configmaps';
  const data = { by: 'ana', reason: 'game day' };
  ask(world.management, 'POST', path, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'maestro-dr-halt' },
    data,
  });
}

describe('a fleet of which everybody is told at once', () => {
  let stage: Stage;
  let haltedAt: number;

  before(async () => {
    stage = await restingFleet();
    stage.kernel.inject({ label: 'notify.webhook', do: 'delay', ms: slowMs, leg: 'reply' });
    haltedAt = stage.now();
    halt(stage);
    await stage.until('they are being told', () => heardSince(stage, haltedAt).length >= lanes / 4);
  });

  it('tells of a run that begins meanwhile before all that is told of plans at rest', async () => {
    const beganAt = stage.now();
    ask(stage.world.management, 'PATCH', pathOf(moving), { spec: { activeRegion: west } });
    const ofRun = (): readonly Told[] =>
      heardSince(stage, beganAt).filter(({ kind, plan }) => plan === nameOf(moving) && kind === 'RunBlocked');
    await stage.until('the run is told of as held', () => ofRun().length > 0);
    assert.ok(stage.now() - beganAt < holdMs + 2 * slowMs, `after ${String(stage.now() - beganAt)} ms`);
    assert.ok(heardSince(stage, haltedAt).length < lanes, 'others are told after it');
  });

  it('and has saved each of what was told at once', async () => {
    await stage.until('all are told', () => heardSince(stage, haltedAt).length >= lanes);
    await stage.pass(10_000);
    assert.deepEqual(
      stage.logs.filter(({ message }) => message.includes('not saved')),
      [],
    );
  });
});
