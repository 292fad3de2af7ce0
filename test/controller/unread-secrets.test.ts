import assert from 'node:assert/strict';
import { east, serverName, west } from '../scenarios/names.ts';
import { orders, runIs, settle, shopMayLogIn } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

/** What the Region's status says of its API server. */
function reachable({ world }: Stage, region: string): readonly unknown[] {
  const status = world.management.hooks.read('dr.maestro.io/disasterrecoveryregions', '', region)?.status as {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
  const found = status.conditions?.find(({ type }) => type === 'Reachable');
  return [found?.status, found?.reason];
}

describe('an operator that cannot read the Secrets of a region', () => {
  it('does not take that region and its database for dead: it asked neither', async () => {
    const stage = createStage({ timeline: false, plan: { failover: { mode: 'Auto' } } });
    const { kernel, person } = stage;
    await settle(stage);
    // All that is wrong with the east is that nothing streams from it; it serves its clients.
    orders(stage).link(serverName('orders', west)).hold();
    const healed = kernel.inject({ label: 'kube.get', detail: 'GET */secrets/*us-east-1*', do: 'hang' });
    kernel.kill('operator');
    kernel.restart('operator');
    person.setActiveRegion(west);
    await stage.until('the Run is there', () => person.run() !== undefined);
    await stage.pass(120_000);
    assert.ok(person.isAskedFor('ModeUndecided'));
    assert.equal(person.run()?.status?.mode, undefined);
    assert.deepEqual(reachable(stage, east), ['False', 'Malformed']);
    assert.ok(shopMayLogIn(stage, serverName('orders', east)), 'and nothing is fenced');
    orders(stage).link(serverName('orders', west)).restore();
    healed();
    await runIs(stage, 'Succeeded');
    assert.equal(person.run()?.status?.mode, 'Planned');
  });
});
