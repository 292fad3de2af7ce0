import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { isOperator, time } from './reading.ts';

/** By what people wrote in the plan, not by what the Run made of it. */
const onlyObserved = (history: History): boolean =>
  history.runs.length > 0 &&
  history.plans.every(({ versions }) => versions.every(({ spec }) => spec.enforcement === 'Observe'));

export const observeChangesNothing: Invariant = {
  number: 17,
  name: "Observe makes no mutating call outside the operator's own objects",
  premise: onlyObserved,
  violations(history) {
    if (!onlyObserved(history)) return [];
    // Reports and samples lie in the management cluster; a runbook in a region's cluster is for plans that act.
    const own = ['leases', 'events', 'disasterrecoveryruns'];
    const isOwn = ({ resource, subresource, cluster }: History['audit'][number]): boolean =>
      own.includes(resource) || subresource === 'status' || (resource === 'configmaps' && cluster === 'management');
    const objects = history.audit
      .filter((entry) => entry.changed && isOperator(entry) && !isOwn(entry))
      .map(({ at, verb, resource, cluster }) => `${verb} ${resource} in ${cluster} at ${time(at)}`);
    const sql = history.sql.map(({ at, statement, server }) => `SQL ${statement} on ${server} at ${time(at)}`);
    const dns = history.dns
      .filter(({ operation }) => operation === 'ChangeResourceRecordSets')
      .map(({ at }) => `DNS change at ${time(at)}`);
    return [...objects, ...sql, ...dns];
  },
};
