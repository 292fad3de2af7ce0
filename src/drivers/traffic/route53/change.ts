import { identityHash } from '../../../api/identity.ts';
import type { ApplyResult, EffectToken } from '../../outcome.ts';
import type { TrafficAction, TrafficRef } from '../driver.ts';
import { readListed, type Listed } from './listed.ts';
import { ownershipName, ownershipText, readOwnership, unquoted } from './ownership.ts';
import { pointsOf, valuesOf, type RecordSet } from './record-set.ts';

/** Which record of which plan: no more than that is needed to say what is to be changed. */
type Subject = Pick<TrafficRef, 'record' | 'regions'>;

export interface Change {
  readonly Action: 'DELETE' | 'CREATE';
  readonly ResourceRecordSet: RecordSet;
}

/** A ChangeBatch, as the API and `--change-batch` of the CLI take it. */
export interface ChangeBatch {
  readonly Comment: string;
  readonly Changes: readonly Change[];
}

export type Swap =
  | { readonly kind: 'Batch'; readonly batch: ChangeBatch }
  /** What was listed is already what is wanted. */
  | { readonly kind: 'Already'; readonly detail: string }
  | Refused;

type Refused = Extract<ApplyResult, { kind: 'Refused' }>;

/** Seconds. Nobody but name servers is asked for it, so it costs nothing to keep it short. */
export const OWNERSHIP_TTL = 60;
/** Route 53 takes comments of up to 256 characters. */
const COMMENT_LENGTH = 256;

const refused = (code: string, message: string): Refused => ({ kind: 'Refused', code, message });

/**
 * One batch, all DELETEs before all CREATEs, from what was listed to what is wanted; no UPSERT anywhere, for a DELETE
 * compares with what is there and a CREATE with absence. The listed sets go back unchanged: one difference in TTL or
 * case and the DELETE fails.
 */
export function swapOf(ref: Subject, action: TrafficAction, token: EffectToken): Swap {
  const listed = readListed(action.listed);
  if (listed === undefined) return refused('Malformed', 'what was listed cannot be read back; look again');
  const wanted = wantedOf(ref, action, token);
  if (wanted.kind === 'Refused') return wanted;
  const held = heldBack(ref, action, listed, token) ?? drifted(ref, action, listed, wanted);
  return held ?? swapFrom(ref, action, token, listed, wanted);
}

interface Wanted {
  readonly kind: 'Wanted';
  readonly values: readonly string[];
  /** Name and text of the ownership TXT. */
  readonly owner: { readonly name: string; readonly text: string };
}

function wantedOf({ record }: Subject, { to }: TrafficAction, token: EffectToken): Wanted | Refused {
  const name = ownershipName(record.recordName);
  const text = ownershipText({ ...token, region: to });
  const values = record.values[to] ?? [];
  if (name === undefined || text === undefined) {
    return refused('Unownable', `${record.recordName}: its ownership record would be longer than DNS allows`);
  }
  if (values.length === 0) return refused('NoValues', `traffic ${record.name}: the plan has no values for ${to}`);
  return { kind: 'Wanted', values, owner: { name, text } };
}

function swapFrom(ref: Subject, action: TrafficAction, token: EffectToken, listed: Listed, wanted: Wanted): Swap {
  const { recordName } = ref.record;
  const atTarget = listedRegion(ref, listed) === action.to;
  const owned = isOwned(listed, wanted);
  if (owned && atTarget) {
    return { kind: 'Already', detail: `${recordName} is at ${action.to}, claimed by this run` };
  }
  // A record that is at its target is not touched: its TTL may be a person's.
  const moved = atTarget ? [] : pair(listed.record, targetSet(ref, listed, wanted.values));
  const claimed = pair(listed.ownership, ownerSet(wanted.owner));
  const all = [...moved, ...claimed];
  const changes = [...all.filter((c) => c.Action === 'DELETE'), ...all.filter((c) => c.Action === 'CREATE')];
  return { kind: 'Batch', batch: { Comment: `maestro-dr ${token.token}`.slice(0, COMMENT_LENGTH), Changes: changes } };
}

function listedRegion({ record, regions }: Subject, { record: set }: Listed): string | undefined {
  const points = pointsOf(record, regions, set === null ? [] : [set]);
  return points.kind === 'Region' ? points.region : undefined;
}

function isOwned(listed: Listed, wanted: Wanted): boolean {
  return textsOf(listed).join('\n') === wanted.owner.text;
}

function textsOf({ ownership }: Listed): readonly string[] {
  return ownership === null ? [] : valuesOf(ownership).map(unquoted);
}

function drifted(ref: Subject, action: TrafficAction, listed: Listed, wanted: Wanted): Refused | undefined {
  const { recordName } = ref.record;
  const at = listedRegion(ref, listed);
  if (at === undefined) return refused('RecordDrifted', `${recordName}: what was listed is neither region's record`);
  if (at === action.to) return undefined;
  if (isOwned(listed, wanted)) {
    return refused(
      'RecordDrifted',
      `${recordName} was moved to ${at} after this run had shifted it: it is not moved again`,
    );
  }
  if (action.kind === 'Shift') return undefined;
  return refused('RecordDrifted', `${recordName} points to ${at}: there is nothing to claim`);
}

/** Whoever owns the name now may be written over only by a later epoch of the same identity, or where a person said so. */
function heldBack(ref: Subject, action: TrafficAction, listed: Listed, token: EffectToken): Refused | undefined {
  const { recordName } = ref.record;
  const owner = readOwnership(token.identity, textsOf(listed));
  switch (owner.kind) {
    case 'Unclaimed':
      return undefined;
    case 'Foreign':
      if (action.takeoverFrom !== undefined && identityHash(action.takeoverFrom) === owner.identityHash) {
        return undefined;
      }
      return refused('ForeignOwner', `${recordName} is owned by the identity with the hash ${owner.identityHash}`);
    case 'Conflict':
      return refused('ForeignOwner', `${recordName}: ${owner.detail}`);
    case 'Mine':
      if (owner.epoch > token.epoch) {
        return refused('StaleEpoch', `${recordName} carries epoch ${owner.epoch}, above this run's ${token.epoch}`);
      }
      // Two runs of one epoch are two writers that do not know of each other: the first one has it.
      if (owner.epoch === token.epoch && owner.runUid !== token.runUid) {
        return refused('StaleEpoch', `${recordName} carries epoch ${owner.epoch} of another run, ${owner.runUid}`);
      }
      return undefined;
  }
}

function ownerSet({ name, text }: Wanted['owner']): RecordSet {
  return { Name: `${name}.`, Type: 'TXT', TTL: OWNERSHIP_TTL, ResourceRecords: [{ Value: `"${text}"` }] };
}

function targetSet({ record }: Subject, listed: Listed, values: readonly string[]): RecordSet {
  return {
    Name: listed.record?.Name ?? record.recordName,
    Type: record.type,
    TTL: record.ttl,
    ResourceRecords: values.map((Value) => ({ Value })),
  };
}

function pair(old: RecordSet | null, next: RecordSet): readonly Change[] {
  const created: Change = { Action: 'CREATE', ResourceRecordSet: next };
  return old === null ? [created] : [{ Action: 'DELETE', ResourceRecordSet: old }, created];
}
