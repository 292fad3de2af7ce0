import { finishFence as right } from '../../src/decide/kinds/fence.ts';
import { done, type StepRule } from '../../src/decide/judgement.ts';

/** A source that comes back is left open. */
export const finishFence: StepRule = {
  ...right,
  judge: (_step, ctx) => done('Vacuous', { what: 'nobody writes there any more', at: ctx.facts.now.wall }),
};
