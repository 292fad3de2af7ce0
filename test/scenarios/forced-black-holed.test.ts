import assert from 'node:assert/strict';
import { effectsIn } from './effects.ts';
import { east, serverName, west } from './names.ts';
import { blackHole, failOver, orders, settle, shopMayLogIn, runIs } from './outage.ts';
import { scenario } from './scenario.ts';

scenario({
  name: 'forced-black-holed',
  shows:
    'the east falls silent without dying: a person attests that it is shut off, the west takes over without one answer from it; it returns, is fenced first, compared and rebuilt',
  async story(stage) {
    await settle(stage);
    const end = blackHole(stage);
    const cutAt = stage.now();
    await stage.pass(2_000);
    await failOver(stage, cutAt);
    await stage.pass(20_000);
    assert.deepEqual(
      effectsIn(stage, east).filter(({ label }) => !label.startsWith('kube.')),
      [],
    );
    assert.equal(orders(stage).role(serverName('orders', east)), 'Primary', 'nothing has reached it: it lives on');
    stage.world.clients.pin(east);
    end();
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*cut off/,
    /clients .*refused/,
    /ana .*us-west-2/,
    /step .*approve Waiting ApprovalRequired/,
    /ana .*approvals/,
    /ana .*attestations/,
    /step .*fence\/orders Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /step .*probe\/orders Succeeded/,
    /dns .*answers us-west-2/,
    /clients .*taken in us-west-2/,
    /weather .*reachable again/,
    /step .*finish-fence\/orders Succeeded/,
    /step .*compare\/orders Succeeded/,
    /postgres .*us-east-1: replica, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /ModeUndecided/],
  expect(stage) {
    const model = orders(stage);
    assert.equal(shopMayLogIn(stage, serverName('orders', west)), true);
    const lost = stage.world.clients.lost(model.rows(serverName('orders', west)));
    const recovery = stage.person.run()?.status?.recovery?.[0];
    assert.equal(recovery?.grade, 'Measured', 'its return amends the report');
    assert.ok(lost.length > 0, 'its unfenced writer took orders before it was fenced');
    // Its WAL has no start of the server that would tell what came before the return from what came after it.
    assert.ok(Number(recovery.lostCommits) + Number(recovery.postReturnCommits) >= lost.length);
  },
});
