import type { Fact } from '../api/fact.ts';
import type { TrafficRecord } from '../api/plan.ts';
import type { Evidence, StepStatus } from '../api/run.ts';
import { answersOf, recordOf, seenAt, unknownEvidence, type Context } from './context.ts';

/** Records whose epoch is not known to this pass: neither their preflight read it, nor what is seen of them now. */
export function unreadNow(ctx: Context): readonly TrafficRecord[] {
  return ctx.spec.traffic.filter(({ name }) => !readByPreflight(preflightOf(ctx, name)) && !isSeen(ctx, name));
}

/**
 * Records that their preflight gave up on. What a person's word is given for, and not what is unread at the moment:
 * looks come and go, and one question would be asked again for each of their changes.
 */
export function unreadByPreflight(ctx: Context): readonly TrafficRecord[] {
  return ctx.spec.traffic.filter(({ name }) => {
    const preflight = preflightOf(ctx, name);
    return preflight?.outcome !== undefined && !readByPreflight(preflight);
  });
}

function preflightOf({ status }: Context, record: string): StepStatus | undefined {
  return status.steps.find(({ kind, subject }) => kind === 'PreflightTraffic' && subject === record);
}

function readByPreflight(preflight: StepStatus | undefined): boolean {
  if (preflight?.outcome === undefined) return false;
  const { state, evidence } = preflight.outcome;
  return state === 'Succeeded' || evidence.some(({ value }) => value?.servedEpoch !== undefined);
}

function isSeen({ facts: { observed } }: Context, record: string): boolean {
  if (observed.records[record]?.fact.known === true) return true;
  const answers = observed.answers[record]?.fact;
  return answers?.known === true && answers.value.servers.some((s) => s.ownership !== undefined);
}

/** What each of the two that could tell a record's epoch said to the last look; before there was one, what its preflight found. */
export function epochLooks(ctx: Context, { name, recordName }: TrafficRecord): readonly Evidence[] {
  const listing = recordOf(ctx, name).fact;
  const served = answersOf(ctx, name).fact;
  if (isUnasked(listing) && isUnasked(served)) return preflightOf(ctx, name)?.outcome?.evidence ?? [];
  const silent = `no name server of ${recordName} tells whose it is`;
  return [
    ...(listing.known || isUnasked(listing) ? [] : [unknownEvidence(`control plane of ${recordName}`, listing)]),
    ...(isUnasked(served)
      ? []
      : [served.known ? seenAt(served, silent) : unknownEvidence(`name servers of ${recordName}`, served)]),
  ];
}

function isUnasked<T>(fact: Fact<T>): boolean {
  return !fact.known && fact.why === 'NotAsked';
}
