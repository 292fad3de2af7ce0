import type { PlanFacts } from './facts.ts';

export type NextEpoch =
  { readonly kind: 'Epoch'; readonly epoch: number } | { readonly kind: 'Wait'; readonly why: string };

/**
 * 1 + the highest seen in status, Runs, DNS and databases. The target's database must have been read, the source's
 * need not: what it could not tell, the Run's own gates ask for (rules/approval.ts, EpochUnproven).
 */
export function nextEpoch(facts: PlanFacts, target: string): NextEpoch {
  const { spec } = facts.plan;
  const seen: number[] = [facts.status.epoch, ...facts.runs.map((run) => run.spec.epoch)];
  for (const database of spec.databases) {
    for (const region of spec.regions) {
      const fact = facts.observed.databases[`${database.name}@${region}`]?.fact;
      if (fact?.known === true) seen.push(fact.value.highestEpoch);
      else if (region === target)
        return {
          kind: 'Wait',
          why: `database ${database.name} in ${target} has not been seen, and with it the highest epoch`,
        };
      else if (fact === undefined)
        return { kind: 'Wait', why: `database ${database.name} in ${region} has not been asked yet` };
    }
  }
  for (const record of spec.traffic) {
    const fact = facts.observed.records[record.name]?.fact;
    if (fact === undefined) return { kind: 'Wait', why: `record ${record.name} has not been asked yet` };
    if (fact.known && fact.value.ownership.kind === 'Mine') seen.push(fact.value.ownership.epoch);
    const answers = facts.observed.answers[record.name]?.fact;
    if (answers?.known === true)
      seen.push(...answers.value.servers.flatMap((s) => (s.ownership?.kind === 'Mine' ? [s.ownership.epoch] : [])));
  }
  return { kind: 'Epoch', epoch: 1 + Math.max(...seen) };
}
