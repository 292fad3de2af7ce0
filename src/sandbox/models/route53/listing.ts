import { canonicalName, sortKey } from './names.ts';
import { isFields, readText } from './read-input.ts';
import type { RecordSets } from './change-batch.ts';
import { refusals } from './refusals.ts';
import type { Checked, Output, RecordSet } from './shapes.ts';

const PAGE = 300;

/** A position in the listing: `at` is where a page starts, that record included. */
type Position = readonly [name: string, type: string, identifier: string];

const positionOf = (set: RecordSet): Position => [sortKey(set.Name), set.Type, set.SetIdentifier ?? ''];

function compare(a: Position, b: Position): number {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

export function sorted(records: RecordSets): readonly RecordSet[] {
  return [...records.values()]
    .map((set) => ({ set, at: positionOf(set) }))
    .sort((a, b) => compare(a.at, b.at))
    .map(({ set }) => set);
}

/** ListResourceRecordSets: by reversed labels, then type, then identifier; at most 300 a page. */
export function listRecordSets(records: RecordSets, input: Readonly<Record<string, unknown>>): Checked<Output> {
  const start = readStart(input);
  if (!start.ok) return start;
  const limit = readLimit(input.MaxItems);
  if (!limit.ok) return limit;
  const rest = sorted(records).filter((set) => compare(positionOf(set), start.value) >= 0);
  const page = rest.slice(0, limit.value);
  const next = rest[limit.value];
  return {
    ok: true,
    value: {
      ResourceRecordSets: page.map(copy),
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { NextRecordName: next.Name, NextRecordType: next.Type }),
      ...(next?.SetIdentifier === undefined ? {} : { NextRecordIdentifier: next.SetIdentifier }),
      MaxItems: limit.value,
    },
  };
}

function readStart(input: Readonly<Record<string, unknown>>): Checked<Position> {
  const name = readText(input, 'StartRecordName');
  const type = readText(input, 'StartRecordType');
  const identifier = readText(input, 'StartRecordIdentifier');
  const lacking = (message: string): Checked<Position> => ({ ok: false, refusal: refusals.invalidInput(message) });
  if (type !== undefined && name === undefined) return lacking('The request specifies a type but no name');
  if (identifier !== undefined && type === undefined) return lacking('The request specifies an identifier but no type');
  if (name === undefined) return { ok: true, value: ['', '', ''] };
  const canonical = canonicalName(name);
  if (canonical === undefined) return lacking(`Invalid domain name: '${name}'`);
  return { ok: true, value: [sortKey(canonical), type ?? '', identifier ?? ''] };
}

function readLimit(value: unknown): Checked<number> {
  if (value === undefined) return { ok: true, value: PAGE };
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    return {
      ok: false,
      refusal: refusals.invalidInput('Invalid value for maxitems: it must be a whole number from 1'),
    };
  }
  return { ok: true, value: Math.min(PAGE, value) };
}

/** Callers get their own object: what they do to it must not reach the zone. */
function copy(set: RecordSet): RecordSet {
  return {
    ...set,
    ...(set.ResourceRecords === undefined
      ? {}
      : { ResourceRecords: set.ResourceRecords.map((record) => ({ ...record })) }),
    ...(isFields(set.AliasTarget) ? { AliasTarget: { ...set.AliasTarget } } : {}),
  };
}
