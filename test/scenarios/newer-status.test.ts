import assert from 'node:assert/strict';
import { east, west } from './names.ts';
import { ask, planName, plansPath } from './objects.ts';
import { assertMovedWithoutLoss, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const ofPlans = 'disasterrecoveryplans.dr.maestro.io';

/** What a newer version has installed, and left behind when it was rolled back: a phase that this operator has no word for. */
function knowDiverted({ world }: Stage): void {
  const path = `${definitions}/${ofPlans}`;
  const newer = JSON.stringify(ask(world.management, 'GET', path)).replaceAll(
    '"Superseded"',
    '"Superseded","Diverted"',
  );
  ask(world.management, 'PUT', path, JSON.parse(newer));
}

const diverted = {
  name: 'checkout-0',
  epoch: 1,
  from: west,
  to: east,
  phase: 'Diverted',
  finishedAt: '2026-02-01T00:00:00Z',
};

function setLastRun(stage: Stage, lastRun: Readonly<Record<string, unknown>> | null): void {
  ask(stage.world.management, 'PATCH', `${plansPath}/${planName}/status`, { status: { lastRun } });
}

async function refusedPastTheFence(stage: Stage): Promise<void> {
  await settle(stage);
  knowDiverted(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is intended', () => stage.person.step('fence/orders')?.intent !== undefined);
  stage.timeline.note('weather', 'a newer operator writes what this one cannot read, and is rolled back');
  const before = stage.person.planStatus();
  setLastRun(stage, diverted);
  await stage.until('it is refused', () => stage.person.condition('Accepted')?.reason === 'Malformed');
  const { conditions: _had, lastRun: _none, ...stands } = before;
  const { conditions: _has, lastRun, ...standing } = stage.person.planStatus();
  assert.deepEqual(standing, stands);
  assert.deepEqual(lastRun, diverted);
}

scenario({
  name: 'newer-status',
  shows:
    'a plan’s status holds a word that this operator does not know, in the middle of a run: the plan says so, nothing of it is wiped, and the run goes on with what it has pinned',
  async story(stage) {
    await refusedPastTheFence(stage);
    await runIs(stage, 'Succeeded');
    assert.deepEqual(stage.person.planStatus().lastRun, diverted, 'what it cannot read it does not write over');
    stage.timeline.note('bob', 'removes the word from the status');
    setLastRun(stage, null);
    await stage.until('the plan has followed', () => stage.person.condition('Ready')?.status === 'True');
    assert.equal(stage.person.planStatus().activeRegion, west);
    await stage.pass(10_000);
  },
  must: [
    /ana .*us-west-2/,
    /plan .*checkout Ready=False NotAccepted: status\.lastRun\.phase: "Diverted" is not known/,
    /postgres .*us-west-2: primary, timeline 2/,
    /dns .*answers us-west-2/,
    /run .*checkout-1 is in Succeeded/,
    /bob .*removes the word/,
    /plan .*checkout Ready=True/,
  ],
  never: [/timeline 3/, /is in Superseded/, /Blocked/, /makes checkout-2/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'newer-status-deleted',
  shows:
    'a plan whose status cannot be read is deleted past the fence: it is held until its run is over, and no longer',
  async story(stage) {
    await refusedPastTheFence(stage);
    ask(stage.world.management, 'DELETE', `${plansPath}/${planName}`);
    await stage.until('the run is over', () => {
      if (stage.person.run()?.status?.phase === 'Succeeded') return true;
      assert.notEqual(stage.person.plan().metadata, undefined, 'it is held');
      return false;
    });
    await stage.until('it is gone', () => stage.person.plan().metadata === undefined);
    await stage.pass(10_000);
  },
  must: [
    /plan .*Ready=False NotAccepted/,
    /ana .*delete plans checkout/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/timeline 3/, /is in Superseded/, /is in Aborted/],
  expect: assertMovedWithoutLoss,
  killSweep: { why: 'its effects are those of the planned timeline' },
});
