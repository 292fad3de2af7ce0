import assert from 'node:assert/strict';
import { east, serverName, west } from './names.ts';
import { scenario } from './scenario.ts';

const leaked = 'leaked-order';

scenario({
  name: 'writer-leak',
  shows:
    'a login past its password and not yet listed survives the first pass of ending sessions: it is seen all the same, and what it writes is either refused or replicated',
  async story(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const source = serverName('orders', east);
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it is about to fence', () => stage.person.step('quiesce/worker')?.intent !== undefined);
    const leak = orders.leak(source, 'shop');
    leak.stop();
    stage.timeline.note('weather', 'a login stands still between its password and its first statement');
    await stage.until('nobody can log in', () => orders.catalogue(source).roles.shop?.login === false);
    await stage.pass(5_000);
    assert.equal(stage.person.step('fence/orders')?.outcome, undefined, 'not proven while that session is there');
    assert.equal(orders.role(serverName('orders', west)), 'Replica');
    stage.timeline.note('weather', 'the login goes on and writes');
    const wrote = leak.proceed()?.write(leaked) ?? false;
    stage.timeline.note('clients', wrote ? 'its order is taken' : 'its order is refused: it was ended meanwhile');
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /weather .*stands still/,
    /weather .*goes on and writes/,
    /clients .*its order is refused/,
    /step .*fence\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const rows = orders.rows(serverName('orders', west));
    assert.deepEqual(stage.world.clients.lost(rows), []);
    assert.equal(rows.includes(leaked), false);
  },
});

scenario({
  name: 'writer-leak-quick',
  shows:
    'a login past its password goes on right after the fence and writes before it is ended: its order is in the west, too',
  async story(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const source = serverName('orders', east);
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it is about to fence', () => stage.person.step('quiesce/worker')?.intent !== undefined);
    const leak = orders.leak(source, 'shop');
    stage.timeline.note('weather', 'a login is past its password and not yet listed');
    await stage.until('nobody can log in', () => orders.catalogue(source).roles.shop?.login === false);
    const wrote = leak.proceed()?.write(leaked) ?? false;
    stage.timeline.note('clients', wrote ? 'its order is taken behind the fence' : 'its order is refused');
    assert.equal(wrote, true, 'the hazard is there: NOLOGIN alone does not stop it');
    await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
    await stage.pass(10_000);
  },
  must: [
    /weather .*past its password/,
    /clients .*taken behind the fence/,
    /step .*fence\/orders Succeeded/,
    /step .*position\/orders Succeeded/,
    /postgres .*us-west-2: primary, timeline 2/,
    /run .*Succeeded/,
  ],
  never: [/timeline 3/, /Overridden/],
  expect(stage) {
    const orders = stage.world.postgresql.orders;
    assert.ok(orders !== undefined);
    const rows = orders.rows(serverName('orders', west));
    assert.deepEqual(stage.world.clients.lost(rows), []);
    assert.ok(rows.includes(leaked), 'what it wrote came before the last position, so the west has it');
  },
});
