import assert from 'node:assert/strict';
import { compareLsn } from '../../src/drivers/databases/lsn.ts';
import { PortError } from '../../src/ports/port-error.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { identityHash } from '../../src/api/identity.ts';
import { createRig, IDENTITY, newOrder } from './database-world.ts';
import type { CreateDriver, DatabaseWorld, Rig, WorldLeak } from './database-world.ts';

/** The fence on a primary: what it proves, what it must not claim, and that undoing it gives back just what it took. */
export function fencingCases(createDriver: CreateDriver, shared: () => Promise<DatabaseWorld>): void {
  let epoch = 10;
  const rig = async (options = {}) => {
    const world = await shared();
    epoch += 1;
    return { world, epoch, ...createRig(world, createDriver, options) };
  };
  const unfence = async ({ apply }: Pick<Rig, 'apply'>, at: number): Promise<void> => {
    assert.deepEqual(await apply('east', 'Unfence', at), { kind: 'Accepted' });
  };

  it('ends every session, lets nobody in, and the standby gets there', async () => {
    const { world, epoch: now, state, apply, until } = await rig();
    const [idle, busy] = [await world.client('east'), await world.client('east')];
    const half = newOrder();
    await busy.begin(half);
    assert.equal(await idle.write(newOrder()), true);
    const acknowledged = await world.rows('east');

    const accepted = await apply('east', 'Fence', now);
    assert(accepted.kind === 'Accepted' && accepted.detail !== undefined, JSON.stringify(accepted));
    assert.deepEqual([await idle.isOpen(), await busy.isOpen()], [false, false]);
    assert.equal(await world.write('east', newOrder()), false);
    assert.deepEqual([...(await world.rows('east'))].sort(), [...acknowledged].sort());

    const east = await state('east');
    assert.deepEqual(east.fence, { present: true, epoch: now, restores: ['shop'], sealed: true });
    assert.deepEqual([east.enabledRoles, east.applicationSessions, east.highestEpoch], [[], 0, now]);
    assert(compareLsn(east.position, accepted.detail) >= 0);

    const west = await until('west', 'replayed', ({ position }) => compareLsn(position, accepted.detail ?? '') >= 0);
    assert.deepEqual(west.fence, east.fence, 'the fence replicates');
    assert.deepEqual(west.enabledRoles, []);
    assert.deepEqual([...(await world.rows('west'))].sort(), [...acknowledged].sort());
    await unfence({ apply }, now);
  });

  it('is met by the application with the right password only', async () => {
    const { world, epoch: now, apply } = await rig();
    const wrong = createRig(world, createDriver, { secrets: { shop: { username: 'shop', password: 'not-it' } } });
    const code = async (by: Pick<Rig, 'apply'>): Promise<string> => {
      const result = await by.apply('east', 'Probe', now);
      return result.kind === 'Refused' ? result.code : result.kind;
    };
    assert.equal(await code({ apply }), 'Accepted');
    await apply('east', 'Fence', now);
    assert.equal(await code({ apply }), 'NotPermittedToLogIn');
    assert.equal(await code(wrong), 'WrongPassword');
    await unfence({ apply }, now);
    assert.equal(await code({ apply }), 'Accepted');
    assert.equal((await world.rows('east')).length, (await world.rows('west')).length, 'a probe leaves no row');
  });

  it('is idempotent, refuses to go back, and leaves its epoch behind', async () => {
    const { epoch: now, state, apply } = await rig();
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    for (const action of ['Fence', 'Unfence', 'Open'] as const) {
      const stale = await apply('east', action, now - 1);
      assert.deepEqual(stale.kind === 'Refused' && [stale.code, stale.message], [
        'StaleEpoch',
        `MD001 at ${action === 'Fence' ? 'fence' : 'open'}: epoch ${String(now)} was here before epoch ${String(now - 1)}`,
      ]);
    }
    assert.equal((await state('east')).fence.present, true);
    await unfence({ apply }, now);
    await unfence({ apply }, now);
    const { fence, highestEpoch, enabledRoles } = await state('east');
    assert.deepEqual([fence.present, highestEpoch, enabledRoles], [false, now, ['shop']]);
  });

  it('hands what an older fence would restore to the newer one', async () => {
    const { epoch: now, state, apply } = await rig();
    epoch += 1;
    await apply('east', 'Fence', now);
    await apply('east', 'Fence', epoch);
    assert.deepEqual((await state('east')).fence, { present: true, epoch, restores: ['shop'], sealed: true });
    await unfence({ apply }, epoch);
    assert.deepEqual((await state('east')).enabledRoles, ['shop']);
  });

  it('restores exactly the roles that could log in before', async () => {
    const { world, epoch: now, state, apply } = await rig();
    await world.createRole('clerk', { password: 'clerk', administered: true, memberOf: 'shop' });
    await world.createRole('retired', { password: 'retired', administered: true, login: false });
    const roles = { applicationRoles: ['clerk', 'retired', 'shop'] };
    assert.deepEqual((await state('east', roles)).enabledRoles, ['clerk', 'shop']);
    assert.equal((await apply('east', 'Fence', now, roles)).kind, 'Accepted');
    const { fence } = await state('east', roles);
    assert.deepEqual(fence.present && fence.restores, ['clerk', 'shop']);
    await unfence({ apply }, now);
    assert.deepEqual((await state('east', roles)).enabledRoles, ['clerk', 'shop']);
    await world.dropRole('clerk');
    await world.dropRole('retired');
  });

  it('is proven in a storm of clients that reconnect', async () => {
    const { world, epoch: now, state, apply } = await rig();
    let storming = true;
    let taken = 0;
    const client = async (): Promise<void> => {
      while (storming) if (await world.write('east', newOrder())) taken += 1;
    };
    const storm = Promise.all([client(), client(), client(), client()]);
    try {
      while (taken < 20) await world.clock.sleep(10);
      assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
      const rows = await world.rows('east');
      for (let look = 0; look < 5; look++) {
        const { applicationSessions, fence } = await state('east');
        assert.deepEqual([applicationSessions, fence.present && fence.sealed], [0, true]);
      }
      assert.deepEqual([...(await world.rows('east'))].sort(), [...rows].sort());
    } finally {
      storming = false;
      await storm;
    }
    await unfence({ apply }, now);
  });

  it('is not held up by a login that stalls before its password, and refuses it when that comes', async () => {
    const { world, epoch: now, state, apply } = await rig({ callMs: 5_000 });
    const answer = await world.stall('east');
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    assert.equal((await state('east')).applicationSessions, 0, 'under a sealed fence it does not count');
    assert.equal(await answer(), undefined);
    await unfence({ apply }, now);
  });

  it('ends a backend that is past authentication and that no view lists yet', async () => {
    const { world, epoch: now, state, apply } = await rig();
    const leak = await world.leak('east');
    assert((await state('east')).applicationSessions >= 1, 'it may be past the fence, so it counts');
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    assert.equal(await writesOn(leak), false, 'it slipped through');
    await unfence({ apply }, now);
  });

  it('is not claimed while such a backend cannot be ended', async () => {
    const { world, epoch: now, state, apply } = await rig({ callMs: 3_000 });
    const leak = await world.leak('east');
    await leak.stop();
    const result = await apply('east', 'Fence', now);
    assert.match(
      result.kind === 'OutcomeUnknown' ? result.detail : JSON.stringify(result),
      /^the fence stands, but 1 sessions of application roles did not end \(pids \d+\)$/,
    );
    const { fence, applicationSessions } = await state('east');
    assert.deepEqual([fence.present && fence.sealed, applicationSessions], [false, 1]);
    assert.equal(await writesOn(leak), false, 'it slipped through');
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    await unfence({ apply }, now);
  });

  it('is completed after the operator died between its transaction and the end of the sessions', async () => {
    const { world, epoch: now, state, apply } = await rig();
    const dying = createRig(world, createDriver, { sql: dyingAfter(world.sql, 'fence') });
    const client = await world.client('east');
    assert.equal((await dying.apply('east', 'Fence', now)).kind, 'OutcomeUnknown');
    const half = await state('east');
    assert.deepEqual(half.fence, { present: true, epoch: now, restores: ['shop'], sealed: false });
    assert.deepEqual([half.enabledRoles, half.applicationSessions], [[], 1]);
    assert.equal(await client.write(newOrder()), true, 'nothing ends by NOLOGIN alone');
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    assert.equal(await client.isOpen(), false);
    await unfence({ apply }, now);
  });

  it('refuses an application role that is a superuser, the operator, or absent', async () => {
    const { world, epoch: now, state, apply } = await rig();
    await world.alterRole('shop', { superuser: true });
    assert.deepEqual((await state('east')).fenceObstacles, [{ kind: 'SuperuserApplication', name: 'shop' }]);
    const refused = await apply('east', 'Fence', now);
    assert.equal(refused.kind === 'Refused' && refused.code, 'Forbidden');
    assert.equal((await state('east')).fence.present, false);
    await world.alterRole('shop', { superuser: false });

    const own = { applicationRoles: ['maestro', 'shop'] };
    assert.deepEqual((await state('east', own)).fenceObstacles, [{ kind: 'OperatorIsApplication', name: 'maestro' }]);
    const itself = await apply('east', 'Fence', now, own);
    assert.equal(itself.kind === 'Refused' && itself.code, 'OperatorIsApplication');

    const absent = await state('east', { applicationRoles: ['shopp'] });
    assert.deepEqual(absent.fenceObstacles, [
      { kind: 'UnlistedWriter', name: 'shop' },
      { kind: 'MissingApplicationRole', name: 'shopp' },
    ]);
  });

  it('names the right to the markers of another operator role, without which the next fence is refused', async () => {
    const { world, epoch: now, state, apply } = await rig();
    assert.equal((await apply('east', 'Fence', now)).kind, 'Accepted');
    await unfence({ apply }, now);
    epoch += 1;
    await world.createRole('successor', { password: 'successor', operates: true });
    const secrets = { maestro: { username: 'successor', password: 'successor', ...authority(world) } };
    const successor = createRig(world, createDriver, { secrets });
    const keep = { administrativeRoles: ['maestro', 'postgres'] };
    const marker = `maestro_epoch:${identityHash(IDENTITY)}:${String(now)}`;
    const wanted = [`GRANT "${marker}" TO "successor" WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`];
    assert.deepEqual((await successor.state('east', keep)).missingRights, wanted);
    const refused = await successor.apply('east', 'Fence', epoch, keep);
    assert.equal(refused.kind === 'Refused' && refused.code, 'Forbidden');
    await world.grant(marker, 'successor');
    assert.deepEqual((await successor.state('east', keep)).missingRights, []);
    assert.equal((await successor.apply('east', 'Fence', epoch, keep)).kind, 'Accepted');
    await unfence(successor, epoch);
    // What is left is the administrator's to hand on.
    const left = `maestro_epoch:${identityHash(IDENTITY)}:${String(epoch)}`;
    assert.deepEqual((await state('east')).missingRights.length, 1);
    await world.grant(left, 'maestro');
    assert.deepEqual((await state('east')).missingRights, []);
    await world.dropRole('successor');
  });

  it('changes nothing on a standby', async () => {
    const { epoch: now, state, apply } = await rig();
    const before = await state('west');
    for (const action of ['Fence', 'Unfence', 'Open', 'Announce', 'Probe'] as const) {
      const result = await apply('west', action, now);
      assert.equal(result.kind === 'Refused' && result.code, 'InRecovery', action);
    }
    assert.deepEqual((await state('west')).fence, before.fence);
  });

  it('refuses a probe that the plan does not describe', async () => {
    const { epoch: now, actuator, ref, signal } = await rig();
    const { applicationProbe: _, ...database } = ref('east').database;
    const token = { identity: 'payments/checkout', epoch: now, runUid: 'uid', token: 'run/probe/Probe/1' };
    const result = await actuator.apply({ ...ref('east'), database }, 'Probe', token, signal);
    assert.equal(result.kind === 'Refused' && result.code, 'NoProbe');
  });
}

