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

/** Whether this very word was heard and never used in its time. */
export function hasLapsed(status: RunStatus, approval: Pick<Approval, 'gate' | 'evidenceHash'>, now: number): boolean {
  const word = status.words.find(
    ({ gate, evidenceHash }) => gate === approval.gate && evidenceHash === approval.evidenceHash,
  );
  return word !== undefined && word.usedAt === undefined && now - word.seenAt >= wordLastsMs;
}

type Use = (before: RunStatus, after: RunStatus) => boolean;

/** What each gate of a person's word lets begin. */
const uses: Readonly<Record<string, Use>> = Object.freeze({
  ApprovalRequired: approved,
  Cooldown: approved,
  OperatorColocated: approved,
  Halted: (before: RunStatus, after: RunStatus) => approved(before, after) || intended(after) > intended(before),
  EpochUnproven: (before: RunStatus, after: RunStatus) => intended(after, guarded) > intended(before, guarded),
});

/** Gates that a person's approval opens. */
export const approvalGates: readonly string[] = Object.freeze(Object.keys(uses));

function approved(before: RunStatus, after: RunStatus): boolean {
  return isApproved(after) && !isApproved(before);
}

function isApproved({ steps }: RunStatus): boolean {
  return steps.some((step) => step.kind === 'Approve' && step.outcome !== undefined);
}

function intended({ steps }: RunStatus, kinds?: readonly string[]): number {
  return steps.filter(({ kind, intent }) => intent?.action === 'Do' && kinds?.includes(kind) !== false).length;
}

const guarded: readonly string[] = ['Quiesce', 'Fence', 'Promote', 'Shift'];

/** Marks the words that this pass rested on, of those that count. */
export function markUsed(
  before: RunStatus,
  after: RunStatus,
  now: number,
  counting: readonly Pick<Approval, 'gate' | 'evidenceHash'>[],
): RunStatus {
  const marked = after.words.map((word) => {
    const counts = counting.some(({ gate, evidenceHash }) => gate === word.gate && evidenceHash === word.evidenceHash);
    const use = uses[word.gate];
    return counts && word.usedAt === undefined && use?.(before, after) === true ? { ...word, usedAt: now } : word;
  });
  return marked.every((word, index) => word === after.words[index]) ? after : { ...after, words: marked };
}
