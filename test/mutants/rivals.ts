import type { Intent, StepStatus } from '../../src/api/run.ts';
import { decideIntent as right, type IntentDecision } from '../../src/decide/intents.ts';
import type { RunFacts } from '../../src/decide/facts.ts';

/** What another operator has written down is taken for over. */
export function decideIntent(
  step: StepStatus,
  action: Intent['action'],
  again: number,
  facts: RunFacts,
): IntentDecision {
  const { intent } = step;
  if (intent === undefined || intent.holder === facts.holder) return right(step, action, again, facts);
  return right({ ...step, intent: { ...intent, notAfter: 0 } }, action, again, facts);
}