function authority({ ca }: DatabaseWorld): Readonly<Record<string, string>> {
  return ca === undefined ? {} : { 'ca.crt': ca };
}

/** Its login may still succeed, the end that awaits it comes with the first thing it does. */
async function writesOn(leak: WorldLeak): Promise<boolean> {
  const client = await leak.proceed();
  return client !== undefined && (await client.write(newOrder()));
}

/** A Sql port whose process dies once the named statement has taken effect and before its answer came. */
function dyingAfter(sql: Sql, name: string): Sql {
  return {
    run: async (target, statements, signal) => {
      const results = await sql.run(target, statements, signal);
      if (!statements.some((statement) => statement.name === name)) return results;
      throw new PortError('Unreachable', 'the connection broke before the answer');
    },
  };
}

/** After the others, for no epoch is above its own. */
export function announcingCases(createDriver: CreateDriver, shared: () => Promise<DatabaseWorld>): void {
  it('announces a position that the standby then replays, and with it which announcement that was', async () => {
    const epoch = 1_000;
    const { apply, until } = createRig(await shared(), createDriver);
    const announced = await apply('east', 'Announce', epoch);
    assert(announced.kind === 'Accepted' && announced.detail !== undefined, JSON.stringify(announced));
    const west = await until('west', 'replayed', ({ position }) => compareLsn(position, announced.detail ?? '') >= 0);
    assert.equal(west.announced, 'checkout-1000/orders/Announce/1');
    assert.equal(west.highestEpoch, epoch);
    const older = await apply('east', 'Announce', epoch - 1);
    assert.equal(older.kind === 'Refused' && older.code, 'StaleEpoch');
  });
}
