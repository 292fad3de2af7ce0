import { position as right } from '../../src/decide/kinds/databases.ts';
import { done, type StepRule } from '../../src/decide/judgement.ts';

/** Takes it for granted that the standby has everything. */
export const position: StepRule = {
  ...right,
  judge: (_step, ctx) => done('Succeeded', { what: 'it will have caught up', at: ctx.facts.now.wall }),
};
