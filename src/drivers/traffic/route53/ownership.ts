import { identityHash } from '../../../api/identity.ts';
import type { Ownership } from '../driver.ts';
import { octetsOf, plainName } from './names.ts';

/*
 * The ownership record: a TXT beside the name, never at it (a CNAME allows nothing beside it), one for each zone and
 * name whatever the record's type. It is public, so it holds no secret and no account number. It, not the record,
 * guards our own writers against each other: a stale one's compare-and-swap fails on it.
 */

/** @returns undefined where it would be longer than DNS allows (255 octets): such a name cannot be owned. */
export function ownershipName(recordName: string): string | undefined {
  const name = plainName(recordName);
  const [first, ...rest] = name.split('.');
  const owned = first === '*' ? ['_wildcard', ...rest].join('.') : name;
  const result = `_maestro-dr.${owned}`;
  return octetsOf(result) > 255 ? undefined : result;
}

export interface Claim {
  readonly identity: string;
  readonly epoch: number;
  readonly region: string;
  readonly runUid: string;
}

/** The TXT's text, unquoted. @returns undefined where a part cannot stand in it or the whole passes 255 octets. */
export function ownershipText(claim: Claim): string | undefined {
  const { identity, epoch, region, runUid } = claim;
  if (![region, runUid].every((part) => /^[A-Za-z0-9._:-]+$/.test(part))) return undefined;
  const text = `heritage=maestro-dr,v=1,id=${identityHash(identity)},epoch=${String(epoch)},region=${region},run=${runUid}`;
  return text.length > 255 ? undefined : text;
}

const CLAIM = /^heritage=maestro-dr,v=1,id=([0-9a-f]{16}),epoch=(\d{1,15}),region=([^,]+),run=([^,]+)$/;

/** `texts`: the values found at the ownership name, unquoted. What cannot be read as one claim is a conflict. */
export function readOwnership(identity: string, texts: readonly string[]): Ownership {
  const [text, ...others] = texts;
  if (text === undefined) return { kind: 'Unclaimed' };
  if (others.length > 0) return conflict(`the ownership record has ${others.length + 1} values instead of one`);
  const [, id, epoch, region, runUid] = CLAIM.exec(text) ?? [];
  if (id === undefined || epoch === undefined || region === undefined || runUid === undefined) {
    return conflict(`the ownership record cannot be read: "${text.slice(0, 120)}"`);
  }
  if (id !== identityHash(identity)) return { kind: 'Foreign', identityHash: id, epoch: Number(epoch) };
  return { kind: 'Mine', epoch: Number(epoch), region, runUid };
}

const conflict = (detail: string): Ownership => ({ kind: 'Conflict', detail });

/** A TXT value as Route 53 writes it, `"one" "two"`: the strings joined. What is not quoted is taken as it stands. */
export function unquoted(value: string): string {
  const strings = [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inner = '']) =>
    inner
      .replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
      .replace(/\\(.)/g, '$1'),
  );
  return strings.length === 0 ? value : strings.join('');
}
