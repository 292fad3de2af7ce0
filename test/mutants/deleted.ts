import { abortCause as right, type AbortCause } from '../../src/decide/abort.ts';
import type { Context } from '../../src/decide/context.ts';

/** What was begun is finished, although the plan is gone and nothing was fenced. */
export function abortCause(ctx: Context): AbortCause | undefined {
  const cause = right(ctx);
  return cause?.reason === 'PlanDeleted' ? undefined : cause;
}
