import assert from 'node:assert/strict';
import { createFleet } from '../bench/fleet.ts';
import type { Stage } from '../scenarios/stage.ts';

const plans = 230;

/** Plan UIDs in each map of samples, by the API server. */
function maps({ world }: Stage): readonly (readonly string[])[] {
  return [0, 1, 2].flatMap((number) => {
    const name = `maestro-dr-samples-${String(number)}`;
    const object = world.management.hooks.read('/configmaps', 'maestro-dr-system', name);
    return object === undefined ? [] : [Object.keys((object as { readonly data?: object }).data ?? {})];
  });
}

describe('samples of a fleet', function () {
  this.timeout(120_000);

  it('go to maps of at most 200 plans, one written at a time, and a restarted operator goes on with them', async () => {
    const stage = createFleet({ plans, rpo: '15m', rto: '4h' });
    await stage.until('all are sampled', () => maps(stage).flat().length === plans);
    assert.deepEqual(
      maps(stage).map((uids) => uids.length),
      [200, 30],
    );
    assert.equal(new Set(maps(stage).flat()).size, plans, 'each in one map');
    const writes = stage.world.audit.filter(({ name, verb }) => name?.includes('-samples-') === true && verb !== 'get');
    const gaps = writes.slice(1).map(({ at }, index) => at - (writes[index]?.at ?? 0));
    // A map that is not there yet takes two requests, a patch and then its creation.
    assert.ok(gaps.filter((gap) => gap < 9_900).length <= 2, gaps.join(' '));
    const before = maps(stage);
    stage.kernel.restart('operator', 100);
    await stage.pass(900_000);
    assert.deepEqual(
      maps(stage).map((uids) => [...uids].sort()),
      before.map((uids) => [...uids].sort()),
    );
  });
});
