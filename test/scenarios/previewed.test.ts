import assert from 'node:assert/strict';
import { conditionOf, parseConditions } from '../../src/api/conditions.ts';
import { parsePlanStatus } from '../../src/api/parse-plan-status.ts';
import { parsePlan } from '../../src/api/parse-plan.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import type { Run } from '../../src/api/run.ts';
import { parseSamples } from '../../src/api/samples.ts';
import { stringAt } from '../../src/sandbox/models/kube-api/json.ts';
import { preview, type Preview } from '../../src/view/preview.ts';
import { readRunbook } from '../support/runbook-reader.ts';
import { runbook } from '../../src/view/runbook/runbook.ts';
import { east, regionNames, west } from './names.ts';
import { failOver, loseTheEast } from './outage.ts';
import { createStage, type Stage } from './stage.ts';

/** From what the CLI reads, and nothing else. */
function foreseen(stage: Stage, target: string): Preview {
  const object = stage.person.plan();
  const plan = parsePlan(object);
  const status = parsePlanStatus(object);
  assert.ok(plan.ok && status.ok);
  const { hooks } = stage.world.management;
  const saved = hooks.read('/configmaps', 'maestro-dr-system', 'maestro-dr-samples-0');
  const samples = parseSamples(stringAt(saved, 'data', plan.value.uid) ?? '[]');
  const reachable = Object.fromEntries(
    regionNames.flatMap((name) => {
      const region = hooks.read('dr.maestro.io/disasterrecoveryregions', '', name)?.status as
        { readonly conditions?: unknown } | undefined;
      const said = conditionOf(parseConditions(region?.conditions), 'Reachable');
      return said === undefined ? [] : [[name, said.status === 'True'] as const];
    }),
  );
  return preview({
    plan: plan.value,
    status: status.value,
    target,
    reachable,
    samples,
    runs: runs(stage),
    now: stage.now(),
  });
}

function runs(stage: Stage): readonly Run[] {
  return stage.person.runs().flatMap((object) => {
    const run = parseRun(object);
    return run.ok ? [run.value] : [];
  });
}

function newest(stage: Stage): Run {
  const run = runs(stage).at(-1);
  assert.ok(run !== undefined);
  return run;
}

/** The same steps in the same order with the same edges and effects, in the mode that was foreseen. */
function assertDoneAsForeseen(view: Preview, run: Run): void {
  assert.equal(run.status.mode, view.mode.mode);
  const shown = (
    steps: readonly { readonly id: string; readonly after: readonly string[]; readonly effect: string }[],
  ) => steps.map(({ id, after, effect }) => ({ id, after, effect }));
  assert.deepEqual(shown(run.status.steps), shown(view.steps));
}

async function ready(): Promise<Stage> {
  const stage = createStage({ timeline: false });
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.until('it is protected', () => stage.person.condition('Protected')?.status === 'True');
  await stage.pass(12_000);
  return stage;
}

describe('what the preview foresees, the run then does', () => {
  it('planned: the steps, no gate, no loss; and the second time takes what the first took', async () => {
    const stage = await ready();
    const view = foreseen(stage, west);
    assert.deepEqual(view.gates, []);
    assert.deepEqual(
      view.loss.map(({ grade, lossMs }) => [grade, lossMs]),
      [['Bounded', 0]],
    );
    assert.ok(view.time.bound, 'nothing was ever run: deadlines');
    stage.person.setActiveRegion(west);
    const over = (): boolean => stage.person.run()?.status?.phase === 'Succeeded';
    await stage.until('the run is over', over);
    const first = newest(stage);
    assertDoneAsForeseen(view, first);
    assert.ok(first.status.steps.every(({ waitsFor, outcome }) => outcome !== undefined || waitsFor === undefined));
    const took = (first.status.milestones.sustained ?? 0) - (first.status.milestones.declared ?? 0);
    assert.ok(took <= view.time.ms, `${String(took)} ms within the bound of ${String(view.time.ms)} ms`);

    stage.person.patchPlan({ failover: { cooldown: '0s' } });
    await stage.pass(5_000);
    stage.person.setActiveRegion(east);
    await stage.until('the way back is over', () => stage.person.runs().length === 2 && over());
    await stage.pass(5_000);
    const again = foreseen(stage, west);
    assert.ok(
      again.steps.every(({ expected }) => expected.basis !== 'Deadline'),
      'former Runs tell',
    );
    stage.person.setActiveRegion(west);
    await stage.until('it is there again', () => stage.person.runs().length === 3 && over());
    const third = newest(stage);
    assertDoneAsForeseen(again, third);
    const measured = (third.status.milestones.sustained ?? 0) - (third.status.milestones.declared ?? 0);
    assert.ok(
      Math.abs(measured - again.time.ms) < 2_000,
      `foreseen ${String(again.time.ms)} ms, took ${String(measured)} ms`,
    );
  });

  it('forced: the steps, and every gate at which a person was asked', async () => {
    const stage = await ready();
    const killedAt = await loseTheEast(stage);
    await stage.until('it is seen', () => stage.person.condition('Protected')?.status !== 'True');
    await stage.pass(15_000);
    const view = foreseen(stage, west);
    const asked = new Set<string>();
    const note = (): void => {
      for (const step of stage.person.run()?.status?.steps ?? []) {
        if (step.outcome === undefined && step.waitsFor?.next !== undefined) asked.add(step.waitsFor.reason);
      }
      stage.world.time.after(50, note);
    };
    note();
    await failOver(stage, killedAt);
    assertDoneAsForeseen(view, newest(stage));
    const told: readonly string[] = view.gates.map(({ reason }) => reason);
    assert.ok(asked.has('ApprovalRequired') && asked.has('FenceNotProven'), [...asked].join());
    for (const reason of asked) assert.ok(told.includes(reason), `${reason} among ${told.join()}`);
    const steps = readRunbook(runbook({ plan: planOf(stage), target: west, mode: 'Forced' })).forward;
    assert.deepEqual(
      steps.map(({ id }) => id).toSorted(),
      view.steps.map(({ id }) => id).toSorted(),
      'and the runbook has them too',
    );
  });

  it('without databases, forced: the worker whose stop a person would have to attest', async () => {
    const stage = createStage({ timeline: false, databases: [], plan: { failover: { mode: 'Forced' } } });
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    const view = foreseen(stage, west);
    assert.deepEqual(
      view.gates.map(({ reason, step }) => `${reason} ${step ?? ''}`),
      ['ApprovalRequired approve', 'FenceNotProven quiesce/worker'],
    );
  });
});

function planOf(stage: Stage) {
  const plan = parsePlan(stage.person.plan());
  assert.ok(plan.ok);
  return plan.value;
}
