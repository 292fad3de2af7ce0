import assert from 'node:assert/strict';
import { compareLsn } from '../../src/drivers/databases/lsn.ts';
import { createRig, newOrder } from './database-world.ts';
import type { CreateDriver, DatabaseWorld } from './database-world.ts';

/** What is seen of servers in every state, and that what cannot be seen stays unknown. */
export function readingCases(createDriver: CreateDriver, shared: () => Promise<DatabaseWorld>): void {
  const rig = async (options = {}) => {
    const world = await shared();
    return { world, ...createRig(world, createDriver, options) };
  };

  it('sees a primary: what it writes, who may, and that nothing stands in the way of a fence', async () => {
    const { world, observer, ref, signal } = await rig();
    const before = world.clock.monotonic();
    const fact = await observer.observe(ref('east'), signal);
    assert(fact.known);
    assert(fact.at.monotonic - before < 1, 'dated from before the first byte');
    assert.equal(fact.generation, 7);
    const { slots, systemIdentifier, position, ...rest } = fact.value;
    assert.match(systemIdentifier, /^\d{15,20}$/);
    assert.match(position, /^\d+\/[0-9A-F]+$/);
    assert.deepEqual(slots, [{ name: 'west', active: true, walStatus: 'reserved' }]);
    assert.deepEqual(rest, {
      role: 'Primary',
      timeline: 1,
      checkpointTimeline: 1,
      fence: { present: false },
      highestEpoch: 0,
      enabledRoles: ['shop'],
      applicationSessions: 0,
      otherSessions: 0,
      fenceObstacles: [],
      missingRights: [],
      replayObstacles: [],
      commitObstacles: [],
    });
  });

  it('sees a standby: streaming, on the same system and timeline, replaying what is written', async () => {
    const { world, state, until } = await rig();
    assert.equal(await world.write('east', newOrder()), true);
    const east = await state('east');
    const west = await until('west', 'replayed', ({ position }) => compareLsn(position, east.position) >= 0);
    assert.equal(west.role, 'Replica');
    assert.equal(west.systemIdentifier, east.systemIdentifier);
    assert.equal(west.timeline, 1);
    assert.equal(west.receiver?.streaming, true);
    assert.equal(west.receiver.timeoutMs, 60_000, 'PostgreSQL`s default');
    assert(west.received !== undefined && compareLsn(west.received, west.position) >= 0);
    assert.equal(west.switchpoint, undefined);
    assert.deepEqual([west.replayObstacles, west.commitObstacles], [[], []]);
  });

  it('counts sessions: of the application, and of others', async () => {
    const { world, state } = await rig();
    const client = await world.client('east');
    const reader = await world.client('west');
    const east = await state('east');
    assert.equal(east.applicationSessions, 1);
    assert.equal(east.otherSessions, 1);
    assert.equal((await state('west')).otherSessions, 1);
    await client.close();
    await reader.close();
  });

  it('tells another cluster by its system identifier', async () => {
    const { state } = await rig();
    assert.notEqual((await state('stranger')).systemIdentifier, (await state('east')).systemIdentifier);
  });

  it('sees a held link: nothing arrives, and the receiver, unaware, hears nothing', async () => {
    const { world, state, until } = await rig();
    const before = await state('west');
    await world.link('Held');
    assert.equal(await world.write('east', newOrder()), true);
    const east = await state('east');
    await world.clock.sleep(300);
    const held = await state('west');
    assert(compareLsn(held.position, east.position) < 0);
    assert.equal(held.receiver?.streaming, true);
    assert.equal(held.receiver.latestEndAt, (await state('west')).receiver?.latestEndAt);
    await world.link('Open');
    const after = await until('west', 'caught up', ({ position }) => compareLsn(position, east.position) >= 0);
    assert(Number(after.receiver?.latestEndAt) > Number(before.receiver?.latestEndAt));
  });

  it('does not know with the wrong password, and shows none', async () => {
    const { world, observer, ref, signal } = await rig({
      secrets: { maestro: { username: 'maestro', password: 'hunter2-the-wrong-one', ...caOf(await shared()) } },
    });
    const fact = await observer.observe(ref('east'), signal);
    assert(!fact.known);
    assert.equal(fact.why, 'Forbidden');
    assert.match(fact.detail, /28P01 at connect: password authentication failed/);
    assert.doesNotMatch(fact.detail, new RegExp(`hunter2|${world.password('maestro')}`));
  });

  it('says what of a Secret or a plan is missing', async () => {
    const { observer, ref, signal } = await rig({ secrets: { maestro: { username: 'maestro' } } });
    const keyless = await observer.observe(ref('east'), signal);
    assert(!keyless.known);
    assert.deepEqual(
      [keyless.why, keyless.detail],
      ['Malformed', 'Secret payments/maestro has no key password: add it'],
    );
    const homeless = await observer.observe({ ...ref('east'), region: 'north' }, signal);
    assert(!homeless.known);
    assert.equal(homeless.detail, 'database orders has no server in region north: add servers.north');
  });

  it('does not know a server that refuses, hangs, or is full', async () => {
    const { world, observer, ref, apply, signal } = await rig({ callMs: 1_500 });
    const look = async (): Promise<string> => {
      const fact = await observer.observe(ref('stranger'), signal);
      return fact.known ? 'known' : fact.why;
    };
    await world.reach('stranger', 'Refused');
    assert.equal(await look(), 'Unreachable');
    assert.equal((await apply('stranger', 'Fence', 1)).kind, 'OutcomeUnknown');
    await world.reach('stranger', 'Silent');
    assert.equal(await look(), 'Timeout');
    assert.equal((await apply('stranger', 'Fence', 1)).kind, 'OutcomeUnknown');
    await world.reach('stranger', 'Open');
    const release = await world.crowd('stranger');
    assert.equal(await look(), 'Throttled');
    const refused = await apply('stranger', 'Fence', 1);
    assert.equal(refused.kind === 'Refused' && refused.code, 'Throttled');
    await release();
    assert.equal(await look(), 'known');
  });

  it('names each right that the operator lacks by the SQL that grants it', async () => {
    const password = 'bare-password';
    const { world, state, apply } = await rig({
      secrets: { maestro: { username: 'bare', password, ...caOf(await shared()) } },
    });
    await world.createRole('bare', { password });
    const { missingRights } = await state('east');
    assert.deepEqual(missingRights, [
      'ALTER ROLE "bare" CREATEROLE',
      'GRANT pg_signal_backend TO "bare"',
      'GRANT pg_monitor TO "bare"',
      'GRANT pg_checkpoint TO "bare"',
      'GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO "bare" -- in database "shop"',
      'GRANT EXECUTE ON FUNCTION pg_get_wal_records_info(pg_lsn, pg_lsn) TO "bare" -- in database "shop"',
      'GRANT "shop" TO "bare" WITH ADMIN OPTION, INHERIT FALSE, SET FALSE',
    ]);
    const refused = await apply('east', 'Fence', 1);
    assert.equal(refused.kind === 'Refused' && refused.code, 'Forbidden');
    assert.equal((await state('east')).highestEpoch, 0, 'a refused attempt leaves nothing');
    await world.dropRole('bare');
  });
}

function caOf(world: DatabaseWorld): Readonly<Record<string, string>> {
  return world.ca === undefined ? {} : { 'ca.crt': world.ca };
}
