import { quiesce as right } from '../../src/decide/kinds/workloads.ts';
import { hold } from '../../src/decide/context.ts';
import { wait, type StepRule } from '../../src/decide/judgement.ts';

/** Will not go on before the source region has answered. */
export const quiesce: StepRule = {
  ...right,
  judge(step, ctx) {
    const judged = right.judge(step, ctx);
    const answered = judged.kind === 'Done' && judged.state === 'Succeeded';
    return answered || judged.kind === 'Act' ? judged : wait(hold('Quiescing', 'The source has not answered.'));
  },
};
