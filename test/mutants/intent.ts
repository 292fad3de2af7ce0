import type { RunDecision } from '../../src/decide/decision.ts';
import { decideRun as right } from '../../src/decide/decide-run.ts';
import type { RunFacts } from '../../src/decide/facts.ts';

/** Acts on a promotion that the status does not tell of. */
export function decideRun(facts: RunFacts): RunDecision {
  const decision = right(facts);
  const steps = decision.status.steps.map((step) => {
    if (step.kind !== 'Promote') return step;
    const { intent: _untold, ...rest } = step;
    return rest;
  });
  return { ...decision, status: { ...decision.status, steps } };
}
