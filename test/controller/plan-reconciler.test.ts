import assert from 'node:assert/strict';
import { addEndedRuns } from '../scenarios/ended-runs.ts';
import { west } from '../scenarios/names.ts';
import { ask, planName, plansPath, runsPath } from '../scenarios/objects.ts';
import { runIs, settle } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

async function fence(stage: Stage): Promise<void> {
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is intended', () => stage.person.step('fence/orders')?.intent !== undefined);
}

describe('a bound Run that the cache does not show', () => {
  const apiVersion = 'dr.maestro.io/v1alpha1';
  const nothing = { apiVersion, kind: 'DisasterRecoveryRunList', metadata: { resourceVersion: '1' }, items: [] };
  const collection = 'GET */disasterrecoveryruns?*';

  it('is asked for, and neither lost nor left alone while it is there', async () => {
    const stage = createStage({ timeline: false });
    await fence(stage);
    const bound = stage.person.planStatus().currentRun;
    const body = JSON.stringify(nothing);
    stage.kernel.inject(
      { label: 'kube.list', detail: collection, do: 'error', error: { status: 200, body } },
      { label: 'kube.watch', detail: collection, do: 'hang' },
    );
    stage.kernel.kill('operator');
    stage.kernel.restart('operator');
    await stage.until('it is healthy in the west', () => {
      assert.deepEqual(stage.person.planStatus().currentRun, bound);
      return stage.person.run()?.status?.milestones?.sustained !== undefined;
    });
    await runIs(stage, 'Succeeded');
    await stage.until('the plan has followed', () => stage.person.condition('Ready')?.status === 'True');
  });

  it('is lost where it was deleted', async () => {
    const stage = createStage({ timeline: false });
    await settle(stage);
    stage.person.setActiveRegion(west);
    const bound = (): { readonly uid?: unknown } | undefined => stage.person.planStatus().currentRun ?? undefined;
    await stage.until('it is bound', () => bound()?.uid !== undefined);
    ask(stage.world.management, 'DELETE', `${runsPath}/${stage.person.run()?.metadata.name ?? ''}`);
    await stage.until('it is lost', () => stage.person.planStatus().currentRun === undefined, 5_000);
    assert.equal(stage.person.planStatus().lastRun, undefined);
  });
});

describe('the Runs that a plan keeps no longer', () => {
  it('hold up nothing where their deletion is refused', async () => {
    const refused: string[] = [];
    const stage = createStage({
      timeline: false,
      authorize: () => (request) => {
        if (request.verb !== 'delete' || request.resource !== 'disasterrecoveryruns') return undefined;
        refused.push(request.name ?? '');
        return 'by a webhook';
      },
    });
    await settle(stage);
    // So that the names of the others are free.
    ask(stage.world.management, 'PATCH', `${plansPath}/${planName}/status`, { status: { epoch: 50 } });
    await fence(stage);
    const { name, uid } = stage.person.plan().metadata as { readonly name: string; readonly uid: string };
    addEndedRuns(stage, 21, { name, uid });
    await stage.until('their deletion is refused', () => refused.length > 0);
    await stage.until('the plan has heard of the end', () => stage.person.planStatus().lastRun !== undefined);
    await stage.pass(1_000);
    const { finalizers = [] } = stage.person.plan().metadata as { readonly finalizers?: readonly string[] };
    assert.deepEqual(finalizers, []);
    const told = stage.logs.filter(({ fields }) => JSON.stringify(fields).includes('payments/checkout-1"'));
    assert.ok(told.length > 0, 'the refusal is logged');
  });
});
