import type { Fact } from '../../api/fact.ts';
import type { Database } from '../../api/plan.ts';
import type { ApplyResult, EffectToken } from '../outcome.ts';

/** A database of a plan, as one call needs it. `namespace` is the plan's: Secrets are read there and nowhere else. */
export interface DatabaseRef {
  readonly namespace: string;
  readonly identity: string;
  readonly generation: number;
  readonly database: Database;
  readonly region: string;
  /** How old what is known of the server's other databases may be, ms, as long as nothing is fenced; absent: as the driver thinks fit. */
  readonly othersMs?: number;
}

/** A position in the write-ahead log as the server writes it: `0/3000148`. Compare with `compareLsn` only. */
export type Lsn = string;

/** One server, observed in one session. Everything in it was read after the fact's `at`. */
export interface DatabaseState {
  /** In recovery: Replica. */
  readonly role: 'Primary' | 'Replica';
  readonly systemIdentifier: string;
  /** Of the WAL being written (Primary), or received, else replayed (Replica). */
  readonly timeline: number;
  /** Timeline of the latest checkpoint: lags `timeline` after a promotion until a checkpoint has finished. */
  readonly checkpointTimeline: number;
  /** Primary: flushed; Replica: replayed. */
  readonly position: Lsn;
  /** Replica: flushed from the stream, not necessarily replayed. */
  readonly received?: Lsn;
  /** After a promotion: where this timeline left its parent, when it can be read. */
  readonly switchpoint?: Lsn;
  readonly receiver?: {
    readonly streaming: boolean;
    /** When the last message came from upstream, server's wall ms; unmoving = nothing arrives. */
    readonly latestEndAt?: number;
    /** ms after which it gives its upstream up; after half of it without a message it asks for one. 0: never. */
    readonly timeoutMs?: number;
  };
  /** Primary: standbys attached by slot. */
  readonly slots: readonly { readonly name: string; readonly active: boolean; readonly walStatus: string }[];
  readonly fence: FenceState;
  /**
   * The token of the announcement that the marker of the highest epoch carries: the primary that wrote it has this server
   * among its own, or is it.
   */
  readonly announced?: string;
  /** The highest epoch that the database's own markers carry for this identity; 0 where there is none. */
  readonly highestEpoch: number;
  /** Application roles that may log in now. */
  readonly enabledRoles: readonly string[];
  /** Sessions of application roles; until the fence is sealed also those that no view lists with a role yet. */
  readonly applicationSessions: number;
  /** Client sessions other than the operator's (readers of a standby). */
  readonly otherSessions: number;
  /** Everything that makes `Verified` unreachable, by name: unlisted writers, superusers, prepared transactions, … */
  readonly fenceObstacles: readonly FenceObstacle[];
  /** Rights that the operator lacks for fence, promote, open, each as the SQL that grants it. */
  readonly missingRights: readonly string[];
  /** Replica: why it could not be promoted or could not replay (paused, delayed, conflict), in words. */
  readonly replayObstacles: readonly string[];
  /** Why no commit of an application would return (a synchronous standby that is not there), in words; Replica: once promoted. */
  readonly commitObstacles: readonly string[];
}

export interface FenceObstacle {
  readonly kind:
    | 'UnlistedWriter'
    /** Of a role that could write and may not log in any more, or of one that was dropped. `name` has its pid. */
    | 'OpenSession'
    | 'SuperuserApplication'
    | 'OperatorIsApplication'
    | 'MissingApplicationRole'
    | 'PreparedTransaction'
    /** Another database of the server, which the operator may not look into: it moves with this one. */
    | 'UnseenDatabase'
    | 'Subscription'
    | 'Scheduler';
  readonly name: string;
}

export type FenceState =
  | { readonly present: false }
  /**
   * `restores`: the roles that opening will enable again. `sealed`: written by the actuator once two consecutive looks
   * had found no session left, so it stands for the proof and survives the operator; a fence without it is unproven.
   */
  | {
      readonly present: true;
      readonly epoch: number;
      readonly restores: readonly string[];
      readonly sealed: boolean;
    };

/** What an old primary holds beyond the switchpoint, read from its own WAL. Times are the server's wall ms. */
export interface Divergence {
  /** COMMITs after the switchpoint and before the server's restart (all, where it did not restart). */
  readonly lostCommits: number;
  readonly firstLostAt?: number;
  readonly lastLostAt?: number;
  /** COMMITs after the restart: written after its return, before the fence; the operator's own excluded. */
  readonly postReturnCommits: number;
  readonly firstPostReturnAt?: number;
  readonly lastPostReturnAt?: number;
}

/** The observer never mutates, and answers unknown when it cannot tell. Secrets appear in no detail. */
export interface DatabaseObserver {
  observe(ref: DatabaseRef, signal: AbortSignal): Promise<Fact<DatabaseState>>;
  /** Source side, after the fence. `switchpoint` is the new primary's. Unknown/Malformed with `WAL is gone` where it is. */
  divergence(ref: DatabaseRef, switchpoint: Lsn, signal: AbortSignal): Promise<Fact<Divergence>>;
}

/**
 * Effects on one server. Each is idempotent under its epoch and never waits for completion.
 * - Fence: epoch and fence markers, NOLOGIN, sessions ended until two consecutive passes find none, then everything made
 *   durable. Accepted only when all of that was seen; a later epoch's marker present -> Refused `StaleEpoch`.
 * - Unfence: undoes a planned fence on the source (LOGIN for the marker's members, marker dropped), epoch marker stays.
 * - Promote: ends readers, asks for promotion, does not wait. Already primary -> Accepted.
 * - Checkpoint: asks for one.
 * - Open: LOGIN for the marker's members and the marker dropped, in one transaction. No marker -> Accepted.
 * - Probe: as the application, an insert that is rolled back. Refused with the server's words when it fails.
 * - Announce: a WAL message after which the position must replay (protected again), and its token in the epoch's marker,
 *   for positions of another server with this timeline number grow, too. `detail` = its LSN.
 */
export type DatabaseAction = 'Fence' | 'Unfence' | 'Promote' | 'Checkpoint' | 'Open' | 'Probe' | 'Announce';

export interface DatabaseActuator {
  apply(ref: DatabaseRef, action: DatabaseAction, token: EffectToken, signal: AbortSignal): Promise<ApplyResult>;
}
