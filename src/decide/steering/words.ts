import type { Approval, HeardWord, RunSpec, RunStatus } from '../../api/run.ts';

/** An approval is for what its giver saw: unused for this long, it counts no more, and the gate asks again. */
export const wordLastsMs = 30 * 60_000;

/** Writes down when each approval was first heard. Its own time would be its giver's clock. */
export function hear(status: RunStatus, spec: RunSpec, now: number): RunStatus {
  const fresh = spec.approvals.filter((approval) => !isHeard(status, approval));
  if (fresh.length === 0) return status;
  const added = fresh.map(({ gate, evidenceHash }): HeardWord => ({
    gate,
    evidenceHash: evidenceHash ?? '',
    seenAt: now,
  }));
  return { ...status, words: [...status.words, ...added] };
}

export function isHeard(status: RunStatus, { gate, evidenceHash }: Approval): boolean {
  return status.words.some((word) => word.gate === gate && word.evidenceHash === (evidenceHash ?? ''));
}

/** How many words for a gate were never used in their time. It is part of what an approval binds to. */
export function expiredWords(status: RunStatus, gate: string, now: number): number {
  return status.words.filter((word) => word.gate === gate && isExpired(word, now)).length;
}

function isExpired(word: HeardWord, now: number): boolean {
  return word.usedAt === undefined && now - word.seenAt >= wordLastsMs;
}

/** What each gate of a person's word lets begin. */
const uses: Readonly<Record<string, (before: RunStatus, after: RunStatus) => boolean>> = Object.freeze({
  ApprovalRequired: approved,
  Cooldown: approved,
  OperatorColocated: approved,
  Halted: approved,
  EpochUnproven: (before: RunStatus, after: RunStatus) => intended(after) > intended(before),
});

/** Gates that a person's approval opens. */
export const approvalGates: readonly string[] = Object.freeze(Object.keys(uses));

function approved(before: RunStatus, after: RunStatus): boolean {
  return isApproved(after) && !isApproved(before);
}

function isApproved({ steps }: RunStatus): boolean {
  return steps.some((step) => step.kind === 'Approve' && step.outcome !== undefined);
}

function intended(status: RunStatus): number {
  return status.steps.filter(({ kind, intent }) => guarded.includes(kind) && intent?.action === 'Do').length;
}

const guarded: readonly string[] = ['Quiesce', 'Fence', 'Promote', 'Shift'];

/** Marks the words that this pass rested on. */
export function markUsed(before: RunStatus, after: RunStatus, now: number): RunStatus {
  const marked = after.words.map((word) => {
    const use = uses[word.gate];
    const open = word.usedAt === undefined && !isExpired(word, now);
    return open && use?.(before, after) === true ? { ...word, usedAt: now } : word;
  });
  return marked.every((word, index) => word === after.words[index]) ? after : { ...after, words: marked };
}
