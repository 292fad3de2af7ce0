import { hold } from '../../src/decide/context.ts';
import { wait, type StepRule } from '../../src/decide/judgement.ts';
import { soak as right } from '../../src/decide/kinds/ends.ts';

/** Is never content. */
export const soak: StepRule = { ...right, judge: () => wait(hold('Soaking', 'A little longer.')) };
