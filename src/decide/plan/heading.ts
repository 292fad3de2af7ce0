import { conditionOf } from '../../api/conditions.ts';
import type { Fact } from '../../api/fact.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { TrafficHeading } from '../../drivers/traffic/driver.ts';
import type { Need } from '../facts.ts';
import type { PlanFacts } from './facts.ts';

/** Reason of Ready: a look has not ended yet. Nothing that was seen has been said. */
export const awaited = 'Observing';

/** Where records lead, as far as it matters at rest: what is older than the last change of anything proves nothing. */
export function headingNeeds(facts: PlanFacts, kind: 'Heading' | 'Record'): readonly Need[] {
  const since = settledSince(facts);
  return facts.plan.spec.traffic.map(({ name }): Need => ({ kind, name, since }));
}

/**
 * Since when the plan is what it is, wall ms: a run that ended, a plan that became ready or was told of as not ready. A
 * look from before would take back what a newer one has said; the one that is waited for began in the pass that said so.
 */
function settledSince({ now, status }: PlanFacts): number {
  const since = Math.max(saidAt(status), status.lastRun?.finishedAt ?? 0);
  // A wall clock that was set back would leave every look too old.
  return since > now.wall ? 0 : since;
}

/** A pass, with what it waits for: the look that it is the first to speak of began so long ago at most, ms. */
const passMs = 5_000;

function saidAt({ conditions }: PlanStatus): number {
  const ready = conditionOf(conditions, 'Ready');
  if (ready === undefined) return 0;
  return ready.reason === awaited ? ready.lastTransitionAt - passMs : ready.lastTransitionAt;
}

/** It was looked at, and the look brought nothing. While a first look waits for its turn, that is not so. */
export function lookFailed({ observed }: PlanFacts, name: string): boolean {
  const fact = observed.records[name]?.fact ?? observed.headings[name]?.fact;
  return fact?.known === false && fact.why !== 'NotAsked';
}

/** The record as it was looked at for this pass, of this plan as it is written now; undefined where it was not. */
export function headingOf(facts: PlanFacts, name: string): TrafficHeading | undefined {
  const { observed, plan } = facts;
  const fact: Fact<TrafficHeading> | undefined = observed.records[name]?.fact ?? observed.headings[name]?.fact;
  // While a look hangs the one before it stands: that may be from before the platform was moved.
  if (fact?.known !== true || fact.generation < plan.generation) return undefined;
  return fact.at.wall < settledSince(facts) ? undefined : fact.value;
}
