import type { Database, PlanSpec } from '../../api/plan.ts';
import { identityHash } from '../../api/identity.ts';
import {
  flushedStatement,
  markersStatement,
  obstaclesStatement,
  rightsStatement,
  rolesStatement,
  serverStatement,
  sessionsStatement,
  slotsStatement,
} from '../../drivers/databases/postgresql/statements.ts';
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

export function obstacles({ name, applicationRoles, administrativeRoles, replicationRoles }: Database): Reading {
  const known = [...applicationRoles, ...administrativeRoles, ...replicationRoles];
  return { file: `obstacles-${name}`, statement: obstaclesStatement(known) };
}

export function readingsOf(spec: PlanSpec): readonly Reading[] {
  if (spec.databases.length === 0) return [];
  const own = spec.databases.flatMap((database) => [roles(database), sessions(database), obstacles(database)]);
  return [server, flushed, slots, rights, markers(spec), ...own];
}
