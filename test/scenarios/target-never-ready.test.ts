import assert from 'node:assert/strict';
import { operatorChanges } from './dns-hand.ts';
import { west } from './names.ts';
import { assertMovedWithoutLoss, podFault, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';

scenario({
  name: 'target-never-ready',
  shows:
    'the target’s pods cannot pull their image: quoted, and the traffic is not moved; mended, the run goes on where it stood',
  async story(stage) {
    await settle(stage);
    podFault(stage, 'worker', 'ImagePullBackOff');
    stage.person.setActiveRegion(west);
    await stage.until(
      'it quotes the reason',
      () => stage.person.step('workload/worker')?.waitsFor?.message.includes('ImagePullBackOff') === true,
    );
    await stage.pass(720_000);
    assert.equal(stage.person.step('workload/worker')?.state, 'Blocked', 'past its deadline, and never rolled back');
    assert.equal(
      stage.person.step('workload/worker')?.waitsFor?.next,
      `kubectl --context ${west} -n payments get pods`,
      'only the target`s people can mend it: it is told where to look',
    );
    assert.deepEqual(operatorChanges(stage.world), []);
    podFault(stage, 'worker', undefined);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*ImagePullBackOff/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*workload\/worker (Waiting|Blocked) .*ImagePullBackOff/,
    /weather .*mended/,
    /step .*workload\/worker Succeeded/,
    /step .*shift\/public Succeeded/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Undone/],
  expect: assertMovedWithoutLoss,
});

scenario({
  name: 'target-smoke-red',
  shows: 'everything is up in the target and the smoke test is red: the traffic is not moved until it is green',
  async story(stage) {
    await settle(stage);
    stage.timeline.note('weather', 'the shop in us-west-2 answers 503 to the smoke test');
    stage.world.red.add(`lb.${west}`);
    stage.person.setActiveRegion(west);
    await stage.until(
      'it is red',
      () => stage.person.step('smoke/place-order')?.waitsFor?.message.includes('503') === true,
    );
    await stage.pass(120_000);
    assert.equal(stage.person.step('shift/public')?.intent, undefined);
    assert.deepEqual(operatorChanges(stage.world), []);
    stage.timeline.note('weather', 'the shop in us-west-2 answers again');
    stage.world.red.delete(`lb.${west}`);
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*503/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*workload\/api Succeeded/,
    /weather .*answers again/,
    /step .*smoke\/place-order Succeeded/,
    /dns .*answers us-west-2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect: assertMovedWithoutLoss,
});
