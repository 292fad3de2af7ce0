import assert from 'node:assert/strict';
import { createRig, newOrder } from './database-world.ts';
import type { CreateDriver, DatabaseWorld, Rig } from './database-world.ts';

/** Who writes on past a fence, and who only looks as if: all of them are named, or the fence would be called proven. */
export function intruderCases(createDriver: CreateDriver, shared: () => Promise<DatabaseWorld>): void {
  // Above those of the fences before, below that of the announcement after.
  let epoch = 500;
  const rig = async () => {
    const world = await shared();
    epoch += 1;
    return { world, epoch, ...createRig(world, createDriver) };
  };
  const unfence = async ({ apply }: Pick<Rig, 'apply'>, at: number): Promise<void> => {
    assert.deepEqual(await apply('east', 'Unfence', at), { kind: 'Accepted' });
  };

  it('names who writes past it: a role nobody listed, a superuser, a prepared transaction', async () => {
    const { world, epoch: now, state, apply } = await rig();
    await world.createRole('intern', { password: 'intern', memberOf: 'shop' });
    await world.createRole('root', { password: 'root' });
    await world.alterRole('root', { superuser: true });
    await world.prepare('two-phase');
    await apply('east', 'Fence', now);
    assert.deepEqual((await state('east')).fenceObstacles, [
      { kind: 'PreparedTransaction', name: 'two-phase' },
      { kind: 'UnlistedWriter', name: 'intern' },
      { kind: 'UnlistedWriter', name: 'root' },
    ]);
    assert.equal(await world.write('east', newOrder(), 'intern'), true, 'it does write on');
    await unfence({ apply }, now);
    await world.rollbackPrepared('two-phase');
    await world.dropRole('intern');
    await world.dropRole('root');
    assert.deepEqual((await state('east')).fenceObstacles, []);
  });

  it('names who holds just a column of the orders, or a view of them, and not who has a view that takes no writes', async () => {
    const { world, epoch: now, state, apply } = await rig();
    const roles = [await world.narrowRole('cashier', 'Column'), await world.narrowRole('intake', 'View')];
    const reporter = await world.narrowRole('reporter', 'Total');
    await apply('east', 'Fence', now);
    for (const role of roles) assert.equal(await role.write(), true, 'it does write on');
    assert.equal(await reporter.write(), false);
    assert.deepEqual((await state('east')).fenceObstacles, [
      { kind: 'UnlistedWriter', name: 'cashier' },
      { kind: 'UnlistedWriter', name: 'intake' },
    ]);
    await unfence({ apply }, now);
    for (const role of [...roles, reporter]) await role.end();
    assert.deepEqual((await state('east')).fenceObstacles, []);
  });

  it('names the session that whoever lost the login still has, and that of a role which was dropped', async () => {
    const { world, epoch: now, state, apply } = await rig();
    await world.createRole('intern', { password: 'intern', memberOf: 'shop' });
    await world.createRole('leaver', { password: 'leaver' });
    const [intern, leaver] = [await world.client('east', 'intern'), await world.client('east', 'leaver')];
    await world.alterRole('intern', { login: false });
    await world.dropRole('leaver');
    await apply('east', 'Fence', now);
    assert.equal(await intern.write(newOrder()), true, 'it does write on');
    const found = (await state('east')).fenceObstacles.map(({ kind, name }) => `${kind} ${name.replace(/\d+/, '…')}`);
    assert.deepEqual(found.sort(), ['OpenSession pid … of a dropped role', 'OpenSession pid … of intern']);
    await intern.close();
    await leaver.close();
    assert.deepEqual((await state('east')).fenceObstacles, []);
    await unfence({ apply }, now);
    await world.dropRole('intern');
  });

  it('does not take a reader with a temporary table for a writer', async () => {
    const { world, state } = await rig();
    await world.createRole('reader', { password: 'reader' });
    const end = await world.scratch('reader');
    assert.deepEqual((await state('east')).fenceObstacles, []);
    await end();
    await world.dropRole('reader');
  });

  it('names who writes to another database of the server: it moves with it, and so would be lost', async () => {
    const { world, epoch: now, state, apply } = await rig();
    const end = await world.tenant('billing');
    await apply('east', 'Fence', now);
    const billing = [{ kind: 'UnlistedWriter', name: 'billing in database billing' }];
    assert.deepEqual((await state('east')).fenceObstacles, billing);
    assert.deepEqual((await state('east', { administrativeRoles: ['postgres', 'billing'] })).fenceObstacles, []);
    await end();
    assert.deepEqual((await state('east')).fenceObstacles, []);
    await unfence({ apply }, now);
  });

  it('names a database that it may not look into, unless nobody may enter it whom the plan does not list', async () => {
    const { world, epoch: now, state, apply } = await rig();
    const end = await world.tenant('billing', 'Locked');
    await apply('east', 'Fence', now);
    assert.deepEqual((await state('east')).fenceObstacles, [
      { kind: 'UnseenDatabase', name: 'billing, which billing may enter: GRANT CONNECT there to maestro' },
    ]);
    assert.deepEqual((await state('east', { administrativeRoles: ['postgres', 'billing'] })).fenceObstacles, []);
    await end();
    await unfence({ apply }, now);
  });

  it('names what writes without a session: a subscription while it is enabled, a scheduler', async () => {
    const { world, epoch: now, state, apply } = await rig();
    const feed = await world.subscribe('feed');
    const remove = await world.schedule();
    await apply('east', 'Fence', now);
    const scheduler = { kind: 'Scheduler', name: 'pg_cron' };
    assert.deepEqual((await state('east')).fenceObstacles, [scheduler, { kind: 'Subscription', name: 'feed' }]);
    const order = newOrder();
    await feed.send(order);
    assert.ok((await world.rows('east')).includes(order), 'it does write on');
    await feed.enable(false);
    assert.deepEqual((await state('east')).fenceObstacles, [scheduler]);
    await remove();
    await feed.end();
    assert.deepEqual((await state('east')).fenceObstacles, []);
    await unfence({ apply }, now);
  });
}
