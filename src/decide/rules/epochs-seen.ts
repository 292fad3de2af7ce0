import type { Fact } from '../../api/fact.ts';
import type { Hold, StepStatus } from '../../api/run.ts';
import { answersOf, asItIs, databaseAt, hold, recordOf, unknownEvidence, type Context } from '../context.ts';
import type { Need } from '../facts.ts';
import type { Gate } from './gate.ts';

/**
 * Scaling looks at a workload, which does not tell whose turn it is. A Run that came back with an old snapshot of the
 * management cluster would stand down the region that is active by now: before it scales anything, databases, or name
 * servers where there is no database, were looked at by this life, and what they say is weighed by the gate StaleEpoch.
 * A look that brought nothing counts: a forced run does not wait for a region that is dead.
 */
export const epochsSeen: Gate = {
  reason: 'Observing',
  before: 'Effect',
  applies: scales,
  check: (step, ctx) => (scales(step) ? (unseenDatabase(ctx) ?? unseenRecord(ctx)) : undefined),
};

export function epochNeeds(step: StepStatus, { spec }: Context): readonly Need[] {
  if (!scales(step)) return [];
  if (spec.databases.length === 0) return spec.traffic.map(({ name }): Need => ({ kind: 'Answers', name, once: true }));
  return spec.databases.flatMap(({ name }) =>
    spec.regions.map((region): Need => ({ kind: 'Database', name, region, once: true })),
  );
}

function scales({ kind }: StepStatus): boolean {
  return kind === 'PreScale' || kind === 'Quiesce' || kind === 'Workload' || kind === 'StandDown';
}

function unseenDatabase(ctx: Context): Hold | undefined {
  for (const { name } of ctx.spec.databases) {
    const region = ctx.spec.regions.find((one) => isUnseen(databaseAt(ctx, name, one).fact));
    if (region !== undefined) return looking(`${name} in ${region}`, asItIs(ctx, name, region));
  }
  return undefined;
}

function unseenRecord(ctx: Context): Hold | undefined {
  if (ctx.spec.databases.length > 0) return undefined;
  for (const { name, recordName } of ctx.spec.traffic) {
    const served = answersOf(ctx, name).fact;
    if (served.known || !isUnseen(served) || !isUnseen(recordOf(ctx, name).fact)) continue;
    return looking(recordName, unknownEvidence(`name servers of ${recordName}`, served));
  }
  return undefined;
}

function isUnseen<T>(fact: Fact<T>): boolean {
  return !fact.known && fact.why === 'NotAsked';
}

function looking(what: string, evidence: Hold['evidence'][number]): Hold {
  return hold('Observing', `Looking at ${what}, whether a later Run has moved this plan meanwhile.`, [evidence]);
}
