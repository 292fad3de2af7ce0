import assert from 'node:assert/strict';
import { serverName, west } from '../scenarios/names.ts';
import { ask, planName, plansPath, runsPath } from '../scenarios/objects.ts';
import { orders, runIs, settle } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' };
const workload = { wave: 1, uses: ['orders'], target: deployment, active: { replicas: 3 }, standby: { replicas: 1 } };
/** No schema sees it: two workloads would scale one Deployment against each other. */
const workloads = [
  { name: 'api', ...workload },
  { name: 'api-too', ...workload, active: { replicas: 5 } },
];
const path = `${plansPath}/${planName}`;

function isThere(stage: Stage): boolean {
  return stage.person.plan().metadata !== undefined;
}

function isRefused({ person }: Stage): boolean {
  return person.condition('Accepted')?.reason === 'Malformed';
}

/** Past the fence, where the standby's replay stops it; and the plan can no longer be read. */
async function fencedAndRefused(stage: Stage): Promise<void> {
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
  orders(stage).pauseReplay(serverName('orders', west), true);
  await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
  stage.person.patchPlan({ workloads });
  await stage.until('it is refused', () => isRefused(stage));
}

/** A successor begins that hears of no Run, whatever there is. */
function restartDeafToRuns({ kernel }: Stage): void {
  const apiVersion = 'dr.maestro.io/v1alpha1';
  const nothing = { apiVersion, kind: 'DisasterRecoveryRunList', metadata: { resourceVersion: '1' }, items: [] };
  const detail = 'GET */disasterrecoveryruns?*';
  kernel.inject(
    { label: 'kube.list', detail, do: 'error', error: { status: 200, body: JSON.stringify(nothing) } },
    { label: 'kube.watch', detail, do: 'hang' },
  );
  kernel.kill('operator');
  kernel.restart('operator');
}

describe('a plan that cannot be read and is deleted', () => {
  it('is held while its Run is under way, though the cache does not show that Run', async () => {
    const stage = createStage({ timeline: false });
    await fencedAndRefused(stage);
    restartDeafToRuns(stage);
    ask(stage.world.management, 'DELETE', path);
    await stage.pass(20_000);
    assert.ok(isThere(stage), 'it is held');
    orders(stage).pauseReplay(serverName('orders', west), false);
    await runIs(stage, 'Succeeded');
    await stage.until('it is gone', () => !isThere(stage));
  });

  it('is let go where its Run is gone', async () => {
    const stage = createStage({ timeline: false });
    await fencedAndRefused(stage);
    const run = `${runsPath}/${stage.person.run()?.metadata.name ?? ''}`;
    ask(stage.world.management, 'DELETE', path);
    await stage.pass(1_000);
    assert.ok(isThere(stage), 'it is held');
    ask(stage.world.management, 'PATCH', run, { metadata: { finalizers: [] } });
    ask(stage.world.management, 'DELETE', run);
    await stage.until('it is gone', () => !isThere(stage), 10_000);
  });
});

describe('a plan that cannot be read, whose watch says nothing', () => {
  it('is refused by the next write, where the first met a version that nobody heard of', async () => {
    const stage = createStage({ timeline: false });
    const { kernel, person, world } = stage;
    await settle(stage);
    kernel.inject({
      label: 'kube.patch',
      detail: 'PATCH */disasterrecoveryplans/checkout/status*',
      occurrence: 1,
      do: 'run',
      run: () => {
        const now = kernel.now();
        kernel.cut({ match: { id: 'api.management.sandbox:6443' }, how: 'hang', from: now, to: now + 20 });
        ask(world.management, 'PATCH', path, { metadata: { annotations: { note: 'by a person' } } });
      },
    });
    person.patchPlan({ workloads });
    await stage.until('it is refused', () => isRefused(stage), 20_000);
    assert.deepEqual(kernel.unmet(), [], 'somebody wrote in between');
    const statuses = world.audit.filter(
      ({ resource, subresource, verb }) =>
        verb === 'patch' && resource === 'disasterrecoveryplans' && subresource === 'status',
    );
    assert.ok(!statuses.some(({ code }) => code === 409), 'what was read instead is what the next write replaces');
  });
});
