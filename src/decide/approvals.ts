import { canonicalJson, sha256Hex } from '../api/canonical-json.ts';
import type { Approval } from '../api/run.ts';
import type { Context } from './context.ts';
import { approvalGates, hasLapsed } from './steering/words.ts';
import { unreadByPreflight } from './unread-epochs.ts';

/**
 * What an approval binds to: this run of this epoch, from where to where, in which mode, under the pinned plan, and what
 * its gate asks about. One given for anything else counts for nothing.
 */
export function evidenceHash(ctx: Context, gate: string): string {
  // An approval that nobody used in its time was for another hour: the gate asks anew, for the same and once more.
  for (let lapsed = 0; ; lapsed += 1) {
    const hash = hashOf(ctx, gate, lapsed);
    if (!hasLapsed(ctx.status, { gate, evidenceHash: hash }, ctx.facts.now.wall)) return hash;
  }
}

function hashOf(ctx: Context, gate: string, lapsed: number): string {
  const shown = {
    gate,
    ...(lapsed === 0 ? {} : { lapsed }),
    run: ctx.run.uid,
    epoch: ctx.run.spec.epoch,
    mode: ctx.status.mode ?? 'undecided',
    from: ctx.source,
    to: ctx.target,
    snapshot: ctx.status.snapshotHash ?? '',
    ...askedAbout(ctx, gate),
  };
  return sha256Hex(canonicalJson(shown)).slice(0, 16);
}

/** What a gate asks about beyond the run itself: another halt, or another record, is another question. */
function askedAbout(ctx: Context, gate: string): object {
  const { halt } = ctx.facts;
  if (gate === 'Halted' && halt !== undefined) return { halt: { uid: halt.uid, by: halt.by, reason: halt.reason } };
  if (gate === 'EpochUnproven') return { unread: unreadByPreflight(ctx).map(({ recordName }) => recordName) };
  return {};
}

export function approvalFor(ctx: Context, gate: string): Approval | undefined {
  const hash = evidenceHash(ctx, gate);
  return ctx.run.spec.approvals.find((a) => a.gate === gate && a.evidenceHash === hash);
}

/** The approvals that count for this run now: of a gate that takes one, for its evidence, and not lapsed. */
export function countingApprovals(ctx: Context): readonly Approval[] {
  return ctx.run.spec.approvals.filter(
    ({ gate, evidenceHash: hash }) => approvalGates.includes(gate) && hash === evidenceHash(ctx, gate),
  );
}

/** Started by the field, and no word counts that a person has put on it: what cooldown, colocation and a halt hold. */
export function isAutomatic(ctx: Context): boolean {
  return ctx.run.spec.origin === 'PlanField' && countingApprovals(ctx).length === 0;
}
