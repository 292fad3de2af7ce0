import type { RunDecision } from '../../src/decide/decision.ts';
import { decideRun as right } from '../../src/decide/decide-run.ts';
import type { RunFacts } from '../../src/decide/facts.ts';

/** Follows the plan as it is now. */
export function decideRun(facts: RunFacts): RunDecision {
  const { run, plan } = facts;
  if (run.status.snapshot === undefined || !plan.known || plan.value === undefined) return right(facts);
  const snapshot = plan.value.spec;
  return right({ ...facts, run: { ...run, status: { ...run.status, snapshot } } });
}
