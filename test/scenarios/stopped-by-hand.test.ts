import assert from 'node:assert/strict';
import { effectsIn } from './effects.ts';
import { east, host, serverName, west } from './names.ts';
import { ask, planNamespace } from './objects.ts';
import { blackHole, replicas, runIs, settle, shopMayLogIn } from './outage.ts';
import { scenario } from './scenario.ts';

const api = `/apis/apps/v1/namespaces/${planNamespace}/deployments/api`;

scenario({
  name: 'stopped-by-hand',
  shows:
    'people have stopped the old region’s workloads by hand, and its API server comes back before its database: nothing is started there beside the writer that is not fenced yet',
  options: { plan: { objectives: { rto: '15m', rpo: '5m' } } },
  async story(stage) {
    await settle(stage);
    const end = blackHole(stage);
    const cutAt = stage.now();
    await stage.pass(2_000);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    stage.person.answer('ApprovalRequired');
    await stage.until('it asks for proof of the fence', () => stage.person.isAskedFor('FenceNotProven'));
    stage.person.answer('FenceNotProven', { at: cutAt });
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    stage.timeline.note('bob', 'stops api in us-east-1, where he still can');
    ask(stage.world.clusters[east], 'PATCH', api, { spec: { replicas: 0 } });
    await stage.pass(60_000);
    const heal = stage.kernel.cut({ match: { id: `${host(serverName('orders', east))}:5432` }, how: 'hang' });
    end();
    await stage.pass(90_000);
    assert.equal(shopMayLogIn(stage, serverName('orders', east)), true, 'nobody has fenced it');
    assert.equal(replicas(stage, east, 'api'), 0);
    assert.match(stage.person.step('stand-down/api')?.waitsFor?.message ?? '', /not started before the old writer/);
    stage.timeline.note('weather', 'the database of us-east-1 is reachable, too');
    heal();
    await runIs(stage, 'Succeeded');
  },
  must: [
    /weather .*cut off/,
    /step .*fence\/orders Overridden/,
    /postgres .*us-west-2: primary, timeline 2/,
    /bob .*stops api/,
    /weather .*us-east-1 is reachable again/,
    /weather .*database of us-east-1 is reachable/,
    /step .*finish-fence\/orders Succeeded/,
    /step .*stand-down\/api Succeeded/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/],
  expect(stage) {
    assert.equal(replicas(stage, east, 'api'), 1, 'at its standby size');
    const started = effectsIn(stage, east).findIndex(({ detail }) => detail.includes('/deployments/api/scale'));
    const fenced = effectsIn(stage, east).findIndex(({ label }) => label === 'sql.fence');
    assert.ok(fenced !== -1 && fenced < started, 'the fence came first');
  },
});
