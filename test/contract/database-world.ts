import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PostgresqlDatabase } from '../../src/api/plan.ts';
import type {
  DatabaseActuator,
  DatabaseObserver,
  DatabaseRef,
  DatabaseState,
} from '../../src/drivers/databases/driver.ts';
import type { DatabaseAction } from '../../src/drivers/databases/driver.ts';
import type { ApplyResult } from '../../src/drivers/outcome.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Sql } from '../../src/ports/sql.ts';

export type Region = 'east' | 'west' | 'stranger';

/**
 * A primary `east`, its standby `west`, and `stranger`, a primary of another cluster; with a database `shop`, a table
 * `orders` that the role `shop` owns, an operator `maestro` with just its rights, and ways to be hard on all of them.
 * Roles beside these: `postgres` (superuser) and `replicator`.
 */
export interface DatabaseWorld {
  readonly clock: Clock;
  /** Every statement that goes through it is recorded. */
  readonly sql: Sql;
  readonly exercised: ReadonlySet<string>;
  /** Where the operator finds a server. */
  address(region: Region): { readonly host: string; readonly port: number };
  password(role: 'maestro' | 'shop'): string;
  readonly ca: string | undefined;

  /** How the operator's way to a server fares. */
  reach(region: Region, reach: 'Open' | 'Refused' | 'Silent'): Promise<void>;
  /** Replication from east to west. */
  link(state: 'Open' | 'Held' | 'Cut'): Promise<void>;
  kill(region: Region): Promise<void>;
  /** Resolves when it takes sessions. */
  start(region: Region): Promise<void>;

  /** One session, one order, the acknowledgement. */
  write(region: Region, id: string, role?: string): Promise<boolean>;
  rows(region: Region): Promise<readonly string[]>;
  client(region: Region, role?: string): Promise<WorldClient>;
  /** A backend past authentication that no view lists with its role. */
  leak(region: Region): Promise<WorldLeak>;
  /** A login that waits for its client's password, which the result sends. */
  stall(region: Region): Promise<() => Promise<WorldClient | undefined>>;
  /** A reader on the standby behind which replay stands still, until its session ends. */
  holdReplay(): Promise<WorldClient>;
  /** Commits there wait for the standby of this name; '' is nobody. */
  synchronous(region: Region, name: string): Promise<void>;
  /** Whether an application's commit there returns. */
  commits(region: Region): Promise<boolean>;
  /** What a server does on its own: statistics and the like, in transactions that nobody misses. */
  upkeep(region: Region): Promise<void>;
  /** How many times the server's timeline was switched, by its own account. */
  timelineSwitches(region: Region): Promise<readonly { readonly timeline: number; readonly switchpoint: string }[]>;

  createRole(name: string, role: WorldRole): Promise<void>;
  alterRole(name: string, role: { readonly login?: boolean; readonly superuser?: boolean }): Promise<void>;
  dropRole(name: string): Promise<void>;
  /** The right to administer `role`, to `member`. */
  grant(role: string, member: string): Promise<void>;
  /**
   * A role in east that may log in and has just this: UPDATE of one column of the orders, INSERT into a view of them
   * through which PostgreSQL writes, or a view of its own that shows their number.
   */
  narrowRole(name: string, has: 'Column' | 'View' | 'Total'): Promise<WorldNarrowRole>;
  /** A session in east of a role with no right to write, which has a temporary table of its own; the result ends it. */
  scratch(role: string): Promise<() => Promise<void>>;
  /** Another database in east, with a table of the role of its name; locked, it lets in nobody else. The result drops both. */
  tenant(name: string, access?: 'Locked'): Promise<() => Promise<void>>;
  prepare(name: string): Promise<void>;
  rollbackPrepared(name: string): Promise<void>;
  /** East subscribes to what `stranger` publishes of its orders: they are written by no session of a role. */
  subscribe(name: string): Promise<WorldFeed>;
  /** pg_cron, which runs statements by itself, is installed in east; the result removes it. */
  schedule(): Promise<() => Promise<void>>;
  /** Takes every place that the operator could have had; the result gives them back. */
  crowd(region: Region): Promise<() => Promise<void>>;
  forgetWal(region: Region): Promise<void>;
  end(): Promise<void>;
}

export interface WorldRole {
  readonly password: string;
  /** Default true. */
  readonly login?: boolean;
  readonly memberOf?: string;
  /** By the operator. */
  readonly administered?: boolean;
  /** It has all that docs say the operator needs. */
  readonly operates?: boolean;
}

export interface WorldNarrowRole {
  /** In a session of its own, by what it has; whether that was taken. */
  write(): Promise<boolean>;
  end(): Promise<void>;
}

export interface WorldClient {
  /** Inserts and commits; false where the session is gone. */
  write(id: string): Promise<boolean>;
  /** Inserts and leaves the transaction open. */
  begin(id: string): Promise<void>;
  isOpen(): Promise<boolean>;
  close(): Promise<void>;
}

