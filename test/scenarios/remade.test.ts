import assert from 'node:assert/strict';
import { east, west } from './names.ts';
import { ask, plansPath } from './objects.ts';
import { assertSourceServes, replicas, runIs, settle } from './outage.ts';
import { scenario } from './scenario.ts';

scenario({
  name: 'remade-before-fence',
  shows:
    'the plan is deleted and made anew under its name (`kubectl replace --force`) while its Run stops the source’s workers: what the Run began is taken back, and nothing is left to the new plan',
  killSweep: {
    why: 'how far the Run has come when the plan is deleted depends on the death, and the journal shows it',
  },
  options: { waits: { podStopMs: 20_000 } },
  async story(stage) {
    await settle(stage);
    const { apiVersion, kind, spec } = stage.person.plan();
    stage.person.setActiveRegion(west);
    await stage.until('the worker is being stopped', () => replicas(stage, east, 'worker') === 0);
    await stage.pass(1_000);
    ask(stage.world.management, 'DELETE', `${plansPath}/checkout`);
    ask(stage.world.management, 'POST', plansPath, { apiVersion, kind, metadata: { name: 'checkout' }, spec });
    await runIs(stage, 'Aborted');
    await stage.pass(60_000);
  },
  must: [
    /ana .*us-west-2/,
    /step .*pre-scale\/api Succeeded/,
    /ana .*delete plans checkout/,
    /ana .*create plans checkout/,
    /step .*quiesce\/worker Undoing/,
    /run .*checkout-1 is in Aborted/,
    /step .*quiesce\/worker Undone/,
  ],
  never: [/Superseded/, /makes checkout-2/, /us-west-2: primary/, /answers us-west-2/],
  expect(stage) {
    assert.equal(replicas(stage, east, 'worker'), 2);
    assert.equal(replicas(stage, east, 'api'), 3);
    assert.equal(replicas(stage, west, 'api'), 1);
    assert.equal(stage.person.condition('Ready')?.status, 'True');
    assertSourceServes(stage);
  },
});
