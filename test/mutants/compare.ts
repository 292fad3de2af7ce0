import { compare as right } from '../../src/decide/kinds/way-back.ts';
import { done, type StepRule } from '../../src/decide/judgement.ts';

/** Does not look at what it throws away. */
export const compare: StepRule = {
  needs: (step, ctx) => right.needs(step, ctx).slice(0, 1),
  judge: (_step, ctx) => done('Vacuous', { what: 'nothing of value', at: ctx.facts.now.wall }),
};
