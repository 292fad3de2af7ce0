import type { Evidence } from '../evidence.ts';
import { intentBeforeAct } from './intents.ts';
import {
  askedBeforePromoting,
  boundHolds,
  linkHeld,
  onePromotion,
  ordersWereLost,
  outageAsReported,
} from './outage.ts';
import { fixpointIsQuiet, initialTopology, oneWriter, plannedLosesNothing } from './planned.ts';
import { lostOrdersPreserved, rebuiltFromTheWest, standingFence } from './return.ts';
import { dnsByCompareAndSwap, trafficAfterOpen } from './traffic.ts';
import type { Rule, Verdict } from './verdict.ts';

/** In the order of the story. A broken operator is told by these names. */
export const RULES = Object.freeze({
  'link-held': linkHeld,
  'orders-were-lost': ordersWereLost,
  'asked-before-promoting': askedBeforePromoting,
  'intent-before-act': intentBeforeAct,
  'one-promotion': onePromotion,
  'bound-holds': boundHolds,
  'traffic-after-open': trafficAfterOpen,
  'outage-as-reported': outageAsReported,
  'standing-fence': standingFence,
  'lost-orders-preserved': lostOrdersPreserved,
  'rebuilt-from-the-west': rebuiltFromTheWest,
  'planned-loses-nothing': plannedLosesNothing,
  'one-writer': oneWriter,
  'dns-by-compare-and-swap': dnsByCompareAndSwap,
  'initial-topology': initialTopology,
  'fixpoint-is-quiet': fixpointIsQuiet,
} as const satisfies Record<string, Rule>);

/** What the story reached; a rule that saw nothing says nothing. */
export function judge(evidence: Evidence): readonly Verdict[] {
  return Object.entries(RULES).flatMap(([invariant, rule]) => {
    const judged = rule(evidence);
    return judged === undefined ? [] : [{ invariant, ...judged }];
  });
}
