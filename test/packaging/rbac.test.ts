import assert from 'node:assert/strict';
import type { Wire } from '../crds/objects.ts';
import { failOver, loseTheEast, theEastReturns } from '../scenarios/outage.ts';
import { west } from '../scenarios/names.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { createLedger, rulesOf, type Ledger } from './rbac.ts';
import { charted, kustomized } from './rendered.ts';

/** A world in which each cluster holds the operator to what its manifests grant, and nothing more. */
async function restricted(ledger: Ledger, without: (object: Wire) => boolean = () => false): Promise<Stage> {
  const management = (await charted('--set', 'planNamespaces={payments}')).filter((object) => !without(object));
  const target = [...(await kustomized('target/cluster')), ...(await kustomized('target/namespace'))];
  return createStage({
    authorize: (cluster) =>
      ledger.authorize(rulesOf(cluster === 'management' ? management : target.filter((object) => !without(object)))),
  });
}

async function moved(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.person.setActiveRegion(west);
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
}

describe('RBAC of the chart and of deploy/target', function () {
  this.timeout(300_000);

  it('is all that the program asks for, and nothing that it does not', async () => {
    const ledger = createLedger();
    const planned = await restricted(ledger);
    await moved(planned);

    const forced = await restricted(ledger);
    const killedAt = await loseTheEast(forced);
    await failOver(forced, killedAt);
    await forced.pass(20_000);
    await theEastReturns(forced);
    await forced.until('the run is over', () => forced.person.run()?.status?.phase === 'Succeeded');

    assert.deepEqual(ledger.refused(), []);
    assert.deepEqual(ledger.idle(), []);
  });

  it('decides: without the right to scale in the target, the run says what it lacks', async () => {
    const ledger = createLedger();
    const stage = await restricted(
      ledger,
      (object) => object['kind'] === 'RoleBinding' && JSON.stringify(object['roleRef']).includes('"name":"maestro-dr"'),
    );
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it is told', () => JSON.stringify(stage.person.run()?.status ?? {}).includes('Forbidden'));
    assert.match(ledger.refused().join('\n'), /system:serviceaccount:payments:maestro-dr get deployments\/scale/);
  });
});
