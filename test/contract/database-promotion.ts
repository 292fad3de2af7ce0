import assert from 'node:assert/strict';
import { compareLsn } from '../../src/drivers/databases/lsn.ts';
import { createRig, newOrder } from './database-world.ts';
import type { CreateDriver, DatabaseWorld } from './database-world.ts';

/** Planned and forced, each on a world of its own, for a promotion is not undone. */
export function promotionCases(createDriver: CreateDriver, create: () => Promise<DatabaseWorld>): void {
  it('promotes once, past a reader that holds it up, and opens to whom the fence took out', async () => {
    const world = await create();
    const { state, apply, until } = createRig(world, createDriver);
    const already = await apply('east', 'Promote', 1);
    assert.deepEqual(already, { kind: 'Accepted', detail: 'already a primary' });
    assert.equal((await state('east')).timeline, 1);

    const reader = await world.holdReplay();
    const waiting = await until('west', 'a conflict', ({ replayObstacles }) => replayObstacles.length > 0);
    assert.match(waiting.replayObstacles.join(), /replay waits for a reader/);
    const fenced = await apply('east', 'Fence', 5);
    assert(fenced.kind === 'Accepted' && fenced.detail !== undefined);
    assert(compareLsn((await state('west')).position, fenced.detail) < 0, 'the reader holds it');

    assert.equal((await apply('west', 'Promote', 5)).kind, 'Accepted');
    assert.equal(await reader.isOpen(), false);
    const west = await until('west', 'promoted', ({ role }) => role === 'Primary');
    assert.equal(west.timeline, 2);
    assert(west.switchpoint !== undefined && compareLsn(west.switchpoint, fenced.detail) >= 0);
    assert.deepEqual(await world.timelineSwitches('west'), [{ timeline: 2, switchpoint: west.switchpoint }]);

    assert.deepEqual(await apply('west', 'Promote', 5), { kind: 'Accepted', detail: 'already a primary' });
    assert.equal((await world.timelineSwitches('west')).length, 1);
    assert.deepEqual(west.fence, { present: true, epoch: 5, restores: ['shop'], sealed: true });
    assert.equal(await world.write('west', newOrder()), false, 'promoted is not open');

    assert.deepEqual(await apply('west', 'Open', 5), { kind: 'Accepted' });
    assert.deepEqual(await apply('west', 'Open', 5), { kind: 'Accepted' });
    const opened = await state('west');
    assert.deepEqual([opened.fence.present, opened.enabledRoles, opened.highestEpoch], [false, ['shop'], 5]);
    assert.deepEqual(await apply('west', 'Probe', 5), { kind: 'Accepted' });
    assert.equal(await world.write('west', newOrder()), true);

    assert.deepEqual(await apply('west', 'Checkpoint', 5), { kind: 'Accepted' });
    assert.equal((await state('west')).checkpointTimeline, 2);

    // A crash of the new primary: its recovery ended elsewhere, and must not be taken for the switchpoint.
    await world.kill('west');
    await world.start('west');
    const restarted = await createRig(world, createDriver).state('west');
    assert.equal(restarted.switchpoint, west.switchpoint);
    assert.equal(restarted.timeline, 2);
  });

  it('names the synchronous standby that is not there, for which every commit waits but not the probe', async () => {
    const world = await create();
    const { state, apply, until } = createRig(world, createDriver);
    await world.synchronous('west', 'elsewhere');
    const named = /^commits of shop wait for a synchronous standby, for synchronous_standby_names is 'elsewhere'/;
    assert.match((await state('west')).commitObstacles.join(), named);
    assert.equal((await apply('west', 'Promote', 5)).kind, 'Accepted');
    await until('west', 'promoted', ({ role }) => role === 'Primary');
    assert.deepEqual(await apply('west', 'Open', 5), { kind: 'Accepted' }, 'the operator waits for nobody');
    assert.deepEqual(await apply('west', 'Probe', 5), { kind: 'Accepted' });
    assert.equal(await world.commits('west'), false, 'it does hang');
    assert.match((await state('west')).commitObstacles.join(), /'elsewhere' and 0 of 1 streams: run ALTER SYSTEM/);
    await world.synchronous('west', '');
    assert.deepEqual((await state('west')).commitObstacles, []);
    assert.equal(await world.commits('west'), true);
  });

  it('counts what an old primary lost, and what it took after its return', async () => {
    const world = await create();
    const { state, apply, until, observer, ref, signal } = createRig(world, createDriver);
    const kept = newOrder();
    assert.equal(await world.write('east', kept), true);
    const sent = await state('east');
    await until('west', 'replayed', ({ position }) => compareLsn(position, sent.position) >= 0);
    await world.link('Cut');
    for (let order = 0; order < 3; order++) assert.equal(await world.write('east', newOrder()), true);
    await world.upkeep('east');
    await world.kill('east');
    const dead = await observer.observe(ref('east'), signal);
    assert.equal(!dead.known && dead.why, 'Unreachable');

    assert.equal((await apply('west', 'Promote', 6)).kind, 'Accepted');
    const west = await until('west', 'promoted', ({ role }) => role === 'Primary');
    assert(west.switchpoint !== undefined);
    assert.equal((await apply('west', 'Open', 6)).kind, 'Accepted');
    assert.equal((await state('west')).highestEpoch, 6, 'the new primary remembers the epoch without a fence');
    assert.deepEqual(await world.rows('west'), [kept]);

    await world.start('east');
    assert.equal(await world.write('east', newOrder()), true, 'a returning primary takes writes');
    assert.equal((await apply('east', 'Fence', 6)).kind, 'Accepted');
    const fact = await observer.divergence(ref('east'), west.switchpoint, signal);
    assert(fact.known, JSON.stringify(fact));
    const { lostCommits, postReturnCommits, firstLostAt, lastLostAt, firstPostReturnAt, lastPostReturnAt } = fact.value;
    assert.deepEqual([lostCommits, postReturnCommits], [3, 1]);
    const times = [firstLostAt, lastLostAt, firstPostReturnAt, lastPostReturnAt].map(Number);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert(Math.abs(Number(lastLostAt) - world.clock.wall()) < 600_000, 'in ms of the wall');

    const { position } = await state('east');
    const nothing = await observer.divergence(ref('east'), position, signal);
    assert(nothing.known, JSON.stringify(nothing));
    assert.deepEqual(nothing.value, { lostCommits: 0, postReturnCommits: 0 });

    await world.forgetWal('east');
    const gone = await observer.divergence(ref('east'), west.switchpoint, signal);
    assert(!gone.known);
    assert.deepEqual(
      [gone.why, gone.detail],
      ['Malformed', `WAL is gone: nothing from ${west.switchpoint} on can be read any more`],
    );
  });
}
