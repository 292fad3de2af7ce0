import assert from 'node:assert/strict';
import { createStage } from '../scenarios/stage.ts';
import { settle } from '../scenarios/outage.ts';
import { west } from '../scenarios/names.ts';

describe('a run that is over', () => {
  it('is held no longer where its report is refused, as in a namespace that is being deleted', async () => {
    const stage = createStage({
      timeline: false,
      authorize: (cluster) => (request) =>
        cluster === 'management' && request.verb === 'create' && request.resource === 'configmaps'
          ? 'because it is being terminated'
          : undefined,
    });
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(30_000);
    const run = stage.world.management.hooks.list('dr.maestro.io/disasterrecoveryruns')[0];
    assert.ok(run !== undefined);
    assert.deepEqual((run.metadata as { readonly finalizers?: readonly string[] }).finalizers ?? [], []);
  });
});
