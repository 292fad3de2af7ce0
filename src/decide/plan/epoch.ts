import type { PlanFacts } from './facts.ts';

export type NextEpoch =
  { readonly kind: 'Epoch'; readonly epoch: number } | { readonly kind: 'Wait'; readonly why: string };

type Found = { readonly seen: readonly number[] } | { readonly wait: string };

/**
 * 1 + the highest seen in status, Runs, DNS and databases. The target's database must have been read since the plan was
 * changed, for people who fail over by hand may have moved it right before, and then say so; the source's need not:
 * what it could not tell, the Run's own gates ask for (rules/approval.ts, EpochUnproven).
 */
export function nextEpoch(facts: PlanFacts, target: string): NextEpoch {
  const found = [...databaseEpochs(facts, target), ...recordEpochs(facts)];
  for (const one of found) {
    if ('wait' in one) return { kind: 'Wait', why: one.wait };
  }
  const seen = found.flatMap((one) => ('seen' in one ? one.seen : []));
  return {
    kind: 'Epoch',
    epoch: 1 + Math.max(facts.status.epoch, ...facts.runs.map((run) => run.spec.epoch), ...seen),
  };
}

function databaseEpochs(facts: PlanFacts, target: string): readonly Found[] {
  const { spec } = facts.plan;
  return spec.databases.flatMap(({ name }) =>
    spec.regions.map((region): Found => {
      const fact = facts.observed.databases[`${name}@${region}`]?.fact;
      if (fact === undefined) return { wait: `database ${name} in ${region} has not been asked yet` };
      if (fact.known && region === target && fact.generation < facts.plan.generation) {
        return { wait: `database ${name} in ${target} was last seen before the plan was changed` };
      }
      if (fact.known) return { seen: [fact.value.highestEpoch] };
      return region === target
        ? { wait: `database ${name} in ${target} has not been seen, and with it the highest epoch` }
        : { seen: [] };
    }),
  );
}

function recordEpochs(facts: PlanFacts): readonly Found[] {
  return facts.plan.spec.traffic.map(({ name }): Found => {
    const fact = facts.observed.records[name]?.fact;
    if (fact === undefined) return { wait: `record ${name} has not been asked yet` };
    const answers = facts.observed.answers[name]?.fact;
    const owners = [
      ...(fact.known ? [fact.value.ownership] : []),
      ...(answers?.known === true ? answers.value.servers.map((s) => s.ownership) : []),
    ];
    return { seen: owners.flatMap((owner) => (owner?.kind === 'Mine' ? [owner.epoch] : [])) };
  });
}
