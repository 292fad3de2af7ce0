import type { Intent, StepStatus } from '../../src/api/run.ts';
import { decideIntent as right, type IntentDecision } from '../../src/decide/intents.ts';
import type { RunFacts } from '../../src/decide/facts.ts';

/** What another operator has written down is taken for over. */
export function decideIntent(
  step: StepStatus,
  action: Intent['action'],
  pace: Parameters<typeof right>[2],
  facts: RunFacts,
): IntentDecision {
  const { intent } = step;
  if (intent === undefined || intent.holder === facts.holder) return right(step, action, pace, facts);
  return right({ ...step, intent: { ...intent, notAfter: 0 } }, action, pace, facts);
}
