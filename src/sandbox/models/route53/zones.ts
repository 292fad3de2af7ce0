import { applyBatch } from './change-batch.ts';
import type { RecordSets } from './change-batch.ts';
import { canonicalName } from './names.ts';
import { readChanges } from './read-input.ts';
import { recordKey } from './shapes.ts';
import type { Output, RecordSet } from './shapes.ts';
import { createZoneHistory } from './zone-history.ts';
import type { ZoneHistory } from './zone-history.ts';

export interface NameServerOptions {
  readonly name: string;
  /** How long after a change was accepted this server answers from it, ms. */
  readonly delayMs: number;
}

export interface ZoneOptions {
  readonly id: string;
  readonly name: string;
  /** The DelegationSet; the apex NS and SOA are made from it. */
  readonly nameServers: readonly NameServerOptions[];
  /** A private zone shows no DelegationSet and no DNS server answers for it. */
  readonly private?: boolean;
  /** Beside the apex NS and SOA. Checked as a batch of CREATEs would be. */
  readonly records?: readonly RecordSet[];
}

export interface Zone {
  readonly id: string;
  /** Canonical, with the trailing dot. */
  readonly name: string;
  readonly servers: readonly string[];
  readonly isPrivate: boolean;
  readonly history: ZoneHistory;
  /** Until then the service is still processing the zone's last change (ms, ModelTime). */
  busyUntil: number;
}

/** @throws Error for a zone whose name or seed records Route 53 would refuse. */
export function createZones(options: readonly ZoneOptions[]): ReadonlyMap<string, Zone> {
  const contents = new Map<string, RecordSets>();
  const zones = new Map<string, Zone>();
  for (const zone of options) {
    const name = canonicalName(zone.name);
    if (name === undefined || zone.nameServers.length === 0) {
      throw new Error(`zone ${zone.id}: '${zone.name}' needs a valid name and at least one name server`);
    }
    const records = seeded(zone, name, contents);
    contents.set(zone.id, records);
    const servers = zone.nameServers.map((server) => server.name);
    const history = createZoneHistory(records, servers);
    zones.set(zone.id, { id: zone.id, name, servers, isPrivate: zone.private ?? false, history, busyUntil: 0 });
  }
  return zones;
}

/** Zones may point by alias only to those listed before them. */
function seeded(zone: ZoneOptions, name: string, earlier: ReadonlyMap<string, RecordSets>): RecordSets {
  const records = apexRecords(name, zone.nameServers);
  if (zone.records === undefined || zone.records.length === 0) return records;
  const changes = readChanges({
    ChangeBatch: { Changes: zone.records.map((set) => ({ Action: 'CREATE', ResourceRecordSet: set })) },
  });
  if (!changes.ok) throw new Error(`zone ${zone.id}: ${changes.refusal.messages.join('; ')}`);
  const result = applyBatch({ id: zone.id, name, records, otherZone: (id) => earlier.get(id) }, changes.value);
  if (result.kind === 'refused') throw new Error(`zone ${zone.id}: ${result.messages.join('; ')}`);
  return result.records;
}

/** What Route 53 makes with a zone: NS for two days, SOA for 15 minutes, negative answers for a day. */
function apexRecords(name: string, servers: readonly NameServerOptions[]): RecordSets {
  const names = servers.map((server) => canonicalName(server.name) ?? server.name);
  const sets: readonly RecordSet[] = [
    { Name: name, Type: 'NS', TTL: 172_800, ResourceRecords: names.map((Value) => ({ Value })) },
    {
      Name: name,
      Type: 'SOA',
      TTL: 900,
      ResourceRecords: [{ Value: `${names[0] ?? name} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` }],
    },
  ];
  return new Map(sets.map((set) => [recordKey(set), set]));
}

/** GetHostedZone. */
export function describeZone(zone: Zone): Output {
  return {
    HostedZone: {
      Id: `/hostedzone/${zone.id}`,
      Name: zone.name,
      CallerReference: `sandbox-${zone.id}`,
      Config: { PrivateZone: zone.isPrivate },
      ResourceRecordSetCount: zone.history.current().size,
    },
    ...(zone.isPrivate
      ? { VPCs: [{ VPCRegion: 'us-east-1', VPCId: 'vpc-00000000' }] }
      : { DelegationSet: { NameServers: [...zone.servers] } }),
  };
}
