/**
 * Roles and what is kept beside them, as one value that is never changed in place: a transaction makes a new one, and
 * the WAL carries it to the standbys.
 */
export interface Catalogue {
  readonly roles: Readonly<Record<string, Role>>;
  /** Transactions that outlive their sessions. */
  readonly prepared: readonly string[];
  readonly subscriptions: readonly string[];
  readonly extensions: readonly string[];
  /** Other databases of the server, in each of which the role of its name writes. */
  readonly tenants: readonly string[];
  /** Those of them that let nobody in but that role, and superusers. */
  readonly locked: readonly string[];
}

export interface Role {
  readonly password?: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createrole: boolean;
  readonly replication: boolean;
  /** May insert, update, delete or truncate in the plan's database: a table, columns of one, or through a view. */
  readonly writes: boolean;
  /** Role -> with the admin option? */
  readonly memberOf: Readonly<Record<string, boolean>>;
  /** What the operator needs beside them, by the names of the statement `rights`. */
  readonly rights: readonly Right[];
  readonly comment?: string;
}

export const ALL_RIGHTS = ['signal_backend', 'monitor', 'checkpoint', 'promote', 'walinspect'] as const;
export type Right = (typeof ALL_RIGHTS)[number];

const PLAIN: Role = {
  login: true,
  superuser: false,
  createrole: false,
  replication: false,
  writes: false,
  memberOf: {},
  rights: [],
};

/** A role that may log in and nothing more, but for what is said. */
export function roleOf(properties: Partial<Role>): Role {
  return { ...PLAIN, ...properties };
}

export function catalogueOf(roles: Readonly<Record<string, Partial<Role>>>): Catalogue {
  const made = Object.entries(roles).map(([name, properties]) => [name, roleOf(properties)] as const);
  return {
    roles: Object.fromEntries(made),
    prepared: [],
    subscriptions: [],
    extensions: ['pg_walinspect'],
    tenants: [],
    locked: [],
  };
}

export function withRole(catalogue: Catalogue, name: string, properties: Partial<Role>): Catalogue {
  const role = { ...(catalogue.roles[name] ?? PLAIN), ...properties };
  return { ...catalogue, roles: { ...catalogue.roles, [name]: role } };
}

/** DROP ROLE: every membership goes with it. */
export function withoutRole(catalogue: Catalogue, name: string): Catalogue {
  const left = Object.entries(catalogue.roles).filter(([role]) => role !== name);
  const roles = left.map(([role, properties]) => {
    if (!(name in properties.memberOf)) return [role, properties] as const;
    const memberOf = Object.fromEntries(Object.entries(properties.memberOf).filter(([of]) => of !== name));
    return [role, { ...properties, memberOf }] as const;
  });
  return { ...catalogue, roles: Object.fromEntries(roles) };
}

export function withMember(catalogue: Catalogue, role: string, member: string, admin: boolean): Catalogue {
  const memberOf = { ...catalogue.roles[member]?.memberOf, [role]: admin };
  return withRole(catalogue, member, { memberOf });
}

export function roleNames(catalogue: Catalogue): readonly string[] {
  return Object.keys(catalogue.roles).sort();
}

/** Whoever was given `role` without the admin option, which its creator has. */
export function membersOf(catalogue: Catalogue, role: string, operator: string): readonly string[] {
  return roleNames(catalogue).filter((name) => name !== operator && catalogue.roles[name]?.memberOf[role] === false);
}

/** The epoch that ends a marker's name; undefined where the name is no marker with this prefix. */
export function epochIn(name: string, prefix: string): number | undefined {
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^[0-9]+$/.test(digits) ? Number(digits) : undefined;
}

/** A superuser, a writer, or a member of one. */
export function mayWrite(catalogue: Catalogue, name: string): boolean {
  const role = catalogue.roles[name];
  if (role === undefined) return false;
  return role.superuser || role.writes || Object.keys(role.memberOf).some((of) => mayWrite(catalogue, of));
}

export function mayEnter({ roles, locked }: Catalogue, role: string, database: string): boolean {
  return !locked.includes(database) || role === database || roles[role]?.superuser === true;
}
