import assert from 'node:assert/strict';
import { sizes } from './end-state.ts';
import { east, west } from './names.ts';
import { runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';

/** Nothing to fence but the background worker: stopped, it is the fence. */
const options = { databases: [] };

scenario({
  name: 'without-databases-forced',
  shows:
    'a plan without databases loses its region: the status asks since when its worker is stopped, the word that it prints is typed, and the west takes over',
  options,
  async story(stage) {
    await settle(stage);
    stage.timeline.note('weather', 'everything in us-east-1 dies');
    stage.world.destroy(east);
    const killedAt = stage.now();
    await stage.pass(2_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the stop', () => stage.person.isAskedFor('FenceNotProven'));
    await stage.until('it is late', () => stage.person.step('quiesce/worker')?.state === 'Blocked');
    assert.equal(sizes(stage)[`worker@${west}`], 0, 'its twin is not started beside it');
    stage.person.answer('FenceNotProven', { at: killedAt });
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await stage.pass(5_000);
    stage.timeline.note('weather', 'us-east-1 comes back');
    stage.world.restore(east);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*dies/,
    /ana .*us-west-2/,
    /step .*approve Waiting ApprovalRequired/,
    /step .*quiesce\/worker Blocked FenceNotProven/,
    /ana .*attestations.*"target":"worker"/,
    /step .*quiesce\/worker Overridden/,
    /step .*workload\/worker Succeeded/,
    /dns .*answers us-west-2/,
    /weather .*comes back/,
    /step .*stand-down\/worker Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/ModeUndecided/, /WorkloadUnknown/],
  expect: (stage) => {
    assert.deepEqual(sizes(stage), {
      'api@us-east-1': 1,
      'worker@us-east-1': 0,
      'api@us-west-2': 3,
      'worker@us-west-2': 2,
    });
  },
});
