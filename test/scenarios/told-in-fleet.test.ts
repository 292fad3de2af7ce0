import assert from 'node:assert/strict';
import { createFleet, namespaceOf, readyPlans } from '../bench/fleet.ts';
import { heardSince, type Told } from './heard.ts';
import { east, serverName, west } from './names.ts';
import { ask, secret } from './objects.ts';
import { hookKey, hookUrl } from './receivers.ts';
import type { Stage } from './stage.ts';

/** Lanes enough that reading for all of them takes a new leader three quarters of a minute at the limiter's pace. */
const plans = 60;
const contactsOfEach = 8;
const lanes = plans * contactsOfEach;

const nameOf = (index: number): string => `p${String(index).padStart(4, '0')}`;
const pathOf = (index: number): string =>
  `/apis/dr.maestro.io/v1alpha1/namespaces/${namespaceOf(index)}/disasterrecoveryplans/${nameOf(index)}`;
const moving = plans - 1;
const troubled = 0;

function addContacts({ world }: Stage): void {
  const contacts = Array.from({ length: contactsOfEach }, (_none, index) => ({
    role: `Contact ${String(index)}`,
    webhook: { secretRef: { name: 'hook-lead' } },
  }));
  const indexes = Array.from({ length: plans }, (_none, index) => index);
  for (const namespace of new Set(indexes.map(namespaceOf))) {
    secret(world.management, namespace, 'hook-lead', { url: hookUrl('lead'), hmacKey: hookKey });
  }
  for (const index of indexes) ask(world.management, 'PATCH', pathOf(index), { spec: { contacts } });
}

/** A fleet that has come to rest, with an operator that leads and one that stands by. */
async function restingFleet(): Promise<Stage> {
  const stage = createFleet({ plans, rpo: '5m', rto: '30m' });
  await stage.until('all are ready', () => readyPlans(stage) === plans);
  // What could not be seen at first is told to nobody if there are no contacts yet.
  await stage.pass(120_000);
  addContacts(stage);
  stage.start('standby');
  await stage.pass(300_000);
  return stage;
}

/** When what was told was read, wall ms. */
const readsSince = ({ world }: Stage, since: number): readonly number[] =>
  world.audit
    .filter(({ at, verb, name = '' }) => at >= since && verb === 'get' && name.endsWith('-notices'))
    .map(({ at }) => at);

function stepsOf({ world }: Stage): readonly { readonly state: string }[] {
  const [run] = world.management.hooks.list('dr.maestro.io/disasterrecoveryruns', namespaceOf(moving));
  return (run?.status as { readonly steps?: readonly { readonly state: string }[] } | undefined)?.steps ?? [];
}

describe('a leader that dies in a fleet whose plans all have contacts', () => {
  let stage: Stage;
  let diedAt: number;

  before(async () => {
    stage = await restingFleet();
    const link = stage.world.postgresql[nameOf(troubled)]?.link(serverName(nameOf(troubled), west));
    link?.cut();
    await stage.until('its contacts are told', () => heardSince(stage, 0).length === contactsOfEach);
    await stage.pass(30_000);
    link?.restore();
    stage.world.postgresql[nameOf(moving)]?.kill(serverName(nameOf(moving), east));
    ask(stage.world.management, 'PATCH', pathOf(moving), { spec: { activeRegion: west } });
    await stage.until('its run begins', () => stepsOf(stage).length > 0);
    diedAt = stage.now();
    stage.kernel.kill('operator', 'with its node');
  });

  it('the next one tells of the run that waits before it reads what was told of all the others', async () => {
    await stage.until('it asks', () => stepsOf(stage).some(({ state }) => state === 'Waiting'));
    const askedAt = stage.now();
    const heard = (kind: string): readonly Told[] =>
      heardSince(stage, diedAt).filter((told) => told.plan === nameOf(moving) && told.kind === kind);
    await stage.until('the first contact is called', () => heard('RunBlocked').length > 0);
    assert.ok(stage.now() - askedAt < 15_000, `after ${String(stage.now() - askedAt)} ms`);
    assert.ok(readsSince(stage, diedAt).length < lanes / 4);
    assert.equal(heard('RunStarted').length, contactsOfEach);
  });

  it('it reads them all within minutes, each once, and tells what was over meanwhile', async () => {
    const over = (): readonly Told[] => heardSince(stage, diedAt).filter(({ kind }) => kind === 'PlanProblemOver');
    await stage.until('that it is over', () => over().length === contactsOfEach);
    await stage.until('all are read', () => readsSince(stage, diedAt).length === lanes);
    await stage.pass(120_000);
    assert.equal(readsSince(stage, diedAt).length, lanes);
    assert.deepEqual([...new Set(over().map(({ plan }) => plan))], [nameOf(troubled)]);
  });
});
