import assert from 'node:assert/strict';
import { sampleMapName, sampleMapsAtMost } from '../../src/api/samples.ts';
import type { Attributes } from '../../src/sandbox/models/kube-api/index.ts';
import { createFleet, namespaceOf } from '../bench/fleet.ts';
import { createLedger, rulesOf } from '../packaging/rbac.ts';
import { charted } from '../packaging/rendered.ts';
import { serverName, west } from '../scenarios/names.ts';
import { ask } from '../scenarios/objects.ts';
import { settle } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

const plans = 230;

/** Plan UIDs in each map of samples, by the API server. */
function maps({ world }: Stage): readonly (readonly string[])[] {
  return [0, 1, 2].flatMap((number) => {
    const object = world.management.hooks.read('/configmaps', 'maestro-dr-system', sampleMapName(number));
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

  it('leave their map with their plan, and a map with room does not hide the next from a restarted operator', async () => {
    const stage = createFleet({ plans, rpo: '15m', rto: '4h' });
    await stage.until('all are sampled', () => maps(stage).flat().length === plans);
    const [first = [], second = []] = maps(stage);
    const gone = deletePlans(stage, 20);
    assert.ok(gone.some((uid) => first.includes(uid)));
    await stage.until('they are gone', () => gone.every((uid) => !maps(stage).flat().includes(uid)), 120_000);
    const left = [...first, ...second].filter((uid) => !gone.includes(uid)).sort();
    assert.deepEqual([...maps(stage).flat()].sort(), left);
    stage.kernel.restart('operator', 100);
    await stage.pass(900_000);
    // Each in one map: what was not read again would by now be in the room of the first.
    assert.deepEqual([...maps(stage).flat()].sort(), left);
  });

  it('may be read and written in every map, by what the chart grants', async () => {
    const ledger = createLedger();
    const teams = new Set(Array.from({ length: plans }, (_none, index) => namespaceOf(index)));
    const rules = rulesOf(await charted('--set', `planNamespaces={${[...teams].join(',')}}`));
    const everybody = (): undefined => undefined;
    const authorize = (cluster: string) => (cluster === 'management' ? ledger.authorize(rules) : everybody);
    const stage = createFleet({ plans, rpo: '15m', rto: '4h', authorize });
    await stage.until('all are sampled', () => maps(stage).flat().length === plans);
    stage.kernel.restart('operator', 100);
    await stage.pass(900_000);
    assert.deepEqual(ledger.refused(), []);
    const named = rules.flatMap(({ resourceNames }) => resourceNames.filter((name) => name.includes('-samples-')));
    assert.deepEqual(
      [...new Set(named)],
      Array.from({ length: sampleMapsAtMost }, (_none, number) => sampleMapName(number)),
    );
  });

  it('of those that may be read are known and saved, beside maps that the rights do not reach', async () => {
    const refuse = ({ name }: Attributes): string | undefined =>
      name === sampleMapName(1) ? 'an older Role names the first alone' : undefined;
    const stage = createFleet({ plans, rpo: '15m', rto: '4h', authorize: () => refuse });
    await stage.until('the first map is full', () => maps(stage)[0]?.length === 200);
    stage.kernel.restart('operator', 100);
    const restarted = stage.world.audit.length;
    await stage.pass(900_000);
    const writes = stage.world.audit
      .slice(restarted)
      .filter(({ name, verb, changed }) => name === sampleMapName(0) && verb === 'patch' && changed);
    assert.ok(writes.length > 0, 'the first is saved');
    assert.ok(stage.logs.some(({ message }) => message === 'samples may not be read; apply the Role of the chart'));
  });
});

describe('samples of a leader whose clock ran ahead', () => {
  it('do not hide from its successor that the standby falls behind', async () => {
    const stage = createStage({ timeline: false });
    stage.kernel.jumpWall('operator', 3_600_000);
    await settle(stage);
    assert.equal(stage.person.condition('RPOMet')?.status, 'True');
    stage.kernel.jumpWall('operator', -3_600_000);
    stage.kernel.restart('operator', 100);
    await stage.pass(60_000);
    stage.world.postgresql.orders?.link(serverName('orders', west)).hold();
    await stage.until('it is told', () => stage.person.condition('RPOMet')?.reason === 'LagAboveObjective', 60_000);
  });
});

/** UIDs. */
function deletePlans({ world }: Stage, count: number): readonly string[] {
  const all = world.management.hooks.list('dr.maestro.io/disasterrecoveryplans').slice(0, count);
  return all.map(({ metadata }) => {
    const { namespace, name, uid } = metadata as Readonly<Record<'namespace' | 'name' | 'uid', string>>;
    ask(
      world.management,
      'DELETE',
      `/apis/dr.maestro.io/v1alpha1/namespaces/${namespace}/disasterrecoveryplans/${name}`,
    );
    return uid;
  });
}
