import assert from 'node:assert/strict';
import { west } from '../scenarios/names.ts';
import { ask, planNamespace, planObject, plansPath, runsPath } from '../scenarios/objects.ts';
import { assertMovedWithoutLoss, assertSourceServes } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

type Json = Readonly<Record<string, unknown>>;

const seed = { databases: ['orders'], ttl: 30 } as const;
const copyName = 'checkout-copy';
const policy = { cooldown: '10m', drain: '5s', soak: '5s', approval: 'Always' };
const copy = {
  ...planObject({ ...seed, plan: { identity: 'payments/checkout', failover: policy } }),
  metadata: { name: copyName, namespace: planNamespace },
};

const runOf = (stage: Stage, name: string) => stage.person.runs().find(({ metadata }) => metadata.name === name);

function made(stage: Stage, path: string, { apiVersion, kind, metadata, spec }: Json, status: unknown): string {
  const { name } = metadata as { readonly name: string };
  const object = ask(stage.world.management, 'POST', path, { apiVersion, kind, metadata: { name }, spec });
  ask(stage.world.management, 'PATCH', `${path}/${name}/status`, { status });
  return (object.metadata as { readonly uid: string }).uid;
}

/** As an operator before this rule may leave them: both plans at work, and the younger one's Run before its fence. */
async function bothAtWork(stage: Stage): Promise<void> {
  const { management } = stage.world;
  await stage.until('it is ready', () => stage.person.condition('Ready', copyName)?.status === 'True');
  await stage.pass(12_000);
  stage.person.setActiveRegion(west, copyName);
  await stage.until('its run asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.kernel.kill('operator');
  const [plan, run] = [stage.person.plan(copyName), runOf(stage, `${copyName}-1`) ?? assert.fail('no run')];
  ask(management, 'DELETE', `${runsPath}/${copyName}-1`);
  ask(management, 'DELETE', `${plansPath}/${copyName}`);
  const { activeRegion, adoptedAt } = plan.status as Json;
  const adopted = { activeRegion, acknowledgedActiveRegion: activeRegion, adoptedAt, epoch: 0 };
  made(stage, plansPath, planObject(seed), adopted);
  await stage.pass(2_000);
  const uid = made(stage, plansPath, plan, {});
  const spec = { ...run.spec, planRef: { name: copyName, uid } };
  const runUid = made(stage, runsPath, { ...run, spec }, run.status);
  const currentRun = { name: `${copyName}-1`, uid: runUid, epoch: 1 };
  ask(management, 'PATCH', `${plansPath}/${copyName}/status`, { status: { ...(plan.status as Json), currentRun } });
  stage.kernel.restart('operator');
}

describe('a Run before its fence whose plan turns out to have another’s identity', () => {
  it('is turned back, and the other plan fails over undisturbed', async () => {
    const stage = createStage({ ...seed, timeline: false, withoutPlan: true, alsoPlans: [copy] });
    await bothAtWork(stage);
    await stage.until('it is turned back', () => runOf(stage, `${copyName}-1`)?.status?.phase === 'Aborted');
    assert.match(
      runOf(stage, `${copyName}-1`)?.status?.message ?? '',
      /identity is in use by the plan payments\/checkout/,
    );
    await stage.until('its plan has followed', () => stage.person.planStatus(copyName).currentRun === undefined);
    await stage.pass(60_000);
    assert.equal(stage.person.condition('Accepted', copyName)?.reason, 'IdentityInUse');
    assert.equal(stage.person.condition('Ready')?.status, 'True');
    assertSourceServes(stage);
    stage.person.setActiveRegion(west);
    await stage.until('the other moves', () => runOf(stage, 'checkout-1')?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
    assertMovedWithoutLoss(stage);
  });
});
