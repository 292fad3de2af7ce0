import assert from 'node:assert/strict';
import { west } from './names.ts';
import { ask } from './objects.ts';
import { assertMovedWithoutLoss, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';

const regionPath = `/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions/${west}`;

scenario({
  name: 'region-floors',
  shows:
    'a Region is given a floor above what a plan says: the plan is refused with a sentence and does not move; raised to the floor it moves',
  options: { plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', fencing: 'BestEffort' } } },
  async story(stage) {
    await settle(stage);
    ask(stage.world.management, 'PATCH', regionPath, { spec: { policy: { minFencing: 'Verified' } } });
    await stage.until('the plan is refused', () => stage.person.condition('Accepted')?.reason === 'RegionRefused');
    stage.person.setActiveRegion(west);
    await stage.pass(60_000);
    assert.deepEqual(stage.person.runs(), [], 'no Run is made');
    stage.person.patchPlan({ failover: { fencing: 'Verified' } });
    await runIs(stage, 'Succeeded');
  },
  must: [
    /plan .*Ready=False NotAccepted: spec\.failover\.fencing: BestEffort is below the floor Verified of Region us-west-2; set it to Verified/,
    /ana .*"activeRegion":"us-west-2"/,
    /ana .*"fencing":"Verified"/,
    /operator .*makes checkout-1/,
    /run .*checkout-1 is in Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
  killSweep: { why: 'its effects are those of the planned timeline' },
});
