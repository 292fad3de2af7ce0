import type { DnsType } from '../../ports/dns.ts';
import { canonicalName, dnsName, isWithin } from './route53/names.ts';
import { characterStrings } from './route53/record-values.ts';
import type { ZoneView } from './route53/model.ts';
import type { RecordSet } from './route53/shapes.ts';

/*
 * An authoritative answer out of zone views (RFC 1034 section 4.3.2, RFC 4592 for wildcards, RFC 2308 for negative
 * answers). Like Route 53's servers it follows a CNAME inside its zone only, and answers an alias with the target's
 * addresses under the alias's own name, so that nobody can tell it from plain records.
 */

export interface DnsQuestion {
  readonly name: string;
  /** A type the zones cannot hold gets an empty answer. */
  readonly type: string;
}

export interface DnsRecord {
  /** Lower case, no trailing dot, like `value` where that is a name. */
  readonly name: string;
  readonly type: DnsType;
  readonly ttl: number;
  readonly value: string;
  /** A TXT record's character strings; `value` is them joined. */
  readonly strings?: readonly string[];
}

export interface DnsReply {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED' | 'SERVFAIL';
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  /** The SOA of a negative answer, or the NS of a referral. */
  readonly authority: readonly DnsRecord[];
}

export interface DnsZones {
  readonly held: readonly ZoneView[];
  /** Where an alias leads: any zone, held by this server or not. */
  readonly aliasZone: (zoneId: string) => ZoneView | undefined;
  /** Draws from 0 to `total` - 1 among the weights of the record sets of one name and type. */
  readonly draw: (key: string, total: number) => number;
}

const MAX_CHAIN = 16;
const ALIAS_TTL = 60;
const NOTHING = { answers: [], authority: [] } as const;

export function answer(zones: DnsZones, question: DnsQuestion): DnsReply {
  const name = canonicalName(question.name);
  const zone = name === undefined ? undefined : holder(zones.held, name);
  if (name === undefined || zone === undefined) return { rcode: 'REFUSED', authoritative: false, ...NOTHING };
  const chain: DnsRecord[] = [];
  let at = name;
  for (let hop = 0; hop < MAX_CHAIN; hop += 1) {
    const found = lookUp(zones, zone, at, question.type);
    if (found.kind !== 'cname') return conclude(zone, chain, found);
    chain.push(...found.records);
    const target = canonicalName(found.target);
    if (target === undefined || !isWithin(target, zone.zoneName)) return authoritative(chain);
    at = target;
  }
  return { rcode: 'SERVFAIL', authoritative: true, answers: chain, authority: [] };
}

const authoritative = (answers: readonly DnsRecord[]): DnsReply => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers,
  authority: [],
});

type Found =
  | { readonly kind: 'cname'; readonly records: readonly DnsRecord[]; readonly target: string }
  | { readonly kind: 'data'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'referral'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'no-name' };

function conclude(zone: ZoneView, chain: readonly DnsRecord[], found: Exclude<Found, { kind: 'cname' }>): DnsReply {
  switch (found.kind) {
    case 'data':
      return authoritative([...chain, ...found.records]);
    case 'referral':
      // AA speaks for the first name of the answer, so a chain that ends in a referral keeps it (RFC 1035 4.1.1).
      return { rcode: 'NOERROR', authoritative: chain.length > 0, answers: chain, authority: found.records };
    case 'no-data':
      return { ...authoritative(chain), authority: soaOf(zone) };
    case 'no-name':
      return { ...authoritative(chain), rcode: 'NXDOMAIN', authority: soaOf(zone) };
  }
}

function holder(views: readonly ZoneView[], name: string): ZoneView | undefined {
  const holders = views.filter(({ zoneName }) => isWithin(name, zoneName));
  return holders.sort((a, b) => b.zoneName.length - a.zoneName.length)[0];
}