export interface WorldFeed {
  enable(enabled: boolean): Promise<void>;
  /** Resolves when the order is in east. */
  send(id: string): Promise<void>;
  end(): Promise<void>;
}

export interface WorldLeak {
  /** Its process no longer runs: asked to end, it stays. */
  stop(): Promise<void>;
  proceed(): Promise<WorldClient | undefined>;
}

/** One driver on one world, with everything a call needs filled in. */
export interface Rig {
  readonly observer: DatabaseObserver;
  readonly actuator: DatabaseActuator;
  readonly signal: AbortSignal;
  readonly ref: (region: Region, change?: Partial<PostgresqlDatabase>) => DatabaseRef;
  /** @throws AssertionError where it is unknown. */
  readonly state: (region: Region, change?: Partial<PostgresqlDatabase>) => Promise<DatabaseState>;
  readonly apply: (
    region: Region,
    action: DatabaseAction,
    epoch: number,
    change?: Partial<PostgresqlDatabase>,
  ) => Promise<ApplyResult>;
  /** Looks until it holds. */
  readonly until: (region: Region, what: string, holds: (state: DatabaseState) => boolean) => Promise<DatabaseState>;
}

export type CreateDriver = (options: {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly secrets: (namespace: string, name: string) => Promise<Readonly<Record<string, string>>>;
  readonly callMs: number;
}) => { readonly observer: DatabaseObserver; readonly actuator: DatabaseActuator };

export interface RigOptions {
  readonly callMs?: number;
  readonly sql?: Sql;
  /** Secret -> values, over those of `maestro` and `shop`. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a rig needs of its world. */
export type RigWorld = Pick<DatabaseWorld, 'clock' | 'sql' | 'ca' | 'address' | 'password'>;

export const IDENTITY = 'payments/checkout';

export function createRig(world: RigWorld, createDriver: CreateDriver, options: RigOptions = {}): Rig {
  const ca: Readonly<Record<string, string>> = world.ca === undefined ? {} : { 'ca.crt': world.ca };
  const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    maestro: { username: 'maestro', password: world.password('maestro'), ...ca },
    shop: { username: 'shop', password: world.password('shop') },
    ...options.secrets,
  };
  const driver = createDriver({
    sql: options.sql ?? world.sql,
    clock: world.clock,
    callMs: options.callMs ?? 20_000,
    secrets: async (namespace, name) => {
      const values = secrets[name];
      if (namespace !== 'payments' || values === undefined) throw new Error(`no Secret ${namespace}/${name}`);
      return values;
    },
  });
  const server = (region: Region) => ({
    ...world.address(region),
    secretRef: { name: 'maestro' },
    sslMode: world.ca === undefined ? ('disable' as const) : ('verify-full' as const),
  });
  const database: PostgresqlDatabase = {
    kind: 'postgresql',
    name: 'orders',
    database: 'shop',
    servers: { east: server('east'), west: server('west'), stranger: server('stranger') },
    applicationRoles: ['shop'],
    administrativeRoles: ['postgres'],
    replicationRoles: ['replicator'],
    applicationProbe: { secretRef: { name: 'shop' }, table: 'orders' },
  };
  const { signal } = new AbortController();
  const ref: Rig['ref'] = (region, change) => ({
    namespace: 'payments',
    identity: IDENTITY,
    generation: 7,
    database: { ...database, ...change },
    region,
  });
  const state: Rig['state'] = async (region, change) => {
    const fact = await driver.observer.observe(ref(region, change), signal);
    assert(fact.known, fact.known ? '' : `${region} is unknown: ${fact.detail}`);
    return fact.value;
  };
  return {
    ...driver,
    signal,
    ref,
    state,
    apply: async (region, action, epoch, change) =>
      await driver.actuator.apply(
        ref(region, change),
        action,
        { identity: IDENTITY, epoch, runUid: 'run-uid', token: `checkout-${String(epoch)}/orders/${action}/1` },
        signal,
      ),
    until: async (region, what, holds) => {
      const late = world.clock.monotonic() + UNTIL_MS;
      for (;;) {
        const fact = await driver.observer.observe(ref(region), signal);
        if (fact.known && holds(fact.value)) return fact.value;
        if (world.clock.monotonic() > late) assert.fail(`${region} in vain: ${what}; ${JSON.stringify(fact)}`);
        await world.clock.sleep(25);
      }
    },
  };
}

const UNTIL_MS = 60_000;

export const newOrder = (): string => randomUUID();

/** The Sql port, noting what goes through it. */
export function recordingSql(sql: Sql): { readonly sql: Sql; readonly exercised: ReadonlySet<string> } {
  const exercised = new Set<string>();
  return {
    exercised,
    sql: {
      run: async (target, statements, signal) => {
        const results = await sql.run(target, statements, signal);
        for (const { name } of statements) exercised.add(name);
        return results;
      },
    },
  };
}
