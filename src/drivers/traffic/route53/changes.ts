import type { TrafficRef } from '../driver.ts';

/**
 * The changes that this life of the process has submitted, so that the observer can ask whether the last one is
 * everywhere. Lost on a restart, which costs the `inSync` of the evidence and nothing else.
 */
export interface Changes {
  /** Before an attempt: what is known of an older change says nothing about this one. */
  forget(ref: TrafficRef): void;
  /** `to`: the region that it leads to. */
  submitted(ref: TrafficRef, id: string, to: string): void;
  last(ref: TrafficRef): ChangeState | undefined;
}

export interface ChangeState {
  readonly id: string;
  readonly to: string;
  inSync: boolean;
  /** Monotonic ms of the last time it was asked for; absent: not yet. */
  askedAt?: number;
  /** Why the last time it was asked for brought nothing. */
  unsaid?: string;
}

export function createChanges(): Changes {
  const byRecord = new Map<string, ChangeState>();
  const keyOf = ({ record }: TrafficRef): string => `${record.hostedZoneId} ${record.recordName} ${record.type}`;
  return {
    forget: (ref) => void byRecord.delete(keyOf(ref)),
    submitted: (ref, id, to) => void byRecord.set(keyOf(ref), { id, to, inSync: false }),
    last: (ref) => byRecord.get(keyOf(ref)),
  };
}
