import type { Catalogue } from './catalogue.ts';

/** What a record changes, here and on every standby that replays it. */
export type Change =
  | { readonly kind: 'Insert'; readonly rowId: string; readonly by: string }
  | { readonly kind: 'Catalogue'; readonly catalogue: Catalogue }
  | { readonly kind: 'Message' }
  /** Of a recovery or a clean stop: what was written before it and after it are told apart by it. */
  | { readonly kind: 'Shutdown' }
  /** The first record of a timeline. */
  | { readonly kind: 'TimelineStart'; readonly parent: number };

/** One record; `start` and `end` are byte positions, `end` is where the next one begins. */
export interface WalRecord {
  readonly timeline: number;
  readonly start: number;
  readonly end: number;
  /** Server's wall ms. */
  readonly at: number;
  readonly change: Change;
  /** The operator's own, as a WAL message within the same transaction shows. */
  readonly own: boolean;
}

/** Where a server's WAL begins, as after initdb. */
export const FIRST_POSITION = 0x3000028;

export function isCommit({ change }: WalRecord): boolean {
  return change.kind === 'Insert' || change.kind === 'Catalogue' || change.kind === 'Message';
}

/** Bytes, in the order of what the real records take; only that they differ and never shrink matters. */
export function sizeOf(change: Change): number {
  switch (change.kind) {
    case 'Insert':
      return 0xb8 + change.rowId.length;
    case 'Catalogue':
      return 0x2a8;
    case 'Message':
      return 0x78;
    case 'Shutdown':
      return 0x78;
    case 'TimelineStart':
      return 0x30;
  }
}

/** A position as the server writes it. */
export function lsnOf(position: number): string {
  const high = Math.floor(position / 0x1_0000_0000);
  return `${high.toString(16).toUpperCase()}/${(position % 0x1_0000_0000).toString(16).toUpperCase()}`;
}

/** @throws RangeError where the text is no position. */
export function positionOf(lsn: string): number {
  const [high, low] = lsn.split('/').map((half) => Number.parseInt(half, 16));
  if (high === undefined || low === undefined || Number.isNaN(high) || Number.isNaN(low)) {
    throw new RangeError(`not a WAL position: ${lsn}`);
  }
  return high * 0x1_0000_0000 + low;
}