function lookUp(zones: DnsZones, zone: ZoneView, name: string, type: string): Found {
  const sets = [...zone.records.values()];
  const delegation = sets.find((set) => set.Type === 'NS' && set.Name !== zone.zoneName && isWithin(name, set.Name));
  if (delegation !== undefined) return { kind: 'referral', records: toRecords(delegation, delegation.Name) };
  const source = sourceOf(sets, zone.zoneName, name);
  if (source === undefined) return { kind: 'no-name' };
  const here = sets.filter((set) => set.Name === source);
  const cnames = here.filter((set) => set.Type === 'CNAME');
  const cname = type === 'CNAME' ? undefined : choose(zones, cnames);
  if (cname !== undefined) {
    const records = resolveSet(zones, zone, cname, name);
    return { kind: 'cname', records, target: records[0]?.value ?? '' };
  }
  const set = choose(
    zones,
    here.filter((candidate) => candidate.Type === type),
  );
  const records = set === undefined ? [] : resolveSet(zones, zone, set, name);
  return records.length === 0 ? { kind: 'no-data' } : { kind: 'data', records };
}

/** The owner name that answers for `name`: itself where it exists (were it only for what lies below), else a wildcard. */
function sourceOf(sets: readonly RecordSet[], apex: string, name: string): string | undefined {
  const exists = (candidate: string): boolean => sets.some((set) => isWithin(set.Name, candidate));
  if (exists(name)) return name;
  let encloser = name;
  while (encloser !== apex && !exists(encloser)) encloser = encloser.slice(encloser.indexOf('.') + 1);
  const wildcard = `\\052.${encloser}`;
  return exists(wildcard) ? wildcard : undefined;
}

/** One of a weighted group; all at zero count alike, as Route 53 treats them. */
function choose(zones: DnsZones, sets: readonly RecordSet[]): RecordSet | undefined {
  const [first] = sets;
  if (first?.Weight === undefined) return first;
  const ordered = [...sets].sort((a, b) => ((a.SetIdentifier ?? '') < (b.SetIdentifier ?? '') ? -1 : 1));
  const allZero = ordered.every(({ Weight }) => Weight === 0);
  const weightOf = (set: RecordSet): number => (allZero ? 1 : (set.Weight ?? 0));
  const total = ordered.reduce((sum, set) => sum + weightOf(set), 0);
  let left = zones.draw(`${first.Name} ${first.Type}`, total);
  return ordered.find((set) => {
    left -= weightOf(set);
    return left < 0;
  });
}

function resolveSet(zones: DnsZones, zone: ZoneView, set: RecordSet, name: string): readonly DnsRecord[] {
  const alias = set.AliasTarget;
  if (alias === undefined) return toRecords(set, name);
  const sameZone = alias.HostedZoneId === zone.zoneId;
  const target = sameZone ? zone : zones.aliasZone(alias.HostedZoneId);
  const targets = [...(target?.records.values() ?? [])].filter(
    ({ Name, Type }) => Name === alias.DNSName && Type === set.Type,
  );
  const chosen = choose(zones, targets);
  // An alias to an alias is allowed in Route 53; the sandbox follows one.
  if (chosen === undefined || chosen.AliasTarget !== undefined) return [];
  return toRecords(chosen, name, sameZone ? undefined : ALIAS_TTL);
}

function toRecords(set: RecordSet, name: string, ttl = set.TTL ?? 0): readonly DnsRecord[] {
  const head = { name: dnsName(name), type: set.Type, ttl };
  return (set.ResourceRecords ?? []).map(({ Value }) => {
    if (set.Type === 'TXT') {
      const strings = characterStrings(Value) ?? [];
      return { ...head, value: strings.join(''), strings };
    }
    if (set.Type === 'SOA') return { ...head, value: Value.split(' ').map(dnsName).join(' ') };
    return { ...head, value: set.Type === 'A' || set.Type === 'AAAA' ? Value.toLowerCase() : dnsName(Value) };
  });
}

function soaOf(zone: ZoneView): readonly DnsRecord[] {
  const soa = [...zone.records.values()].find(({ Name, Type }) => Name === zone.zoneName && Type === 'SOA');
  return soa === undefined ? [] : toRecords(soa, soa.Name);
}
