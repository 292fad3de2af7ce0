import { fence as right } from '../../src/decide/kinds/fence.ts';
import { done, type StepRule } from '../../src/decide/judgement.ts';

/** A forced run does not wait for proof, nor for anybody's word. */
export const fence: StepRule = {
  ...right,
  judge(step, ctx) {
    const judged = right.judge(step, ctx);
    if (judged.kind === 'Done' || ctx.status.mode !== 'Forced') return judged;
    return done('Overridden', { what: 'it will be down', at: ctx.facts.now.wall });
  },
};
