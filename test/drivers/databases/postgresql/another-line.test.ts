import assert from 'node:assert/strict';
import type { PostgresqlServer } from '../../../../src/api/plan.ts';
import type { DatabaseAction, DatabaseRef, DatabaseState } from '../../../../src/drivers/databases/driver.ts';
import { compareLsn } from '../../../../src/drivers/databases/lsn.ts';
import { createPostgresqlActuator } from '../../../../src/drivers/databases/postgresql/act.ts';
import { createPostgresqlObserver } from '../../../../src/drivers/databases/postgresql/observe.ts';
import {
  ALL_RIGHTS,
  catalogueOf,
  createPostgresqlModel,
  postgresqlSql,
  withMember,
} from '../../../../src/sandbox/models/postgresql/index.ts';
import { accepted, inEast, inWest, now, seen } from '../../../decide/support/facts.ts';
import { anIntent, inWords, judge, outcome } from '../../../decide/support/runs.ts';
import { selfDrivingTime } from './model-world.ts';

const servers = ['east', 'west', 'third'] as const;
type Name = (typeof servers)[number];
const epoch = 7;
const token = 'the-token';

/** One cluster of three servers, of which a plan knows two: `third` is somebody else's standby of the same primary. */
function threeServers() {
  const { clock, ...time } = selfDrivingTime();
  const catalogue = withMember(
    catalogueOf({
      shop: { writes: true, password: 'shop' },
      maestro: { createrole: true, password: 'maestro', rights: ALL_RIGHTS },
    }),
    'shop',
    'maestro',
    true,
  );
  const specs = servers.map((name) => ({ name, host: `pg.${name}` }));
  const model = createPostgresqlModel({ time, name: 'orders', catalogue, servers: specs });
  const options = {
    sql: postgresqlSql([model], time, 1),
    clock,
    callMs: 20_000,
    secrets: async () => ({ username: 'maestro', password: 'maestro' }),
  };
  const server = (name: Name): PostgresqlServer => ({
    host: `pg.${name}`,
    port: 5432,
    secretRef: { name: 'maestro' },
    sslMode: 'disable',
  });
  const refOf = (region: Name): DatabaseRef => ({
    namespace: 'payments',
    identity: 'payments/checkout',
    generation: 3,
    region,
    database: {
      kind: 'postgresql',
      name: 'orders',
      database: 'shop',
      servers: { east: server('east'), west: server('west'), third: server('third') },
      applicationRoles: ['shop'],
      administrativeRoles: [],
      replicationRoles: [],
    },
  });
  const [observer, actuator] = [createPostgresqlObserver(options), createPostgresqlActuator(options)];
  const { signal } = new AbortController();
  const state = async (name: Name): Promise<DatabaseState> => {
    const fact = await observer.observe(refOf(name), signal);
    assert(fact.known, JSON.stringify(fact));
    return fact.value;
  };
  return {
    model,
    state,
    /** The position that was told, where one was. */
    apply: async (name: Name, action: DatabaseAction): Promise<string> => {
      const mark = { identity: 'payments/checkout', epoch, runUid: 'run-uid', token };
      const result = await actuator.apply(refOf(name), action, mark, signal);
      assert(result.kind === 'Accepted', JSON.stringify(result));
      return result.detail ?? '';
    },
    until: async (name: Name, what: string, holds: (found: DatabaseState) => boolean): Promise<DatabaseState> => {
      for (let looks = 0; looks < 1_000; looks += 1) {
        const found = await state(name);
        if (holds(found)) return found;
        await clock.sleep(10);
      }
      return assert.fail(`${name} in vain: ${what}`);
    },
  };
}

type Servers = ReturnType<typeof threeServers>;

/** Orders go on at a server until one that follows it has gone past a position. */
async function goPast({ model, until }: Servers, at: Name, follower: Name, position: string): Promise<DatabaseState> {
  const isPast = (found: DatabaseState): boolean => compareLsn(found.position, position) >= 0;
  return await until(follower, `past ${position}`, (found) => {
    if (isPast(found)) return true;
    assert.equal(model.write(at, 'shop', `order-${found.position}`).acknowledged, true);
    return false;
  });
}

const isPrimary = ({ role }: DatabaseState): boolean => role === 'Primary';

describe('two servers that were promoted beside each other, to timelines of one number', () => {
  it('are told apart by what was announced, where nothing else tells whom a standby follows', async () => {
    const all = threeServers();
    const { model, apply, until } = all;
    model.kill('east');
    for (const name of ['west', 'third'] as const) await apply(name, 'Promote');
    const west = await until('west', 'promoted', isPrimary);
    const third = await until('third', 'promoted', isPrimary);
    assert.deepEqual([west.timeline, west.systemIdentifier], [third.timeline, third.systemIdentifier]);
    await apply('west', 'Open');
    // A standby that the plan does not know holds the slot that it names.
    const slots = [{ name: 'to_east', active: true, walStatus: 'reserved' }];

    model.rebuildFrom('east', 'third');
    const announced = await apply('west', 'Announce');
    const stray = await goPast(all, 'third', 'east', announced);
    const { role, timeline, systemIdentifier, receiver } = stray;
    assert.deepEqual([role, timeline, systemIdentifier], ['Replica', west.timeline, west.systemIdentifier]);
    assert.equal(receiver?.streaming, true);
    const isProtected = (standby: DatabaseState): string =>
      inWords(
        judge('protect/orders', {
          observed: { databases: { [inEast('orders')]: seen(standby), [inWest('orders')]: seen({ ...west, slots }) } },
          steps: {
            'promote/orders': outcome('Succeeded', { timeline: west.timeline, systemIdentifier }),
            'protect/orders': { intent: anIntent({ token }) },
          },
          facts: { outcomes: { [token]: accepted(now, announced) } },
        }),
      );
    assert.equal(isProtected(stray), 'Act Unprotected: Announce orders@us-west-2');

    model.rebuildFrom('east', 'west');
    assert.equal(isProtected(await until('east', 'announced', (found) => found.announced === token)), 'Done Succeeded');
  });

  it('are told apart by the fence, before what follows one of them is promoted for the other', async () => {
    const all = threeServers();
    const { model, apply, until } = all;
    await apply('third', 'Promote');
    await until('third', 'promoted', isPrimary);
    model.rebuildFrom('west', 'third');
    const last = await apply('east', 'Fence');
    const stray = await goPast(all, 'third', 'west', last);
    const isThere = (target: DatabaseState): string =>
      inWords(
        judge('position/orders', {
          mode: 'Planned',
          observed: { databases: { [inWest('orders')]: seen(target) } },
          steps: { 'fence/orders': outcome('Succeeded', { lsn: last }) },
        }),
      );
    assert.equal(isThere(stray), 'Wait PositionNotReached');

    model.rebuildFrom('west', 'east');
    assert.equal(isThere(await all.state('west')), 'Done Succeeded');
  });
});
