import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { SqlTarget } from '../../src/ports/sql.ts';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import type { Certificate } from '../../src/sandbox/certificates.ts';
import { createLink } from '../../src/sandbox/link.ts';
import type { Address, Link } from '../../src/sandbox/link.ts';
import type { Credentials } from '../../src/sandbox/postgresql/configuration.ts';
import { createCredentials, createPrimary, createStandbyFrom } from '../../src/sandbox/postgresql/create.ts';
import { guardFolder } from '../../src/sandbox/postgresql/guard.ts';
import { findInstallation } from '../../src/sandbox/postgresql/installation.ts';
import type { Installation } from '../../src/sandbox/postgresql/installation.ts';
import { query } from '../../src/sandbox/postgresql/query.ts';
import type { Server } from '../../src/sandbox/postgresql/server.ts';

/** A folder in which PostgreSQL servers may run, and which is gone, with all of them, at `end` or with the process. */
export interface PostgresqlBed {
  readonly root: string;
  readonly ca: string;
  readonly certificate: Certificate;
  readonly credentials: Credentials;
  readonly installation: Installation;
  /** What `createPrimary` and `createStandbyFrom` want beside a name. */
  options(name: string): {
    readonly name: string;
    readonly folder: string;
    readonly ca: string;
    readonly certificate: Certificate;
    readonly credentials: Credentials;
    readonly installation: Installation;
  };
  end(): Promise<void>;
}

export async function createPostgresqlBed(): Promise<PostgresqlBed> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'maestro-pg-')));
  const guard = guardFolder(root, { remove: true });
  const authority = await createAuthority('Maestro DR test');
  const common = {
    ca: authority.ca,
    certificate: await authority.issue({ names: ['localhost', '127.0.0.1'] }),
    credentials: createCredentials(),
    installation: await findInstallation(root),
  };
  return {
    root,
    ...common,
    options: (name) => ({ ...common, name, folder: join(root, name) }),
    end: () => guard.end(),
  };
}

/** Primary `east`, and its standby `west` that streams through `link`. */
export interface PostgresqlPair extends PostgresqlBed {
  readonly east: Server;
  readonly west: Server;
  readonly link: Link;
}

export async function createPostgresqlPair(): Promise<PostgresqlPair> {
  const bed = await createPostgresqlBed();
  try {
    const east = await createPrimary(bed.options('east'));
    const link = await createLink({ target: east });
    const west = await createStandbyFrom(east, { ...bed.options('west'), via: link, slot: 'west' });
    return {
      ...bed,
      east,
      west,
      link,
      end: async () => {
        await link.close();
        await bed.end();
      },
    };
  } catch (error) {
    await bed.end();
    throw error;
  }
}

/** How the real Sql port reaches a server in one of its roles. */
export function sqlTarget(
  bed: Pick<PostgresqlBed, 'ca' | 'credentials'>,
  address: Address,
  user: keyof Credentials,
  database = 'postgres',
): SqlTarget {
  const { host, port } = address;
  return { host, port, database, user, password: bed.credentials[user], tls: { ca: bed.ca } };
}

/** As the administrator, in the shop's database. */
export async function asAdministrator<R extends pg.QueryResultRow>(
  bed: Pick<PostgresqlBed, 'ca' | 'credentials'>,
  address: Address,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  return await query<R>(address, login(bed, 'postgres'), text, values);
}

export async function asShop<R extends pg.QueryResultRow>(
  bed: Pick<PostgresqlBed, 'ca' | 'credentials'>,
  address: Address,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  return await query<R>(address, login(bed, 'shop'), text, values);
}

function login(bed: Pick<PostgresqlBed, 'ca' | 'credentials'>, user: keyof Credentials) {
  return { user, password: bed.credentials[user], database: 'shop', ca: bed.ca };
}

/** Asks until it holds. @throws Error that says what was awaited, after `ms`. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, ms = 60_000): Promise<void> {
  const late = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > late) throw new Error(`Waited ${String(ms)} ms in vain: ${what}`);
    await pause(25);
  }
}
