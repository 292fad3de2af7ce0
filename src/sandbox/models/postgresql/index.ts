export { ALL_RIGHTS, catalogueOf, roleOf, withMember, withoutRole, withRole } from './catalogue.ts';
export type { Catalogue, Right, Role } from './catalogue.ts';
export { createPostgresqlModel } from './model.ts';
export type { PostgresqlModel, PostgresqlModelOptions, ReplicationLink } from './model.ts';
export type { OperatorSession } from './operator-session.ts';
export type { TimelineSwitch } from './server.ts';
export type { Client, Connected, Leak, Stall } from './sessions.ts';
export { postgresqlSql } from './sql-front.ts';
export type { Witnessed } from './witness.ts';
