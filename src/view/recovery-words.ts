import { formatDuration } from '../api/duration.ts';
import { recoverySkew } from '../api/recovery-skew.ts';
import type { DatabaseRecovery, RunStatus } from '../api/run.ts';
import { formatTime } from '../api/time.ts';

/** Up to when the data of a database are in the target, as far as it is known. */
export function pointWords(recovery: DatabaseRecovery): string {
  const { point, lossMs } = recovery;
  if (isLeftBehind(recovery)) return 'none, for it was not promoted';
  // Where nothing is missing, the later end is as certain as the earlier: only when the writing ended is not.
  if (lossMs === 0) {
    return `all that was committed, up to ${point === undefined ? 'an unknown time' : formatTime(point.latest)}`;
  }
  if (point === undefined) return 'unknown';
  const { earliest, latest } = point;
  return latest - earliest <= 1
    ? `all that was committed before ${formatTime(earliest)}`
    : `no earlier than ${formatTime(earliest)}, no later than ${formatTime(latest)}`;
}

export function isLeftBehind({ basis }: DatabaseRecovery): boolean {
  return basis === 'NotPromoted';
}

/** How far apart the recovery points of the databases are; undefined where there is but one, or not yet all. */
export function skewWords(status: Pick<RunStatus, 'snapshot' | 'recovery'>): string | undefined {
  const skew = recoverySkew(status);
  if (skew === undefined) return undefined;
  if (skew.known) return `at most ${formatDuration(skew.atMostMs)}`;
  const why = status.recovery
    .filter(({ database }) => skew.unknownOf.includes(database))
    .map((one) =>
      isLeftBehind(one) ? `${one.database} was not promoted` : `the recovery point of ${one.database} is not known`,
    );
  return `unknown: ${why.join('; ')}`;
}
