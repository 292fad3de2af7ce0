import assert from 'node:assert/strict';
import { conditionOf, parseConditions } from '../../src/api/conditions.ts';
import { east, host, regionNames, serverName } from '../scenarios/names.ts';
import { ask, planNamespace } from '../scenarios/objects.ts';
import { settle } from '../scenarios/outage.ts';
import { createStage } from '../scenarios/stage.ts';

const plans = `/apis/dr.maestro.io/v1alpha1/namespaces/${planNamespace}/disasterrecoveryplans`;

describe('a plan made anew under the name of a deleted one', () => {
  it('is not adopted on what was seen for the other one, while its own servers do not answer', async () => {
    const stage = createStage({ timeline: false });
    await settle(stage);
    const { management } = stage.world;
    const { apiVersion, kind, spec } = stage.person.plan();
    const path = `${plans}/checkout`;
    const heal = regionNames.map((region) =>
      stage.kernel.cut({ match: { id: `${host(serverName('orders', region))}:5432` }, how: 'hang' }),
    );
    ask(management, 'DELETE', path);
    ask(management, 'POST', plans, { apiVersion, kind, metadata: { name: 'checkout' }, spec });
    const ready = () =>
      conditionOf(
        parseConditions((stage.person.plan().status as { conditions?: unknown } | undefined)?.conditions),
        'Ready',
      );
    await stage.until('it is told of', () => ready() !== undefined);
    const seen: string[] = [];
    for (let second = 0; second < 30; second += 1) {
      seen.push(`${String(ready()?.status)} ${String(ready()?.reason)}`);
      await stage.pass(1_000);
    }
    assert.deepEqual(
      [...new Set(seen)].filter((said) => said.startsWith('True')),
      [],
      seen.join(', '),
    );
    for (const each of heal) each();
    await stage.until('it is adopted', () => ready()?.status === 'True');
    assert.equal((stage.person.plan().status as { activeRegion?: unknown }).activeRegion, east);
  });
});
