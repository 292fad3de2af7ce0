import { standDown as right } from '../../src/decide/kinds/workloads.ts';
import { done, type StepRule } from '../../src/decide/judgement.ts';

/** Leaves both regions at full size. */
export const standDown: StepRule = {
  ...right,
  judge: (_step, ctx) => done('Vacuous', { what: 'more is better', at: ctx.facts.now.wall }),
};
