import type { Database, PlanSpec } from '../../api/plan.ts';
import { identityHash } from '../../api/identity.ts';
import {
  entrantsStatement,
  flushedStatement,
  markersStatement,
  obstaclesStatement,
  rightsStatement,
  rolesStatement,
  serverStatement,
  sessionsStatement,
  slotsStatement,
} from '../../drivers/databases/postgresql/statements.ts';
import { boundStatement } from '../../drivers/databases/postgresql/sql-text.ts';
import type { Reading } from './sql.ts';

/** What the driver's observer asks, under the names by which the steps refer to it. */

export const server: Reading = Object.freeze({ file: 'server', statement: serverStatement() });
export const flushed: Reading = Object.freeze({ file: 'flushed', statement: flushedStatement() });
export const slots: Reading = Object.freeze({ file: 'slots', statement: slotsStatement() });
export const rights: Reading = Object.freeze({ file: 'rights', statement: rightsStatement() });

export function markers({ identity }: Pick<PlanSpec, 'identity'>): Reading {
  return { file: 'markers', statement: markersStatement(identityHash(identity)) };
}

export function roles({ name, applicationRoles }: Database): Reading {
  return { file: `roles-${name}`, statement: rolesStatement(applicationRoles) };
}

export function sessions({ name, applicationRoles }: Database): Reading {
  return { file: `sessions-${name}`, statement: sessionsStatement(applicationRoles) };
}

function knownRoles({ applicationRoles, administrativeRoles, replicationRoles }: Database): readonly string[] {
  return [...applicationRoles, ...administrativeRoles, ...replicationRoles];
}

export function obstacles(database: Database): Reading {
  return { file: `obstacles-${database.name}`, statement: obstaclesStatement(knownRoles(database)) };
}

/** Its database is psql's variable `db`. */
export function entrants(database: Database): Reading {
  const statement = entrantsStatement('', knownRoles(database));
  return {
    file: `entrants-${database.name}`,
    statement: { ...statement, text: statement.text.replace('$1', `:'db'`) },
  };
}

/** Every session of a role that the plan does not list, in whichever database; only for a person to see what to end. */
export function strangers(database: Database): Reading {
  const statement = boundStatement(
    'strangers',
    `SELECT pid, datname, usename, application_name, client_addr, backend_type, state, backend_start
FROM pg_stat_activity WHERE usesysid IS NOT NULL AND pid <> pg_backend_pid()
  AND (usename IS NULL OR usename <> ALL($1::text[]) AND usename <> current_user) ORDER BY datname, pid`,
    [knownRoles(database)],
  );
  return { file: `strangers-${database.name}`, statement };
}

export function readingsOf(spec: PlanSpec): readonly Reading[] {
  if (spec.databases.length === 0) return [];
  const own = spec.databases.flatMap((database) => [
    roles(database),
    sessions(database),
    obstacles(database),
    entrants(database),
    strangers(database),
  ]);
  return [server, flushed, slots, rights, markers(spec), ...own];
}
