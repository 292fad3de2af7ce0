import assert from 'node:assert/strict';
import type { Clock } from '../../../../src/ports/clock.ts';
import {
  ALL_RIGHTS,
  catalogueOf,
  createPostgresqlModel,
  postgresqlSql,
  withMember,
  withoutRole,
  withRole,
} from '../../../../src/sandbox/models/postgresql/index.ts';
import type { Client, PostgresqlModel } from '../../../../src/sandbox/models/postgresql/index.ts';
import type { ModelTime } from '../../../../src/sandbox/models/time.ts';
import type { DatabaseWorld, Region, WorldClient } from '../../../contract/database-world.ts';
import { newOrder, recordingSql } from '../../../contract/database-world.ts';

/** Virtual time that goes on by itself: whenever nothing can run any more, the next event comes. */
export function selfDrivingTime(start = Date.UTC(2030, 0, 1)): ModelTime & { readonly clock: Clock } {
  let now = start;
  let order = 0;
  let pumping = false;
  const tasks = new Set<{ readonly at: number; readonly order: number; readonly run: () => void }>();
  const pump = (): void => {
    const next = [...tasks].sort((a, b) => a.at - b.at || a.order - b.order)[0];
    pumping = next !== undefined;
    if (next === undefined) return;
    tasks.delete(next);
    now = next.at;
    next.run();
    setImmediate(pump);
  };
  const after = (ms: number, run: () => void): (() => void) => {
    const task = { at: now + ms, order: order++, run };
    tasks.add(task);
    if (!pumping) {
      pumping = true;
      setImmediate(pump);
    }
    return () => tasks.delete(task);
  };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      if (signal?.aborted === true) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  return {
    now: () => now,
    after,
    clock: { incarnation: 'model', wall: () => now, monotonic: () => now - start, sleep },
  };
}

const PASSWORDS = { maestro: 'maestro-password', shop: 'shop-password' } as const;

const CATALOGUE = withMember(
  catalogueOf({
    postgres: { superuser: true, password: 'postgres-password' },
    replicator: { replication: true, password: 'replicator-password' },
    shop: { writes: true, password: PASSWORDS.shop },
    maestro: { createrole: true, password: PASSWORDS.maestro, rights: ALL_RIGHTS },
  }),
  'shop',
  'maestro',
  true,
);

