export { route53Aws } from './aws-front.ts';
export type { AuditEntry } from './audit.ts';
export type { Delivery } from './delivery.ts';
export type { Fault, FaultKind, Faults, Outage } from './faults.ts';
export { createRoute53 } from './model.ts';
export type { Route53Model, Route53Options, ZoneView } from './model.ts';
export type { AliasTarget, Call, Caller, Change, RecordSet, RecordType, Refusal, Reply } from './shapes.ts';
export type { NameServerOptions, ZoneOptions } from './zones.ts';
