import type { Route53Record } from '../../../api/plan.ts';
import type { TrafficState } from '../driver.ts';
import { plainName, sameName } from './names.ts';

/** A record set as Route 53 lists it, nothing dropped: a DELETE must send back exactly what was listed. */
export interface RecordSet {
  readonly Name: string;
  readonly Type: string;
  /** Seconds; absent for an alias. */
  readonly TTL?: number;
  readonly ResourceRecords?: readonly { readonly Value: string }[];
  readonly [member: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isRecordSet(value: unknown): value is RecordSet {
  if (!isFields(value) || typeof value['Name'] !== 'string' || typeof value['Type'] !== 'string') return false;
  if (value['TTL'] !== undefined && typeof value['TTL'] !== 'number') return false;
  const records: unknown = value['ResourceRecords'];
  if (records === undefined) return true;
  return Array.isArray(records) && records.every((record) => isFields(record) && typeof record['Value'] === 'string');
}

export function valuesOf(set: RecordSet): readonly string[] {
  return (set.ResourceRecords ?? []).map(({ Value }) => Value);
}

/** What makes a set more than simple: routing policies, aliases, health checks. This driver moves simple sets only. */
const SIMPLE = ['Name', 'Type', 'TTL', 'ResourceRecords'];

function policyMembers(set: RecordSet): readonly string[] {
  return Object.keys(set).filter((member) => set[member] !== undefined && !SIMPLE.includes(member));
}

export type Points = TrafficState['points'];

/** Where the record points, from all the sets that are listed at its name. */
export function pointsOf(record: Route53Record, regions: readonly string[], atName: readonly RecordSet[]): Points {
  const [set, ...others] = setsOf(record, atName);
  const drifted = (detail: string): Points => ({ kind: 'Drifted', detail });
  if (set === undefined) {
    // A CNAME allows nothing beside it, so creating the wanted type could never succeed.
    const beside = atName.find(({ Type }) => Type === 'CNAME' || (record.type === 'CNAME' && Type !== 'CNAME'));
    if (beside === undefined) return { kind: 'Absent' };
    return drifted(`the name has a record of type ${beside.Type}, the plan says ${record.type}`);
  }
  if (others.length > 0) {
    return drifted(
      `the name has ${others.length + 1} ${record.type} sets with a routing policy, the plan a simple one`,
    );
  }
  const policy = policyMembers(set);
  if (policy.length > 0) return drifted(`the ${record.type} set is not a simple one: it has ${policy.join(', ')}`);
  const region = regionOf(record, regions, valuesOf(set));
  return region === undefined
    ? drifted(`${record.type} ${shown(valuesOf(set))} is neither region's`)
    : { kind: 'Region', region };
}

/** The sets of the record's own type among those at its name. */
export function setsOf(record: Route53Record, atName: readonly RecordSet[]): readonly RecordSet[] {
  return atName.filter((set) => sameName(set.Name, record.recordName) && set.Type === record.type);
}

/** The region whose values these are, whatever their order, case, trailing dots and notation. */
export function regionOf(
  record: Route53Record,
  regions: readonly string[],
  values: readonly string[],
): string | undefined {
  const found = canonicalValues(record.type, values);
  return regions.find((region) => {
    const wanted = record.values[region];
    return wanted !== undefined && canonicalValues(record.type, wanted) === found;
  });
}

function canonicalValues(type: Route53Record['type'], values: readonly string[]): string {
  return values
    .map((value) => canonicalValue(type, value))
    .sort()
    .join(' ');
}

export function canonicalValue(type: Route53Record['type'], value: string): string {
  switch (type) {
    case 'A':
      return value.trim();
    case 'AAAA': {
      // The URL parser writes an IPv6 address in one way only (WHATWG URL, "IPv6 serializer"), in brackets.
      const url = `http://[${value.trim()}]/`;
      return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : value.trim().toLowerCase();
    }
    case 'CNAME':
      return plainName(value.trim());
  }
}

function shown(values: readonly string[]): string {
  const text = values.join(', ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
