import type { PlanFacts } from './facts.ts';
import type { Trouble } from './conditions.ts';
import { adoptCommand } from '../commands.ts';
import { writerView } from './writer.ts';

export type OutOfBand =
  | { readonly kind: 'None' }
  /** The field names where the platform is seen to be, newly or still: that is the word for it. */
  | { readonly kind: 'Adopt'; readonly region: string }
  | { readonly kind: 'Say'; readonly trouble: Trouble };

/**
 * With no run in flight the databases write elsewhere than the status says: people failed over by hand, or the cluster
 * that holds the plan is older than the world. Nothing is done about it, and no wish is taken up, until a person adopts it.
 */
export function outOfBand(facts: PlanFacts): OutOfBand {
  const { status, plan } = facts;
  if (plan.spec.databases.length === 0) return { kind: 'None' };
  const view = writerView(facts);
  if (view.kind !== 'At' || view.region === status.activeRegion) return { kind: 'None' };
  const wanted = plan.spec.activeRegion;
  if (wanted === view.region) return { kind: 'Adopt', region: wanted };
  const message = `The status says ${status.activeRegion ?? 'nothing'}, but ${view.why}. Nothing is done about it; to adopt it: ${adoptCommand(plan, view.region)}`;
  return { kind: 'Say', trouble: { reason: 'OutOfBandChange', message } };
}
