import assert from 'node:assert/strict';
import { parsePlanStatus } from '../../src/api/parse-plan-status.ts';
import { parsePlan } from '../../src/api/parse-plan.ts';
import { stringAt } from '../../src/sandbox/models/kube-api/json.ts';
import { runbook } from '../../src/view/runbook/runbook.ts';
import { KILL_MOMENTS, killAt, type CallInfo } from '../simulation/kernel/index.ts';
import { assertInvariants } from '../simulation/assert-invariants.ts';
import { east, regionNames, west, type RegionName } from './names.ts';
import { ask, planNamespace } from './objects.ts';
import { failOver, loseTheEast, theEastReturns } from './outage.ts';
import { isRunbook } from './scenario.ts';
import { createStage, type Stage, type StageOptions } from './stage.ts';

const settleMs = 20_000;

async function settled(options: StageOptions = {}): Promise<Stage> {
  const stage = createStage({ timeline: false, ...options });
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(settleMs);
  return stage;
}

function writes(stage: Stage): readonly CallInfo[] {
  return stage.kernel.mutations().filter(isRunbook);
}

function textIn(stage: Stage, cluster: RegionName, target: RegionName): string | undefined {
  const object = stage.world.clusters[cluster].hooks.read('/configmaps', planNamespace, `checkout-runbook-${target}`);
  return stringAt(object, 'data', 'runbook.md');
}

/** As the CLI would print it from the plan in the management cluster, without the way back. */
function printed(stage: Stage, target: RegionName): string {
  const plan = parsePlan(stage.person.plan());
  const status = parsePlanStatus(stage.person.plan());
  assert.ok(plan.ok && status.ok);
  const replicas = Object.fromEntries(status.value.workloads.map((seen) => [seen.name, seen.replicas]));
  return runbook({ plan: plan.value, target, mode: 'Forced', replicas, failback: false });
}

function assertKept(stage: Stage, clusters: readonly RegionName[] = regionNames): void {
  for (const cluster of clusters) {
    for (const target of regionNames) {
      assert.ok(textIn(stage, cluster, target) === printed(stage, target), `to ${target} in ${cluster}`);
    }
  }
}

describe("runbooks in the regions' clusters", () => {
  it('are there once, as the plan’s own account wrote them, and are not written again by a failover and its way back', async () => {
    const stage = await settled();
    assertKept(stage);
    assert.equal(writes(stage).length, 4, 'two in each cluster');
    const users = stage.world.audit
      .filter(({ cluster, resource, changed }) => cluster !== 'management' && resource === 'configmaps' && changed)
      .map(({ user }) => user);
    assert.deepEqual(
      [...new Set(users)],
      ['system:serviceaccount:maestro-dr-system:maestro-dr'],
      'told by the audit log',
    );
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await theEastReturns(stage);
    await stage.pass(1_200_000);
    assert.equal(writes(stage).length, 4);
    assertKept(stage);
    assertInvariants(stage);
  });

  it('follow the plan when it is edited', async () => {
    const stage = await settled();
    stage.person.patchPlan({ objectives: { rto: '20m', rpo: '30s' } });
    await stage.pass(settleMs);
    assert.equal(writes(stage).length, 8);
    assert.match(textIn(stage, west, west) ?? '', /RTO\):\*\* 20m/);
    assertKept(stage);
  });

  it('wait for a region that does not answer, and delay neither the other nor the plan', async () => {
    const readyAt = async (stage: Stage): Promise<number> => {
      await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
      return stage.now();
    };
    const alone = await readyAt(createStage({ timeline: false }));
    const stage = createStage({ timeline: false });
    stage.world.reach[east] = 'silent';
    assert.ok((await readyAt(stage)) - alone < 1_000);
    await stage.pass(120_000);
    assertKept(stage, [west]);
    assert.equal(textIn(stage, east, east), undefined);
    stage.world.reach[east] = 'up';
    await stage.pass(60_000);
    assertKept(stage);
  });

  it('are there a minute later where a workload was counted too late at first, however long the plan rests', async () => {
    const slow = { label: 'kube.get', detail: '*/deployments/*', do: 'delay', ms: 1_000, from: 0, to: 10_000 } as const;
    const plan = { objectives: { rto: '30m', rpo: '15m' } };
    const stage = createStage({ timeline: false, config: { restMs: 600_000 }, plan, faults: [slow] });
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    const readyAt = stage.now();
    await stage.pass(10_000);
    assert.equal(writes(stage).length, 0, 'the first text waits for the counts');
    await stage.until('they are there', () => writes(stage).length === 4);
    assert.ok(stage.now() - readyAt < 65_000, `after ${String(stage.now() - readyAt)} ms`);
    await stage.pass(600_000);
    assert.equal(writes(stage).length, 4, 'and are written once');
    assertKept(stage);
  });

  it('end alike when the operator dies at the writing of one: before it, after it, after its reply', async () => {
    const whole = await settled();
    const [first] = writes(whole);
    assert.ok(first !== undefined);
    for (const moment of KILL_MOMENTS) {
      const stage = await settled({ faults: [killAt(first, moment)] });
      assert.deepEqual(stage.kernel.unmet(), []);
      // The lease has to run out first.
      await stage.pass(60_000);
      assertKept(stage);
    }
  });

  it('are put back, some hours later, where somebody deleted one', async () => {
    const stage = await settled({ clientEveryMs: 600_000 });
    const path = `/api/v1/namespaces/${planNamespace}/configmaps/checkout-runbook-${east}`;
    ask(stage.world.clusters[west], 'DELETE', path);
    assert.equal(textIn(stage, west, east), undefined);
    await stage.pass(6.1 * 3_600_000);
    assertKept(stage);
    assert.equal(writes(stage).length, 5);
  });
});
