import assert from 'node:assert/strict';
import { createFleet, namespaceOf, plansPerNamespace, readyPlans } from '../bench/fleet.ts';
import { ask, secret } from './objects.ts';
import { hookKey, hookUrl } from './receivers.ts';
import type { Stage } from './stage.ts';

/** Two requests each for the first look: at five a second the last one ends some ten seconds after the plan was made. */
const plans = 30;
const holdMs = 60_000;

const plansOf = ({ world }: Stage) => world.management.hooks.list('dr.maestro.io/disasterrecoveryplans');

const pathOf = (index: number): string =>
  `/apis/dr.maestro.io/v1alpha1/namespaces/${namespaceOf(index)}/disasterrecoveryplans/p${String(index).padStart(4, '0')}`;

function fleetWithContacts(): Stage {
  const stage = createFleet({ plans, rpo: '5m', rto: '30m' });
  const contacts = [{ role: 'Lead', webhook: { secretRef: { name: 'hook-lead' } } }];
  for (let index = 0; index < plans; index += 1) {
    if (index % plansPerNamespace === 0) {
      secret(stage.world.management, namespaceOf(index), 'hook-lead', { url: hookUrl('lead'), hmacKey: hookKey });
    }
    ask(stage.world.management, 'PATCH', pathOf(index), { spec: { contacts } });
  }
  return stage;
}

function reasonsOf(stage: Stage): readonly string[] {
  return plansOf(stage).flatMap(({ status }) => {
    const { conditions = [] } = (status ?? {}) as {
      readonly conditions?: readonly { readonly type: string; readonly reason: string }[];
    };
    return conditions.filter(({ type }) => type === 'Ready').map(({ reason }) => reason);
  });
}

const reasonsHeard = ({ world }: Stage): readonly unknown[] =>
  world.receivers.lead.taken.map(({ message }) => message.reason);

describe('plans that are created at once', () => {
  it('are told of as nothing while the look at their record waits for its turn, and are ready in their next pass', async () => {
    const stage = fleetWithContacts();
    const said = new Set<string>();
    for (let passed = 0; passed < 3 * holdMs; passed += 1_000) {
      await stage.pass(1_000);
      for (const reason of reasonsOf(stage)) said.add(reason);
      if (passed === holdMs + 5_000) assert.equal(readyPlans(stage), plans, 'ready');
    }
    assert.ok(said.has('Observing'), 'some had to wait');
    assert.ok(!said.has('TrafficUnavailable'));
    assert.deepEqual(reasonsHeard(stage), []);
  });

  it('are told that it is unavailable where it was asked and did not answer', async () => {
    const stage = fleetWithContacts();
    stage.world.route53.faults.setOutage('unavailable');
    await stage.until(
      'all have tried',
      () => reasonsOf(stage).filter((reason) => reason === 'TrafficUnavailable').length === plans,
      3 * holdMs,
    );
    await stage.until('a contact is told', () => reasonsHeard(stage).includes('TrafficUnavailable'), 2 * holdMs);
  });
});
