import { known, unknown, type Fact } from '../../../api/fact.ts';
import { unknownFromAws } from '../../../aws/error-meaning.ts';
import type { Aws } from '../../../ports/aws.ts';
import { AwsError } from '../../../ports/aws.ts';
import { instant, type Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import type { Dns } from '../../../ports/dns.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { TrafficAnswers, TrafficObserver, TrafficRef, TrafficState } from '../driver.ts';
import { askServer, type ServerAddress } from './answers.ts';
import type { Changes } from './changes.ts';
import { writeListed } from './listed.ts';
import { externalDnsClaim, readNameServers, readRecord, type Reader } from './listing.ts';
import { plainName } from './names.ts';
import { ownershipName, readOwnership, unquoted } from './ownership.ts';
import { createRecall, type Recall } from './recall.ts';
import { isFields, pointsOf, setsOf, valuesOf } from './record-set.ts';

export interface Route53ObserverOptions {
  readonly aws: Aws;
  readonly dns: Dns;
  readonly clock: Clock;
  /** For one observation of the control plane, and for one name server, ms. */
  readonly callMs: number;
  /** Where name servers are asked instead of where their names resolve to (the sandbox has no port 53). */
  readonly servers?: Readonly<Record<string, ServerAddress>>;
  /** Default 53. */
  readonly dnsPort?: number;
  /** Shared with the actuator: what `inSync` is known by. */
  readonly changes?: Changes;
}

interface Parts {
  readonly options: Route53ObserverOptions;
  readonly nameServers: Recall<readonly string[]>;
  readonly externalDns: Recall<string | undefined>;
  /** The last address each name server's name resolved to: it serves when the system's resolver no longer does. */
  readonly pinned: Map<string, string>;
}

const RECALL_MS = 60_000;
/** GetChange is asked at most this often. */
const IN_SYNC_MS = 2_000;

/** Simple A, AAAA and CNAME records: what the control plane lists, and what the zone's own servers answer. */
export function createRoute53Observer(options: Route53ObserverOptions): TrafficObserver {
  const parts: Parts = {
    options,
    nameServers: createRecall(options.clock, RECALL_MS),
    externalDns: createRecall(options.clock, RECALL_MS),
    pinned: new Map(),
  };
  return {
    observe: async (ref, signal) => await observe(parts, ref, signal),
    answers: async (ref, nameServers, signal) => await answers(parts, ref, nameServers, signal),
  };
}

async function observe(parts: Parts, ref: TrafficRef, signal: AbortSignal): Promise<Fact<TrafficState>> {
  const { aws, clock, callMs } = parts.options;
  const at = instant(clock);
  try {
    const state = await withDeadline(clock, callMs, signal, (call) => read(parts, { aws, ref, signal: call }));
    return known(state, at, ref.generation);
  } catch (error) {
    const { why, detail } = unknownFromAws(error);
    return unknown(why, detail, at);
  }
}

async function read(parts: Parts, reader: Reader): Promise<TrafficState> {
  const { record, regions, identity } = reader.ref;
  const name = ownershipName(record.recordName);
  const [nameServers, externalDns, found] = await Promise.all([
    parts.nameServers.get(record.hostedZoneId, () => readNameServers(reader)),
    parts.externalDns.get(`${record.hostedZoneId} ${record.recordName}`, () => externalDnsClaim(reader)),
    readRecord(reader, name ?? record.recordName),
  ]);
  const [set] = setsOf(record, found.atName);
  const texts = found.ownership === undefined ? [] : valuesOf(found.ownership).map(unquoted);
  const conflict = name === undefined ? `the name is too long for an ownership record beside it` : externalDns;
  return {
    ownership: conflict === undefined ? readOwnership(identity, texts) : { kind: 'Conflict', detail: conflict },
    points: pointsOf(record, regions, found.atName),
    ...(set?.TTL === undefined ? {} : { liveTtl: set.TTL }),
    nameServers,
    listed: writeListed({ record: set ?? null, ownership: found.ownership ?? null }),
  };
}

async function answers(
  parts: Parts,
  ref: TrafficRef,
  given: readonly string[],
  signal: AbortSignal,
): Promise<Fact<TrafficAnswers>> {
  const { dns, clock, callMs } = parts.options;
  const at = instant(clock);
  // A Run that begins during an outage of the control plane has read nothing itself: what was read for its plan serves.
  const nameServers = given.length > 0 ? given : (parts.nameServers.last(ref.record.hostedZoneId) ?? []);
  if (nameServers.length === 0) {
    return unknown('NotAsked', 'the zone has no public name servers, or they have not been read yet', at);
  }
  const asking = { dns, clock, callMs, locate: (name: string, call: AbortSignal) => locate(parts, name, call) };
  const [servers, inSync] = await Promise.all([
    Promise.all(nameServers.map((name) => askServer(asking, ref, name, signal))),
    readInSync(parts.options, ref, signal),
  ]);
  return known({ servers, ...(inSync === undefined ? {} : { inSync }) }, at, ref.generation);
}

async function locate(parts: Parts, name: string, signal: AbortSignal): Promise<ServerAddress> {
  const { servers, dns, dnsPort = 53 } = parts.options;
  const key = plainName(name);
  const given = servers?.[key];
  if (given !== undefined) return given;
  try {
    const addresses = await dns.resolve(key, signal);
    // Not every host has a route for IPv6; every one of Route 53's servers has both.
    const address = addresses.find((one) => !one.includes(':')) ?? addresses[0];
    if (address === undefined) throw new PortError('Unreachable', `${key} has no address`);
    parts.pinned.set(key, address);
    return { address, port: dnsPort };
  } catch (error) {
    const pinned = parts.pinned.get(key);
    if (pinned === undefined || !(error instanceof PortError)) throw error;
    return { address: pinned, port: dnsPort };
  }
}

/** Absent where no change is known of, or the control plane cannot say. */
async function readInSync(
  { aws, clock, callMs, changes }: Route53ObserverOptions,
  ref: TrafficRef,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const change = changes?.last(ref);
  if (change === undefined || change.inSync) return change?.inSync;
  const now = clock.monotonic();
  if (change.askedAt !== undefined && now - change.askedAt < IN_SYNC_MS) return false;
  change.askedAt = now;
  try {
    const request = {
      service: 'route53',
      operation: 'GetChange',
      input: { Id: change.id },
      region: ref.awsRegion,
    } as const;
    const output = await withDeadline(clock, callMs, signal, (call) => aws.send(request, call));
    const info = output['ChangeInfo'];
    change.inSync = isFields(info) && info['Status'] === 'INSYNC';
    return change.inSync;
  } catch (error) {
    if (error instanceof AwsError || error instanceof PortError) return undefined;
    throw error;
  }
}
