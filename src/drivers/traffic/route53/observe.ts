import { known, unknown, type Fact } from '../../../api/fact.ts';
import { unknownFromAws } from '../../../aws/error-meaning.ts';
import type { Aws } from '../../../ports/aws.ts';
import { instant, type Clock, type Instant } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import type { Dns } from '../../../ports/dns.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { TrafficAnswers, TrafficHeading, TrafficObserver, TrafficRef, TrafficState } from '../driver.ts';
import { askServer, type AskingOptions, type ServerAddress } from './answers.ts';
import type { Changes } from './changes.ts';
import { writeListed } from './listed.ts';
import { externalDnsClaim } from './external-dns.ts';
import { readNameServers, readRecord, type Reader } from './listing.ts';
import { plainName } from './names.ts';
import { ownershipName, readOwnership, unquoted } from './ownership.ts';
import { createPages, type Pages } from './pages.ts';
import { createRecall, type Recall } from './recall.ts';
import { readInSync } from './in-sync.ts';
import { pointsOf, setsOf, valuesOf } from './record-set.ts';

export interface Route53ObserverOptions {
  readonly aws: Aws;
  readonly dns: Dns;
  readonly clock: Clock;
  /** For one observation of the control plane, and for one name server, ms. */
  readonly callMs: number;
  /** Beside it, for turns within the account's request budget, ms; default none. */
  readonly turnMs?: number;
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
  readonly pages: Pages;
  /** The last address each name server's name resolved to: it serves when the system's resolver no longer does. */
  readonly pinned: Map<string, string>;
  /** What was listed last, by plan and record: a Run that begins during an outage has listed nothing itself. */
  readonly listed: Map<string, { readonly value: TrafficState; readonly at: Instant }>;
}

const CLAIM_RECALL_MS = 60_000;
/** A zone keeps its servers for life. */
const SERVERS_RECALL_MS = 3_600_000;

/** Simple A, AAAA and CNAME records: what the control plane lists, and what the zone's own servers answer. */
export function createRoute53Observer(options: Route53ObserverOptions): TrafficObserver {
  const parts: Parts = {
    options,
    nameServers: createRecall(options.clock),
    externalDns: createRecall(options.clock),
    pages: createPages(options.clock),
    pinned: new Map(),
    listed: new Map(),
  };
  return {
    observe: async (ref, signal) => await observe(parts, ref, signal),
    heading: async (ref, since, signal) => await heading(parts, ref, since, signal),
    answers: async (ref, nameServers, signal) => await answers(parts, ref, nameServers, signal),
  };
}

async function observe(parts: Parts, ref: TrafficRef, signal: AbortSignal): Promise<Fact<TrafficState>> {
  const { aws, clock, callMs, turnMs = 0 } = parts.options;
  const at = instant(clock);
  const { hostedZoneId, recordName, type } = ref.record;
  const key = [ref.identity, hostedZoneId, recordName, type].join(' ');
  try {
    const state = await withDeadline(clock, callMs + turnMs, signal, (call) => read(parts, { aws, ref, signal: call }));
    parts.listed.set(key, { value: state, at });
    return known(state, at, ref.generation);
  } catch (error) {
    const { why, detail } = unknownFromAws(error);
    const last = parts.listed.get(key);
    return { ...unknown<TrafficState>(why, detail, at), ...(last === undefined ? {} : { last }) };
  }
}

async function read(parts: Parts, reader: Reader): Promise<TrafficState> {
  const { record, regions, identity } = reader.ref;
  const name = ownershipName(record.recordName);
  const servers = parts.nameServers.get(record.hostedZoneId, SERVERS_RECALL_MS, () => readNameServers(reader));
  const claim = async (): Promise<string | undefined> => externalDnsClaim(askingOf(parts), reader, await servers);
  const claimMs = reader.ref.claimMs ?? CLAIM_RECALL_MS;
  const [nameServers, externalDns, found] = await Promise.all([
    servers,
    parts.externalDns.get(`${record.hostedZoneId} ${record.recordName}`, claimMs, claim),
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

async function heading(
  { options: { aws, clock, callMs, turnMs = 0 }, pages }: Parts,
  ref: TrafficRef,
  since: number,
  signal: AbortSignal,
): Promise<Fact<TrafficHeading>> {
  const began = instant(clock);
  const { record, regions } = ref;
  try {
    const read = (call: AbortSignal): ReturnType<Pages['atName']> => pages.atName({ aws, ref, signal: call }, since);
    const { sets, at } = await withDeadline(clock, callMs + turnMs, signal, read);
    const ttl = setsOf(record, sets)[0]?.TTL;
    const points = pointsOf(record, regions, sets);
    return known({ points, ...(ttl === undefined ? {} : { liveTtl: ttl }) }, at, ref.generation);
  } catch (error) {
    const { why, detail } = unknownFromAws(error);
    return unknown(why, detail, began);
  }
}

async function answers(
  parts: Parts,
  ref: TrafficRef,
  given: readonly string[],
  signal: AbortSignal,
): Promise<Fact<TrafficAnswers>> {
  const at = instant(parts.options.clock);
  let nameServers: readonly string[];
  try {
    nameServers = given.length > 0 ? given : await serversOf(parts, ref, signal);
  } catch (error) {
    const { why, detail } = unknownFromAws(error);
    return unknown(why, detail, at);
  }
  const servers = await Promise.all(nameServers.map((name) => askServer(askingOf(parts), ref, name, signal)));
  const inSync = await readInSync(parts.options, { ref, servers }, signal);
  return known({ servers, ...inSync }, at, ref.generation);
}

function askingOf(parts: Parts): AskingOptions {
  const { dns, clock, callMs } = parts.options;
  return { dns, clock, callMs, locate: (name, call) => locate(parts, name, call) };
}

/** A Run that begins during an outage of the control plane has read nothing itself: what was read for its plan serves. */
async function serversOf(
  { options: { aws, clock, callMs, turnMs = 0 }, nameServers }: Parts,
  ref: TrafficRef,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { hostedZoneId } = ref.record;
  const read = (call: AbortSignal): Promise<readonly string[]> =>
    nameServers.get(hostedZoneId, SERVERS_RECALL_MS, () => readNameServers({ aws, ref, signal: call }));
  return nameServers.last(hostedZoneId) ?? (await withDeadline(clock, callMs + turnMs, signal, read));
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