export async function createModelWorld(): Promise<DatabaseWorld> {
  const { clock, ...time } = selfDrivingTime();
  const pair = createPostgresqlModel({
    time,
    name: 'orders',
    catalogue: CATALOGUE,
    servers: [
      { name: 'east', host: 'pg.east' },
      { name: 'west', host: 'pg.west' },
    ],
  });
  const stranger = createPostgresqlModel({
    time,
    name: 'stranger',
    catalogue: CATALOGUE,
    servers: [{ name: 'stranger', host: 'pg.stranger' }],
  });
  const of = (region: Region): PostgresqlModel => (region === 'stranger' ? stranger : pair);
  const alter = (change: Parameters<PostgresqlModel['alterCatalogue']>[1]): void => {
    pair.alterCatalogue('east', change);
  };
  const link = pair.link('west');
  const connect = (region: Region, role: string): Client => {
    const connected = of(region).client(region, role);
    if (connected.kind === 'Refused') throw new Error(connected.refusal);
    return connected.client;
  };
  return {
    clock,
    ...recordingSql(postgresqlSql([pair, stranger], time, 1)),
    address: (region) => ({ host: `pg.${region}`, port: 5432 }),
    password: (role) => PASSWORDS[role],
    ca: undefined,
    reach: async (region, reach) => {
      of(region).reach(region, reach);
    },
    link: async (state) => {
      if (state === 'Held') link.hold();
      else if (state === 'Cut') link.cut();
      else link.restore();
    },
    kill: async (region) => {
      of(region).kill(region);
    },
    start: async (region) => {
      of(region).start(region);
      while (of(region).role(region) === 'Down') await clock.sleep(10);
    },
    write: async (region, id, role = 'shop') => {
      const { acknowledged } = of(region).write(region, role, id);
      await clock.sleep(1);
      return acknowledged;
    },
    rows: async (region) => of(region).rows(region),
    client: async (region, role = 'shop') => worldClient(connect(region, role)),
    leak: async (region) => {
      const leak = of(region).leak(region, 'shop');
      return {
        stop: async () => {
          leak.stop();
        },
        proceed: async () => {
          const client = leak.proceed();
          return client === undefined ? undefined : worldClient(client);
        },
      };
    },
    stall: async (region) => {
      const stall = of(region).stall(region, 'shop');
      return async () => {
        const client = stall.proceed();
        return client === undefined ? undefined : worldClient(client);
      };
    },
    holdReplay: async () => {
      const reader = connect('west', 'shop');
      reader.holdSnapshot(true);
      pair.write('east', 'shop', '00000000-0000-4000-8000-000000000000');
      await clock.sleep(10);
      return worldClient(reader);
    },
    synchronous: async (region, name) => {
      of(region).synchronous(region, name);
    },
    commits: async (region) => of(region).write(region, 'shop', newOrder()).acknowledged,
    upkeep: async () => {
      // The model's servers do nothing on their own.
    },
    timelineSwitches: async (region) =>
      of(region)
        .timelineHistory(region)
        .map(({ timeline, switchpoint }) => ({ timeline, switchpoint: formatPosition(switchpoint) })),
    createRole: async (name, { password, login = true, memberOf, administered = false, operates = false }) => {
      alter((before) => {
        const rights = operates ? { createrole: true, rights: ALL_RIGHTS } : {};
        const role = withRole(before, name, { password, login, ...rights });
        const made = operates ? withMember(role, 'shop', name, true) : role;
        const member = memberOf === undefined ? made : withMember(made, memberOf, name, false);
        return administered ? withMember(member, name, 'maestro', true) : member;
      });
    },
    alterRole: async (name, properties) => {
      pair.alterRole('east', name, properties);
    },
    grant: async (role, member) => {
      alter((before) => withMember(before, role, member, true));
    },
    dropRole: async (name) => {
      alter((before) => withoutRole(before, name));
    },
    narrowRole: async (name, has) => {
      alter((before) => withRole(before, name, { password: name, writes: has !== 'Total' }));
      return {
        write: async () => pair.write('east', name, newOrder()).acknowledged,
        end: async () => {
          alter((before) => withoutRole(before, name));
        },
      };
    },
    scratch: async (role) => {
      const client = connect('east', role);
      return async () => {
        client.close();
      };
    },
    tenant: async (name, access) => {
      const locked = access === 'Locked' ? [name] : [];
      alter((before) => ({ ...withRole(before, name, {}), tenants: [name], locked }));
      return async () => {
        alter((before) => ({ ...withoutRole(before, name), tenants: [], locked: [] }));
      };
    },
    prepare: async (name) => {
      alter((before) => ({ ...before, prepared: [...before.prepared, name] }));
    },
    rollbackPrepared: async (name) => {
      alter((before) => ({ ...before, prepared: before.prepared.filter((one) => one !== name) }));
    },
    subscribe: async (name) => {
      const enable = async (enabled: boolean): Promise<void> => {
        alter((before) => {
          const others = before.subscriptions.filter((one) => one !== name);
          return { ...before, subscriptions: enabled ? [...others, name] : others };
        });
      };
      await enable(true);
      return {
        enable,
        // Its worker writes as the subscription's owner, in no session of a role that a fence ends.
        send: async (id) => {
          assert.equal(pair.write('east', 'postgres', id).acknowledged, true);
        },
        end: async () => enable(false),
      };
    },
    schedule: async () => {
      const without = (extensions: readonly string[]) => extensions.filter((one) => one !== 'pg_cron');
      alter((before) => ({ ...before, extensions: [...before.extensions, 'pg_cron'] }));
      return async () => {
        alter((before) => ({ ...before, extensions: without(before.extensions) }));
      };
    },
    crowd: async (region) => {
      const crowd: Client[] = [];
      for (let connected = of(region).client(region, 'shop'); connected.kind === 'Connected';) {
        crowd.push(connected.client);
        connected = of(region).client(region, 'shop');
      }
      return async () => {
        for (const client of crowd) client.close();
      };
    },
    forgetWal: async (region) => {
      of(region).forgetWal(region);
    },
    end: async () => {
      // It lives in memory alone.
    },
  };
}

function worldClient(client: Client): WorldClient {
  return {
    write: async (id) => client.write(id),
    begin: async () => {
      // A transaction that is never committed leaves nothing in the model.
    },
    isOpen: async () => client.isOpen(),
    close: async () => {
      client.close();
    },
  };
}

function formatPosition(position: number): string {
  return `0/${position.toString(16).toUpperCase()}`;
}
