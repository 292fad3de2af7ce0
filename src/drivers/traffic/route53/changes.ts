import type { SubmittedChange, TrafficRef } from '../driver.ts';

/**
 * The changes that this life of the process has submitted, so that the observer can ask whether the last one is
 * everywhere. A successor knows one by its Run's journal, where that step had ended: else it has no `inSync`.
 */
export interface Changes {
  /** Before an attempt: what is known of an older change says nothing about this one. */
  forget(ref: TrafficRef): void;
  /** `to`: the region that it leads to. */
  submitted(ref: TrafficRef, id: string, to: string): void;
  /** The one that the ref brings, for with that its step has ended; else this life's. */
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
  const keep = (ref: TrafficRef, { id, to }: SubmittedChange): ChangeState => {
    const state: ChangeState = { id, to, inSync: false };
    byRecord.set(keyOf(ref), state);
    return state;
  };
  return {
    forget: (ref) => void byRecord.delete(keyOf(ref)),
    submitted: (ref, id, to) => void keep(ref, { id, to }),
    last(ref) {
      const own = byRecord.get(keyOf(ref));
      return ref.change === undefined || ref.change.id === own?.id ? own : keep(ref, ref.change);
    },
  };
}
