import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { isOperator, time } from './reading.ts';

export const fixpoint: Invariant = {
  number: 12,
  name: 'at a fixpoint: zero mutations',
  premise: ({ told, runs }) => told.fixpointFrom !== undefined && runs.length > 0,
  violations(history) {
    const from = history.told.fixpointFrom;
    return from === undefined ? [] : mutationsFrom(history, from);
  },
};

/** The Lease, samples, own status and events aside. */
export function mutationsFrom(history: History, from: number): readonly string[] {
  const objects = history.audit
    .filter((entry) => entry.at >= from && isOperator(entry) && entry.changed)
    .filter(({ name = '' }) => !name.startsWith('maestro-dr-samples'))
    .filter(({ resource, subresource }) => resource !== 'leases' && resource !== 'events' && subresource !== 'status')
    .map(({ at, verb, resource, name, cluster }) => `${verb} ${resource} ${name ?? ''} in ${cluster} at ${time(at)}`);
  const sql = history.sql
    .filter((act) => act.at >= from && act.statement !== 'rebuild')
    .map(({ at, statement, server }) => `SQL ${statement} on ${server} at ${time(at)}`);
  const dns = history.dns
    .filter((entry) => entry.at >= from && entry.operation === 'ChangeResourceRecordSets')
    .map(({ at }) => `DNS change at ${time(at)}`);
  return [...objects, ...sql, ...dns];
}
