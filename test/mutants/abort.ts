import type { StepStatus } from '../../src/api/run.ts';
import type { RunFacts } from '../../src/decide/facts.ts';
import type { StepPass } from '../../src/decide/step-pass.ts';

/** Says that it took a step back, and leaves it. */
export function undoStep(facts: RunFacts, step: StepStatus): StepPass {
  return { step: { ...step, state: 'Undone', since: facts.now.wall }, needs: [] };
}
