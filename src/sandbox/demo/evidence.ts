import type { Attempt } from '../shop/attempts.ts';
import type { Word } from './person.ts';
import type { RunView } from './run-view.ts';
import type { DnsChange, Mutation } from './witnesses/audits.ts';
import type { OrderRow, ServerIdentity } from './witnesses/database.ts';
import type { Answer } from './witnesses/dns.ts';
import type { ServerLog } from './witnesses/postgresql-log.ts';

/**
 * Everything that the judge judges by, plain data. Only `reported` comes from the operator; it is compared, never
 * believed. Times in ms since the epoch, on the one clock of this machine.
 */
export interface Evidence {
  readonly ttlMs: number;
  readonly clients: readonly Attempt[];
  readonly pinned: readonly Attempt[];
  readonly dns: readonly Answer[];
  readonly dnsChanges: readonly DnsChange[];
  readonly names: { readonly east: string; readonly west: string };
  /** As they read at the end. */
  readonly logs: { readonly east: ServerLog; readonly west: ServerLog };
  readonly forced: ForcedEvidence;
  readonly back: ReturnEvidence;
  readonly planned: PlannedEvidence;
  /** The east's rows when the clients had stopped. */
  readonly finalRows: readonly OrderRow[];
  /** What changed while nobody asked for anything. */
  readonly quiet: { readonly from: number; readonly until: number; readonly mutations: readonly Mutation[] };
}

export interface ForcedEvidence {
  readonly heldAt: number;
  readonly killedAt: number;
  /** When clients were served again and it had lasted. */
  readonly recoveredAt: number;
  readonly words: readonly Word[];
  /** The west's rows when it had recovered. */
  readonly rows: readonly OrderRow[];
  readonly before: ServerIdentity;
  readonly after: ServerIdentity;
  /** The operator's process was killed then; which intent it had recorded. */
  readonly operatorKilled?: { readonly at: number; readonly token: string };
  /** The Run when it had recovered. */
  readonly reported: RunView;
}

export interface ReturnEvidence {
  readonly returnedAt: number;
  /** Ids in the copy that was preserved before the rebuild; undefined where there is none. */
  readonly preserved: readonly string[] | undefined;
  readonly rows: readonly OrderRow[];
  /** The east, when it followed the west. */
  readonly east: ServerIdentity;
  readonly reported: RunView;
}

export interface PlannedEvidence {
  readonly askedAt: number;
  readonly words: readonly Word[];
  /** Replication was held back from then until then. */
  readonly slowed?: { readonly from: number; readonly until: number };
  readonly east: ServerIdentity;
  readonly west: ServerIdentity;
  readonly reported: RunView;
}
