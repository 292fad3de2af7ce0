import { formatDuration } from '../api/duration.ts';
import type { PlanSpec } from '../api/plan.ts';
import type { DatabaseRecovery } from '../api/run.ts';
import { isLeftBehind } from './recovery-words.ts';

/** Sentences that report, status, preview and messages share. */

/** Anything weaker than the safe defaults is repeated wherever the run is spoken of. */
export function weakerWords(spec: PlanSpec): readonly string[] {
  return [
    ...(spec.failover.fencing === 'Verified' ? [] : [`fencing: ${spec.failover.fencing}`]),
    ...(spec.failover.approval === 'Never' ? ['approval: Never'] : []),
    ...spec.databases
      .filter((d) => d.administrativeRoles.length > 0)
      .map((d) => `${d.name}: not fenced are ${d.administrativeRoles.join(', ')}`),
  ];
}

/** How much, and how sure that is: unknown is never zero, and what is open is never final. */
export function amountWords({ grade, lossMs }: Pick<DatabaseRecovery, 'grade' | 'lossMs'>): string {
  if (lossMs === undefined) return `${grade}: it cannot be told how much was lost`;
  switch (grade) {
    case 'Estimated':
      return `${grade}, at least ${formatDuration(lossMs)}, and open`;
    case 'Bounded':
      return `${grade}, at most ${formatDuration(lossMs)}`;
    case 'Measured':
    case 'Unknown':
      return `${grade}, ${formatDuration(lossMs)}`;
  }
}

export function lossWords(recovery: DatabaseRecovery): string {
  if (isLeftBehind(recovery)) return 'not promoted: a person left it behind, and its data are where they were';
  const { basis, lossMs } = recovery;
  const from = lossMs === undefined || basis === undefined ? '' : ` (${basis})`;
  const counts =
    recovery.lostCommits === undefined
      ? ''
      : `; ${String(recovery.lostCommits)} commits lost, ${String(recovery.postReturnCommits ?? 0)} after the return`;
  return `${amountWords(recovery)}${from}${counts}${keptWords(recovery)}`;
}

/** A rebuild keeps the data that it replaces, whether anything in them diverged or not. */
function keptWords({ preservedAt, lostCommits, postReturnCommits = 0 }: DatabaseRecovery): string {
  if (preservedAt === undefined) return '';
  const isSame = lostCommits === 0 && postReturnCommits === 0;
  return `; ${isSame ? 'its former data are' : 'what diverged is'} kept at ${preservedAt}`;
}

/** A span for people: whole seconds from one second on. */
export function span(ms: number): string {
  const positive = Math.max(0, ms);
  return formatDuration(positive < 1000 ? Math.round(positive) : Math.round(positive / 1000) * 1000);
}
