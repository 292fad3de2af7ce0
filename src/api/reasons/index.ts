import { aborts } from './aborts.ts';
import { awaitingPeople } from './awaiting-people.ts';
import { awaitingSteps } from './awaiting-steps.ts';
import { events } from './events.ts';
import { planConditions } from './plan-conditions.ts';
import { regionConditions } from './region-conditions.ts';
import { runPhases } from './run-phases.ts';
import { words } from './words.ts';
import type { ReasonText, ReasonTexts } from './reason-text.ts';

export type { ReasonText } from './reason-text.ts';

/**
 * Every reason that this operator gives, by its word. The sentence in a status names the database, region or record;
 * this is what stays the same, and what the documentation is made from. Append one line for each new reason, in its
 * group: test/api/reasons.test.ts finds those that are used and not here. The phases of a Run are reasons too.
 */
export const reasons = Object.freeze({
  ...runPhases,
  ...planConditions,
  ...regionConditions,
  ...awaitingPeople,
  ...awaitingSteps,
  ...aborts,
  ...words,
  ...events,
} as const satisfies ReasonTexts);

export type Reason = keyof typeof reasons;

/** undefined for a word that is no reason of this operator (an older one's, in a restored Run). */
export function reasonText(word: string): ReasonText | undefined {
  return isReason(word) ? reasons[word] : undefined;
}

export function isReason(word: string): word is Reason {
  return Object.hasOwn(reasons, word);
}
