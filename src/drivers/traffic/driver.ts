import type { Fact } from '../../api/fact.ts';
import type { TrafficRecord } from '../../api/plan.ts';
import type { ApplyResult, EffectToken } from '../outcome.ts';

export interface TrafficRef {
  readonly identity: string;
  readonly generation: number;
  readonly record: TrafficRecord;
  readonly regions: readonly [string, string];
  /** AWS region whose credentials serve the calls: the target Region's. */
  readonly awsRegion: string;
  /** What other tools were seen to claim up to so many ms ago serves; absent: as the driver thinks fit. */
  readonly claimMs?: number;
  /** What a former life of the process moved the record by: `answers` then says whether that is everywhere. */
  readonly change?: SubmittedChange;
}

/** `id`: as the control plane calls it; `to`: the region that it leads to. */
export interface SubmittedChange {
  readonly id: string;
  readonly to: string;
}

/** The ownership record as it was read. `mine`: it carries this plan's identity. */
export type Ownership =
  | { readonly kind: 'Unclaimed' }
  | { readonly kind: 'Mine'; readonly epoch: number; readonly region: string; readonly runUid: string }
  | { readonly kind: 'Foreign'; readonly identityHash: string; readonly epoch: number }
  /** Another tool manages the name (external-dns), or the ownership record cannot be read as one. */
  | { readonly kind: 'Conflict'; readonly detail: string };

/** What the control plane lists, pending changes included. */
export interface TrafficState {
  readonly ownership: Ownership;
  /** The region whose values the record has, canonically compared; `Drifted` = neither's; `Absent` = no record. */
  readonly points:
    | { readonly kind: 'Region'; readonly region: string }
    | { readonly kind: 'Drifted'; readonly detail: string }
    | { readonly kind: 'Absent' };
  /** Seconds; of the listed set. */
  readonly liveTtl?: number;
  /** The zone's authoritative servers, by name. */
  readonly nameServers: readonly string[];
  /** The listed sets (record and TXT) exactly as listed, as JSON: what a compare-and-swap must delete. */
  readonly listed: string;
}

/** What the authoritative servers answer, from this vantage point. */
export interface TrafficAnswers {
  /** None for a private zone, whose servers nobody outside can ask. */
  readonly servers: readonly {
    readonly name: string;
    /** The region whose values it answers with; `Other` = neither's; `Silent` = no authoritative answer in time. */
    readonly answers:
      | { readonly kind: 'Region'; readonly region: string }
      | { readonly kind: 'Other' }
      | { readonly kind: 'Silent'; readonly detail: string };
    /** The ownership TXT as this server has it. */
    readonly ownership?: Ownership;
  }[];
  /** The control plane says that the change is everywhere; absent where it cannot be asked. */
  readonly inSync?: boolean;
  /** Why it cannot be asked, and what to grant where it is refused, for a sentence; absent where no change is known of. */
  readonly unsaid?: string;
}

/** Where a record leads, without whose it is: no write is decided by it. */
export type TrafficHeading = Pick<TrafficState, 'points' | 'liveTtl'>;

export interface TrafficObserver {
  observe(ref: TrafficRef, signal: AbortSignal): Promise<Fact<TrafficState>>;
  /**
   * For a plan at rest, of which a thousand must not cost a thousand requests: the fact is of the time at which its
   * record was listed, minutes ago perhaps, but not before `since`, wall ms.
   */
  heading(ref: TrafficRef, since: number, signal: AbortSignal): Promise<Fact<TrafficHeading>>;
  /** Needs no control plane once the servers are known: `nameServers` from an earlier observation serve. */
  answers(ref: TrafficRef, nameServers: readonly string[], signal: AbortSignal): Promise<Fact<TrafficAnswers>>;
}

/**
 * `takeoverFrom`: the identity whose ownership a person said may be written over, and no other's.
 * Shift: compare-and-swap of record and ownership TXT from `listed` to the target's, in one batch. Claim: the record
 * already has the target's values, only the TXT moves. Never writes without `listed`.
 */
export type TrafficAction =
  | { readonly kind: 'Shift'; readonly to: string; readonly listed: string; readonly takeoverFrom?: string }
  | { readonly kind: 'Claim'; readonly to: string; readonly listed: string; readonly takeoverFrom?: string };

export interface TrafficActuator {
  apply(ref: TrafficRef, action: TrafficAction, token: EffectToken, signal: AbortSignal): Promise<ApplyResult>;
}

/** A move that a person may make, while the control plane does not answer the operator. */
export interface Handover {
  readonly record: TrafficRecord;
  readonly regions: readonly [string, string];
  readonly from: string;
  readonly to: string;
  readonly takeoverFrom?: string;
  /** As TrafficState's, from the last look that the control plane answered. */
  readonly listed?: string;
  /** Where it was never listed: whose it is, if all its servers say the same, and its TTL in seconds as last known. */
  readonly served?: Ownership;
  readonly ttl: number;
}

/** `comparesWith`: what the change finds, or it is refused: what was listed, or what plan and name servers let suppose. */
export type ByHand =
  | { readonly kind: 'Command'; readonly command: string; readonly comparesWith: 'Listed' | 'Supposed' }
  | { readonly kind: 'None'; readonly why: string };
