import type { Attempt } from '../shop/attempts.ts';
import type { Word } from './person.ts';
import type { RunView } from './run-view.ts';
import type { DnsChange, IntentWrite, Mutation } from './witnesses/audits.ts';
import type { OrderRow, ServerIdentity } from './witnesses/database.ts';
import type { Answer } from './witnesses/dns.ts';
import type { ServerLog } from './witnesses/postgresql-log.ts';

/**
 * Everything that the judge judges by, plain data. Only `reported` comes from the operator; it is compared, never
 * believed. Times in ms since the epoch, on the one clock of this machine. A part is absent where the story did not get
 * that far.
 */
export interface Evidence {
  readonly ttlMs: number;
  readonly clients: readonly Attempt[];
  readonly pinned: readonly Attempt[];
  readonly dns: readonly Answer[];
  readonly dnsChanges: readonly DnsChange[];
  readonly names: { readonly east: string; readonly west: string };
  readonly logs: { readonly east: ServerLog; readonly west: ServerLog };
  /** When the API server of the management cluster first took a status with each intent in it. */
  readonly intents: readonly IntentWrite[];
  /** What the operator changed in the regions' clusters. */
  readonly regional: readonly Mutation[];
  /** When the planned move was asked for, whether it came to its end or not; absent: not yet. */
  readonly askedBackAt?: number;
  readonly forced?: ForcedEvidence;
  readonly back?: ReturnEvidence;
  readonly planned?: PlannedEvidence;
  readonly end?: EndEvidence;
}

export interface ForcedEvidence {
  readonly heldAt: number;
  readonly killedAt: number;
  /** When it had lasted. */
  readonly recoveredAt: number;
  readonly words: readonly Word[];
  /** The west's rows when it had recovered. */
  readonly rows: readonly OrderRow[];
  readonly before: ServerIdentity;
  readonly after: ServerIdentity;
  readonly operatorKilled: OperatorKilled;
  /** The Run when it had recovered. */
  readonly reported: RunView;
}

/** The end of the operator's process while its intent to promote was under way. */
export interface OperatorKilled {
  /** When it was gone. */
  readonly at: number;
  /** Of the intent, as the Run's status had it; empty where it had none. */
  readonly token: string;
  /** How the process ended: its exit code, or the signal. */
  readonly ended: number | string;
}

export interface ReturnEvidence {
  readonly returnedAt: number;
  /** Ids in the copy that was preserved before the rebuild; undefined where the report names none. */
  readonly preserved: readonly string[] | undefined;
  readonly rows: readonly OrderRow[];
  /** The east, when it followed the west. */
  readonly east: ServerIdentity;
  readonly reported: RunView;
}

export interface PlannedEvidence {
  readonly askedAt: number;
  readonly words: readonly Word[];
  /** Replication stood still from then until then. */
  readonly slowed: { readonly from: number; readonly until: number };
  readonly east: ServerIdentity;
  readonly west: ServerIdentity;
  readonly reported: RunView;
}

export interface EndEvidence {
  /** The forced run's batch, sent once more after the planned one: a writer that is out of date. */
  readonly replay: { readonly at: number; readonly accepted: boolean; readonly said: string };
  /** What changed while nobody wanted anything. */
  readonly quiet: { readonly from: number; readonly until: number; readonly mutations: readonly Mutation[] };
  /** The east's rows when the clients had stopped. */
  readonly rows: readonly OrderRow[];
}
