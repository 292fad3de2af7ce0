import { canonicalJson, sha256Hex } from '../api/canonical-json.ts';
import type { Approval } from '../api/run.ts';
import type { Context } from './context.ts';
import { expiredWords } from './steering/words.ts';

/**
 * What an approval binds to: this run of this epoch, from where to where, in which mode, under the pinned plan. One
 * given for anything else counts for nothing.
 */
export function evidenceHash(ctx: Context, gate: string): string {
  const expired = expiredWords(ctx.status, gate, ctx.facts.now.wall);
  const shown = {
    gate,
    // An approval that nobody used in its time was for another hour: the gate asks anew.
    ...(expired === 0 ? {} : { expired }),
    run: ctx.run.uid,
    epoch: ctx.run.spec.epoch,
    mode: ctx.status.mode ?? 'undecided',
    from: ctx.source,
    to: ctx.target,
    snapshot: ctx.status.snapshotHash ?? '',
  };
  return sha256Hex(canonicalJson(shown)).slice(0, 16);
}

export function approvalFor(ctx: Context, gate: string): Approval | undefined {
  const hash = evidenceHash(ctx, gate);
  return ctx.run.spec.approvals.find((a) => a.gate === gate && a.evidenceHash === hash);
}

/** Started by the field, and nobody has put a word on it: what cooldown, colocation and a halt hold. */
export function isAutomatic(ctx: Context): boolean {
  return ctx.run.spec.origin === 'PlanField' && ctx.run.spec.approvals.length === 0;
}
