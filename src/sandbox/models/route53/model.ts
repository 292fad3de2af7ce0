import type { ModelTime } from '../time.ts';
import { auditEntry } from './audit.ts';
import type { AuditEntry } from './audit.ts';
import type { RecordSets } from './change-batch.ts';
import { deliver } from './delivery.ts';
import type { Delivery, Perform } from './delivery.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { createOperations } from './operations.ts';
import type { Call, Checked, Output, Refusal, Reply } from './shapes.ts';
import { createZones } from './zones.ts';
import type { Zone, ZoneOptions } from './zones.ts';

export interface Route53Options {
  readonly time: ModelTime;
  readonly zones: readonly ZoneOptions[];
  /** How long a change stays PENDING, ms. */
  readonly insyncDelayMs: number;
  /** How long after an accepted change its zone answers PriorRequestNotComplete, ms; default 0. */
  readonly busyMs?: number;
  /** Which of its two shapes an InvalidChangeBatch takes; default `typed`. */
  readonly batchErrorShape?: Refusal['shape'];
  readonly audit?: (entry: AuditEntry) => void;
}

/** A zone as one DNS server knows it now. */
export interface ZoneView {
  readonly zoneId: string;
  /** Canonical, with the trailing dot. */
  readonly zoneName: string;
  readonly records: RecordSets;
}

/** Amazon Route 53 as a deterministic state machine over ModelTime; no sockets. */
export interface Route53Model {
  /** The service without faults: the effect, then the answer. */
  perform(call: Call): Reply;
  /** The service as callers meet it, faults and outage included. */
  deliver(call: Call): Delivery;
  /** undefined where the server does not hold the zone, or the zone is private. */
  zoneView(server: string, zoneId: string): ZoneView | undefined;
  /** Every zone the server holds. */
  zoneViews(server: string): readonly ZoneView[];
  /** The zone as the control plane holds it, which its servers may not know yet. */
  currentZone(zoneId: string): ZoneView | undefined;
  /** From now on, ms; changes already accepted keep their time. */
  setServerDelay(server: string, delayMs: number): void;
  setBatchErrorShape(shape: Refusal['shape']): void;
  readonly faults: Faults;
}

/** @throws Error for a zone whose name or seed records Route 53 would refuse. */
export function createRoute53(options: Route53Options): Route53Model {
  const { time } = options;
  const zones = createZones(options.zones);
  const delays = new Map(
    options.zones.flatMap(({ nameServers }) => nameServers.map((s) => [s.name, s.delayMs] as const)),
  );
  const faults = createFaults();
  let shape = options.batchErrorShape ?? 'typed';
  const operations = createOperations({
    time,
    zones,
    insyncDelayMs: options.insyncDelayMs,
    busyMs: options.busyMs ?? 0,
    serverDelay: (server) => delays.get(server) ?? 0,
    batchErrorShape: () => shape,
  });
  const perform: Perform = (call, delivery, instead) => {
    const result: Checked<Output> = instead === undefined ? operations.perform(call) : { ok: false, refusal: instead };
    if (options.audit !== undefined) options.audit(auditEntry(time.now(), call, result, delivery));
    return result.ok ? { kind: 'output', output: result.value } : { kind: 'refused', refusal: result.refusal };
  };
  const view = (server: string, zone: Zone): ZoneView | undefined => {
    const records = zone.isPrivate ? undefined : zone.history.seenBy(server, time.now());
    return records === undefined ? undefined : { zoneId: zone.id, zoneName: zone.name, records };
  };
  return {
    perform: (call) => perform(call, 'direct'),
    deliver: (call) => deliver(time, faults, perform, call),
    zoneView(server, zoneId) {
      const zone = zones.get(zoneId);
      return zone === undefined ? undefined : view(server, zone);
    },
    currentZone(zoneId) {
      const zone = zones.get(zoneId);
      return zone === undefined ? undefined : { zoneId, zoneName: zone.name, records: zone.history.current() };
    },
    zoneViews: (server) => [...zones.values()].map((zone) => view(server, zone)).filter((seen) => seen !== undefined),
    setServerDelay: (server, delayMs) => void delays.set(server, delayMs),
    setBatchErrorShape(next) {
      shape = next;
    },
    faults,
  };
}
