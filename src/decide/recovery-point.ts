import type { RecoveryPoint } from '../api/run.ts';
import { stepOf, type Context } from './context.ts';
import { asynchronousCommitMs, coveredAt, writingEnded } from './loss.ts';

/**
 * Where the data of a database cease in the target, by the operator's clock: at the first commit that is not there, else
 * at the end of the writing, and nowhere after the promotion. `reached`: what the standby had replayed. Unlike the loss it
 * has a lower end also while the source is open; undefined where no position of the source was recorded that covers it.
 * That it is worked out when the promotion was seen makes now an instant after it.
 */
export function recoveryPoint(ctx: Context, database: string, reached: string | undefined): RecoveryPoint | undefined {
  const ended = writingEnded(ctx, database);
  const latest = Math.min(ended?.at ?? Infinity, ctx.facts.now.wall);
  if (stepOf(ctx.status, `position/${database}`)?.outcome?.state === 'Succeeded') {
    // All of it is there. When the last application was shut out lies between the fence's intent and its proof.
    return { earliest: Math.min(ended?.began ?? latest, latest), latest };
  }
  const covered = coveredAt(ctx, database, reached);
  if (covered === undefined) return undefined;
  // A source that still answered may have been shut by then: what nobody could write does not count as recovered later.
  const earliest = Math.min(covered, ended?.began ?? Infinity, latest) - asynchronousCommitMs;
  return { earliest, latest };
}
