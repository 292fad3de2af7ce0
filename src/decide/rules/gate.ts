import type { Hold, StepStatus } from '../../api/run.ts';
import type { Context } from '../context.ts';

/**
 * One reason not to go on. `before`: 'Effect' holds a step that wants to act; 'Done' holds it from counting as done.
 * A gate says what it does with unknown, and never looks at another gate.
 */
export interface Gate {
  readonly reason: string;
  readonly before: 'Effect' | 'Done';
  applies(step: StepStatus): boolean;
  check(step: StepStatus, ctx: Context): Hold | undefined;
}
