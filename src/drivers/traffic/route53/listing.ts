import type { Aws } from '../../../ports/aws.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { TrafficRef } from '../driver.ts';
import { plainName, sameName } from './names.ts';
import type { RecordSet } from './record-set.ts';
import { isFields, isRecordSet } from './record-set.ts';

/** The zone as one observation sees it. */
export interface Reader {
  readonly aws: Aws;
  readonly ref: TrafficRef;
  readonly signal: AbortSignal;
}

export interface Found {
  /** Every set at the record's own name. */
  readonly atName: readonly RecordSet[];
  /** The TXT sets at the ownership name: none or one. */
  readonly ownership: RecordSet | undefined;
}

/** The ownership TXT sorts soon after its name, so that one page nearly always holds both. */
const PAGE = 50;

/**
 * Record and ownership, from one page where possible: two requests can be torn by a write between them. Where they must
 * be two, the TXT is read first, for then the tear shows an old owner beside a moved record, whose claim merely loses.
 */
export async function readRecord(reader: Reader, ownershipName: string): Promise<Found> {
  const { recordName } = reader.ref.record;
  const page = await listPage(reader, { StartRecordName: plainName(recordName), MaxItems: PAGE });
  const whole = found(page.sets, recordName, ownershipName);
  if (whole.ownership !== undefined || !page.more || isPast(page.sets, recordName, ownershipName)) return whole;
  const ownership = await textAt(reader, ownershipName);
  const again = await listPage(reader, { StartRecordName: plainName(recordName), MaxItems: PAGE });
  return { ...found(again.sets, recordName, ownershipName), ownership };
}

/**
 * Zones are listed by their reversed labels (API reference, ListResourceRecordSets), so all that lies below a name follows
 * it without a gap: behind anything else no ownership can come any more. A wildcard's lies beside it, not below.
 */
function isPast(sets: readonly RecordSet[], recordName: string, ownershipName: string): boolean {
  return isWithin(ownershipName, recordName) && sets.some(({ Name }) => !isWithin(Name, recordName));
}

function isWithin(name: string, above: string): boolean {
  return sameName(name, above) || plainName(name).endsWith(`.${plainName(above)}`);
}

function found(sets: readonly RecordSet[], recordName: string, ownershipName: string): Found {
  return {
    atName: sets.filter(({ Name }) => sameName(Name, recordName)),
    ownership: sets.find(({ Name, Type }) => Type === 'TXT' && sameName(Name, ownershipName)),
  };
}

/** The TXT set at exactly this name. */
export async function textAt(reader: Reader, name: string): Promise<RecordSet | undefined> {
  const { sets } = await listPage(reader, { StartRecordName: name, StartRecordType: 'TXT', MaxItems: 1 });
  return sets.find((set) => set.Type === 'TXT' && sameName(set.Name, name));
}

/** The zone's authoritative servers; none for a private zone, which nobody outside can ask. */
export async function readNameServers({ aws, ref, signal }: Reader): Promise<readonly string[]> {
  const output = await aws.send(
    { service: 'route53', operation: 'GetHostedZone', input: { Id: ref.record.hostedZoneId }, region: ref.awsRegion },
    signal,
  );
  const zone = output['HostedZone'];
  const config = isFields(zone) ? zone['Config'] : undefined;
  if (isFields(config) && config['PrivateZone'] === true) return [];
  const delegation = output['DelegationSet'];
  const names: unknown = isFields(delegation) ? delegation['NameServers'] : undefined;
  if (!Array.isArray(names)) throw new PortError('Malformed', 'a hosted zone whose DelegationSet has no NameServers');
  return names.map((name) => plainName(String(name)));
}

/** One page of the zone, in its own order. */
export async function listPage(
  { aws, ref, signal }: Reader,
  query: Readonly<Record<string, unknown>>,
): Promise<{ readonly sets: readonly RecordSet[]; readonly more: boolean }> {
  const input = { HostedZoneId: ref.record.hostedZoneId, ...query };
  const request = { service: 'route53', operation: 'ListResourceRecordSets', input, region: ref.awsRegion } as const;
  const output = await aws.send(request, signal);
  const sets: unknown = output['ResourceRecordSets'];
  if (!Array.isArray(sets) || !sets.every(isRecordSet)) {
    throw new PortError('Malformed', 'Route 53 listed something that is no record set');
  }
  return { sets, more: output['IsTruncated'] === true };
}
