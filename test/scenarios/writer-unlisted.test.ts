import assert from 'node:assert/strict';
import { roleOf, withRole } from '../../src/sandbox/models/postgresql/index.ts';
import { operatorChanges } from './dns-hand.ts';
import { east, serverName, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

/** A login role with write rights that no list of the plan names: the fence would not keep it out. */
function hire(stage: Stage): void {
  stage.timeline.note('bob', 'creates the role reports, which may write');
  stage.world.postgresql.orders?.alterCatalogue(serverName('orders', east), (catalogue) =>
    withRole(catalogue, 'reports', roleOf({ password: 'reports-password', writes: true })),
  );
}

function dismiss(stage: Stage): void {
  stage.timeline.note('bob', 'takes the login of reports away');
  stage.world.postgresql.orders?.alterRole(serverName('orders', east), 'reports', { login: false });
}

scenario({
  name: 'writer-unlisted',
  shows: 'a role that nobody listed may write: told by name before the clients are put out; gone, the run goes on',
  async story(stage) {
    hire(stage);
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it says so', () => stage.person.isAskedFor('FenceObstructed'));
    await stage.pass(60_000);
    assert.equal(stage.person.step('fence/orders')?.intent, undefined);
    assert.equal(stage.person.step('quiesce/worker')?.intent, undefined);
    assert.ok(stage.world.clients.longestOutageMs() < 2_000, 'the clients noticed nothing');
    dismiss(stage);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /bob .*creates the role reports/,
    /step .*preflight\/orders (Waiting|Blocked) FenceObstructed: .*UnlistedWriter reports/,
    /bob .*takes the login/,
    /step .*preflight\/orders Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
  },
});

scenario({
  name: 'writer-unlisted-late',
  shows:
    'a role that nobody listed comes while the source is being fenced: nothing is promoted; taken back, the source serves again and has every order',
  options: { plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', deadlines: { fence: '10s' } } } },
  async story(stage) {
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it is about to fence', () => stage.person.step('quiesce/worker')?.intent !== undefined);
    hire(stage);
    await stage.until('it says so', () => stage.person.isAskedFor('FenceNotProven'));
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.equal(orders.write(serverName('orders', east), 'reports', 'r-1').acknowledged, true, 'it can indeed write');
    assert.equal(orders.role(serverName('orders', west)), 'Replica');
    stage.person.answer('FenceNotProven');
    await stage.until('it is taken back', () => stage.person.run()?.status?.phase === 'Aborted');
    await stage.pass(30_000);
  },
  must: [
    /bob .*creates the role reports/,
    /step .*fence\/orders Blocked FenceNotProven: .*UnlistedWriter reports/,
    /ana .*Aborted/,
    /step .*fence\/orders Undoing/,
    /run .*checkout-1 is in Aborted/,
  ],
  never: [/timeline 2/, /fence\/orders Succeeded/, /answers us-west-2/, /Overridden/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const rows = orders.rows(serverName('orders', east));
    assert.deepEqual(stage.world.clients.lost(rows), []);
    assert.ok(rows.includes('r-1'));
    assert.equal(stage.world.clients.log.at(-1)?.acknowledged, true, 'orders are taken again');
    assert.equal(orders.role(serverName('orders', east)), 'Primary');
    const roles = Object.keys(orders.catalogue(serverName('orders', east)).roles);
    assert.deepEqual(
      roles.filter((role) => role.startsWith('maestro_fence')),
      [],
      'no fence is left',
    );
    assert.deepEqual(operatorChanges(stage.world), []);
  },
});

scenario({
  name: 'writer-superuser',
  shows:
    'the application logs in as a superuser, whom no fence keeps out: told before the clients are put out; no longer one, the run goes on',
  async story(stage) {
    const superuser = (is: boolean): void => {
      stage.timeline.note('bob', is ? 'makes shop a superuser' : 'makes shop an ordinary role');
      stage.world.postgresql.orders?.alterRole(serverName('orders', east), 'shop', { superuser: is });
    };
    superuser(true);
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it says so', () => stage.person.isAskedFor('FenceObstructed'));
    await stage.pass(60_000);
    assert.equal(stage.person.step('fence/orders')?.intent, undefined);
    assert.ok(stage.world.clients.longestOutageMs() < 2_000, 'the clients noticed nothing');
    superuser(false);
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /bob .*makes shop a superuser/,
    /step .*preflight\/orders (Waiting|Blocked) FenceObstructed: .*SuperuserApplication shop/,
    /bob .*ordinary/,
    /step .*preflight\/orders Succeeded/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    assert.deepEqual(stage.world.clients.lost(orders.rows(serverName('orders', west))), []);
  },
});
