import { createRoute53Actuator } from '../../src/drivers/traffic/route53/act.ts';
import { createChanges } from '../../src/drivers/traffic/route53/changes.ts';
import { createRoute53Observer } from '../../src/drivers/traffic/route53/observe.ts';
import type { Route53ObserverOptions } from '../../src/drivers/traffic/route53/observe.ts';
import { identityHash } from '../../src/api/identity.ts';
import type { TrafficActuator, TrafficObserver, TrafficRef } from '../../src/drivers/traffic/driver.ts';
import type { EffectToken } from '../../src/drivers/outcome.ts';
import type { Route53Record } from '../../src/api/plan.ts';
import type { Aws } from '../../src/ports/aws.ts';
import type { Dns } from '../../src/ports/dns.ts';
import { createClock } from '../../src/system/clock.ts';
import { createDnsServer } from '../../src/sandbox/models/dns-server.ts';
import type { DnsServerModel } from '../../src/sandbox/models/dns-server.ts';
import { createRoute53 } from '../../src/sandbox/models/route53/index.ts';
import type { AuditEntry, RecordSet, Route53Model, Route53Options } from '../../src/sandbox/models/route53/index.ts';
import { FAR, INSYNC_MS, manualTime, NEAR, txt, ZONE } from './route53-world.ts';
import type { ManualTime } from './route53-world.ts';

export const REGIONS = ['us-east-1', 'us-west-2'] as const;
export const [EAST_REGION, WEST_REGION] = REGIONS;
export const IDENTITY = 'payments/checkout';
export const NAME = 'checkout.example.com';

export interface Ways {
  readonly aws: Aws;
  readonly dns: Dns;
  /** Where each name server listens. */
  readonly servers: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
  close(): Promise<void>;
}

/** How the driver reaches Route 53 and its name servers. */
export interface TrafficSubject {
  readonly name: string;
  readonly against: 'model' | 'wire';
  open(model: Route53Model, servers: readonly DnsServerModel[], requestTimeoutMs: number): Promise<Ways>;
}

export interface TrafficWorld extends Ways {
  readonly time: ManualTime;
  readonly model: Route53Model;
  readonly audit: readonly AuditEntry[];
  readonly nameServers: readonly DnsServerModel[];
  readonly observer: TrafficObserver;
  readonly actuator: TrafficActuator;
  /** Another operator: it remembers nothing of this one's. */
  observerWith(options: Partial<Route53ObserverOptions>): TrafficObserver;
}

/** Generous: a busy machine must not fail a test that is not about time. */
const CALL_MS = 30_000;

export async function trafficWorld(
  subject: TrafficSubject,
  records: readonly RecordSet[],
  options: Partial<Route53Options> = {},
  requestTimeoutMs = CALL_MS,
): Promise<TrafficWorld> {
  const time = manualTime();
  const audit: AuditEntry[] = [];
  const nameServers = [
    { name: NEAR, delayMs: 1000 },
    { name: FAR, delayMs: 20_000 },
  ];
  const zones = [{ id: ZONE, name: 'example.com', nameServers, records }];
  const model = createRoute53({
    time,
    insyncDelayMs: INSYNC_MS,
    audit: (entry) => audit.push(entry),
    zones,
    ...options,
  });
  const servers = nameServers.map(({ name }) => createDnsServer(model, name));
  const ways = await subject.open(model, servers, requestTimeoutMs);
  const clock = createClock();
  const changes = createChanges();
  const base = { aws: ways.aws, dns: ways.dns, clock, callMs: CALL_MS, servers: ways.servers, changes };
  return {
    ...ways,
    time,
    model,
    audit,
    nameServers: servers,
    observer: createRoute53Observer(base),
    actuator: createRoute53Actuator(base),
    observerWith: (more) => createRoute53Observer({ ...base, ...more }),
  };
}

export const RECORD: Route53Record = {
  kind: 'route53',
  name: 'public',
  hostedZoneId: ZONE,
  recordName: NAME,
  type: 'CNAME',
  ttl: 30,
  values: { [EAST_REGION]: ['lb-use1.example.net'], [WEST_REGION]: ['lb-usw2.example.net'] },
};

export function refOf(record: Partial<Route53Record> = {}, identity = IDENTITY): TrafficRef {
  return { identity, generation: 7, record: { ...RECORD, ...record }, regions: REGIONS, awsRegion: WEST_REGION };
}

export function tokenOf(epoch: number, runUid = `run-${String(epoch)}`, identity = IDENTITY): EffectToken {
  return { identity, epoch, runUid, token: `checkout-${String(epoch)}/shift/public/1` };
}

/** The ownership TXT as a run of that epoch writes it. */
export function owner(epoch: number, region: string, runUid = `run-${String(epoch)}`, identity = IDENTITY): RecordSet {
  return txt(`_maestro-dr.${NAME}.`, ownerText(epoch, region, runUid, identity));
}

export function ownerText(epoch: number, region: string, runUid = `run-${String(epoch)}`, identity = IDENTITY): string {
  return `heritage=maestro-dr,v=1,id=${identityHash(identity)},epoch=${String(epoch)},region=${region},run=${runUid}`;
}
