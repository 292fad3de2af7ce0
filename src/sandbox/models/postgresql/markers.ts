import { SqlError } from '../../../ports/sql.ts';
import type { Catalogue } from './catalogue.ts';
import { epochIn, membersOf, roleNames, roleOf, withMember, withoutRole, withRole } from './catalogue.ts';

/** Who acts, on whose markers, in which epoch: what the statements `fence`, `open`, `seal` and `sign` are given. */
export interface Marking {
  readonly operator: string;
  readonly hash: string;
  readonly epoch: number;
}

const fencePrefix = (hash: string): string => `maestro_fence:${hash}:`;
const epochPrefix = (hash: string): string => `maestro_epoch:${hash}:`;

/** The transaction of the statement `fence`. @throws SqlError as the server does. */
export function fenced(before: Catalogue, marking: Marking, applicationRoles: readonly string[]): Catalogue {
  const { operator, hash, epoch } = marking;
  const marker = `${fencePrefix(hash)}${String(epoch)}`;
  let catalogue = withEpoch(before, marking, 'fence');
  if (catalogue.roles[marker] === undefined) catalogue = created(catalogue, marker, operator);
  for (const older of markersIn(before, fencePrefix(hash)).filter((name) => name !== marker)) {
    for (const member of membersOf(before, older, operator)) {
      catalogue = withMember(catalogue, marker, member, false);
    }
    catalogue = withoutRole(catalogue, older);
  }
  for (const name of applicationRoles) {
    if (name === operator || before.roles[name]?.login !== true) continue;
    assertAdministers(before, operator, name, 'fence');
    catalogue = withRole(withMember(catalogue, marker, name, false), name, { login: false });
    catalogue = uncommented(catalogue, marker);
  }
  return catalogue;
}

/** The transaction of the statement `open`. @throws SqlError as the server does. */
export function opened(before: Catalogue, marking: Marking): Catalogue {
  const { operator, hash } = marking;
  let catalogue = withEpoch(before, marking, 'open');
  for (const marker of markersIn(before, fencePrefix(hash))) {
    for (const member of membersOf(before, marker, operator)) {
      assertAdministers(before, operator, member, 'open');
      catalogue = withRole(catalogue, member, { login: true });
    }
    catalogue = withoutRole(catalogue, marker);
  }
  return catalogue;
}

/** The transaction of the statement `seal`. @throws SqlError where there is no fence of this epoch. */
export function sealed(before: Catalogue, { hash, epoch }: Marking, token: string): Catalogue {
  const marker = `${fencePrefix(hash)}${String(epoch)}`;
  if (before.roles[marker] === undefined) throw new SqlError('42704', `role "${marker}" does not exist`, 'seal');
  return withRole(before, marker, { comment: `sealed ${token}` });
}

/** The transaction of the statement `sign`. @throws SqlError as the server does. */
export function signed(before: Catalogue, marking: Marking, token: string): Catalogue {
  const mine = `${epochPrefix(marking.hash)}${String(marking.epoch)}`;
  return withRole(withEpoch(before, marking, 'sign'), mine, { comment: `announced ${token}` });
}

function withEpoch(before: Catalogue, { operator, hash, epoch }: Marking, statement: string): Catalogue {
  const prefixes = [fencePrefix(hash), epochPrefix(hash)];
  for (const name of roleNames(before)) {
    const other = Math.max(...prefixes.map((prefix) => epochIn(name, prefix) ?? 0));
    if (other > epoch) {
      throw new SqlError('MD001', `epoch ${String(other)} was here before epoch ${String(epoch)}`, statement);
    }
  }
  if (before.roles[operator]?.createrole !== true && before.roles[operator]?.superuser !== true) {
    throw new SqlError('42501', 'permission denied to create role', statement);
  }
  const mine = `${epochPrefix(hash)}${String(epoch)}`;
  const catalogue = before.roles[mine] === undefined ? created(before, mine, operator) : before;
  const older = markersIn(before, epochPrefix(hash)).filter((name) => name !== mine);
  for (const name of older) assertAdministers(before, operator, name, statement);
  return older.reduce(withoutRole, catalogue);
}

function markersIn(catalogue: Catalogue, prefix: string): readonly string[] {
  return roleNames(catalogue).filter((name) => epochIn(name, prefix) !== undefined);
}

/** From 16 on the creator of a role is its member, with the admin option, unless it is a superuser. */
function created(catalogue: Catalogue, name: string, creator: string): Catalogue {
  const made = { ...catalogue, roles: { ...catalogue.roles, [name]: roleOf({ login: false }) } };
  return catalogue.roles[creator]?.superuser === true ? made : withMember(made, name, creator, true);
}

function assertAdministers(catalogue: Catalogue, operator: string, name: string, statement: string): void {
  if (catalogue.roles[operator]?.superuser === true) return;
  const held = catalogue.roles[operator]?.memberOf[name] === true && catalogue.roles[name]?.superuser !== true;
  if (!held) throw new SqlError('42501', 'permission denied to alter role', statement);
}

function uncommented(catalogue: Catalogue, name: string): Catalogue {
  const role = catalogue.roles[name];
  if (role?.comment === undefined) return catalogue;
  const { comment: _, ...rest } = role;
  return { ...catalogue, roles: { ...catalogue.roles, [name]: rest } };
}
