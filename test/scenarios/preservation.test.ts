import assert from 'node:assert/strict';
import { east } from './names.ts';
import { ask, planNamespace } from './objects.ts';
import { failOver, loseTheEast, orders, runIs, theEastReturns } from './outage.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const killSweep = { why: 'its effects are those of forced, which is swept' };
const copy = '/data/orders-us-east-1.diverged-checkout-1';

/** Where the Run's report says that the copy lies. */
function preservedAt(stage: Stage): unknown {
  return stage.person.run()?.status?.recovery?.[0]?.preservedAt;
}

scenario({
  name: 'preservation-unproven',
  shows:
    'the rebuild Job keeps what diverged and cannot say where: the run is not over before a person has looked, and written on the Job where the copy lies',
  killSweep,
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await stage.pass(20_000);
    stage.timeline.note('weather', 'the Job has no words: its image cannot write a termination message');
    stage.world.red.add('words');
    stage.timeline.note('weather', 'us-east-1 comes back');
    stage.world.restore(east);
    await stage.until('it asks', () => stage.person.isAskedFor('PreservationUnproven'));
    await stage.pass(60_000);
    assert.notEqual(stage.person.run()?.status?.phase, 'Succeeded');
    stage.timeline.note('bob', 'finds the copy, and annotates the Job with where it lies');
    const job = `/apis/batch/v1/namespaces/${planNamespace}/jobs/checkout-1-rebuild-orders`;
    ask(stage.world.clusters[east], 'PATCH', job, {
      metadata: { annotations: { 'dr.maestro.io/preserved-at': copy } },
    });
    await runIs(stage, 'Succeeded');
  },
  must: [
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /step .*rebuild\/orders Waiting PreservationUnproven: .* does not say where it kept the \d+ commits/,
    /bob .*annotates/,
    /step .*rebuild\/orders Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    assert.equal(preservedAt(stage), copy);
  },
});

scenario({
  name: 'preservation-discarded',
  shows:
    'a person records that what diverged need not be kept: the Job is told, keeps nothing, and the run ends on that word',
  killSweep,
  async story(stage) {
    const killedAt = await loseTheEast(stage);
    await failOver(stage, killedAt);
    await stage.pass(20_000);
    stage.person.patchRun({ discardDiverged: { by: 'ana', reason: 'the queue sends them again' } });
    await stage.pass(1_000);
    await theEastReturns(stage);
  },
  must: [
    /ana .*discardDiverged/,
    /weather .*comes back/,
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /step .*rebuild\/orders Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/PreservationUnproven/, /timeline 3/],
  expect(stage) {
    assert.equal(preservedAt(stage), undefined);
    assert.deepEqual(orders(stage).kept(), {});
  },
});
