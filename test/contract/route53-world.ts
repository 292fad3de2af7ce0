import { createRoute53 } from '../../src/sandbox/models/route53/index.ts';
import type {
  AuditEntry,
  Change,
  RecordSet,
  Route53Model,
  Route53Options,
} from '../../src/sandbox/models/route53/index.ts';
import type { ModelTime } from '../../src/sandbox/models/time.ts';

/** Time that moves only when a test says so. */
export interface ManualTime extends ModelTime {
  advance(ms: number): void;
}

export function manualTime(start = Date.UTC(2026, 10, 24)): ManualTime {
  let now = start;
  let tasks: readonly { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after(ms, run) {
      const task = { at: now + ms, run };
      tasks = [...tasks, task];
      return () => {
        tasks = tasks.filter((other) => other !== task);
      };
    },
    advance(ms) {
      now += ms;
      const due = tasks.filter(({ at }) => at <= now);
      tasks = tasks.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
  };
}

export const ZONE = 'Z0SHOP';
export const LB_ZONE = 'Z0LB';
export const NEAR = 'ns-1.near.example';
export const FAR = 'ns-2.far.example';
export const INSYNC_MS = 30_000;

export function cname(name: string, target: string, ttl = 30): RecordSet {
  return { Name: name, Type: 'CNAME', TTL: ttl, ResourceRecords: [{ Value: target }] };
}

export function a(name: string, ...addresses: readonly string[]): RecordSet {
  return { Name: name, Type: 'A', TTL: 30, ResourceRecords: addresses.map((Value) => ({ Value })) };
}

export function txt(name: string, text: string): RecordSet {
  return { Name: name, Type: 'TXT', TTL: 30, ResourceRecords: [{ Value: `"${text}"` }] };
}

export function weighted(name: string, id: string, weight: number, target: string, ttl = 30): RecordSet {
  return { ...cname(name, target, ttl), SetIdentifier: id, Weight: weight };
}

export const create = (set: RecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet: set });
export const remove = (set: RecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: set });
export const upsert = (set: RecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet: set });

export const EAST = cname('checkout.example.com.', 'lb-use1.example.com');
export const WEST = cname('checkout.example.com.', 'lb-usw2.example.com');
export const OLD_OWNER = txt(
  '_maestro-dr.checkout.example.com.',
  'heritage=maestro-dr,v=1,id=x,epoch=1,region=us-east-1',
);
export const NEW_OWNER = txt(
  '_maestro-dr.checkout.example.com.',
  'heritage=maestro-dr,v=1,id=x,epoch=2,region=us-west-2',
);
/** What a shift is: all DELETEs, then all CREATEs, record and owner. */
export const SHIFT: readonly Change[] = [remove(EAST), remove(OLD_OWNER), create(WEST), create(NEW_OWNER)];

export interface World {
  readonly time: ManualTime;
  readonly model: Route53Model;
  readonly audit: readonly AuditEntry[];
}

/** The zone of a shop that is in the east, beside the zone of its load balancers. */
export function shopWorld(options: Partial<Route53Options> = {}): World {
  const time = manualTime();
  const audit: AuditEntry[] = [];
  const servers = [
    { name: NEAR, delayMs: 1000 },
    { name: FAR, delayMs: 20_000 },
  ];
  const model = createRoute53({
    time,
    insyncDelayMs: INSYNC_MS,
    audit: (entry) => audit.push(entry),
    zones: [
      { id: LB_ZONE, name: 'elb.example', nameServers: servers, records: [a('lb-use1.elb.example', '192.0.2.1')] },
      {
        id: ZONE,
        name: 'example.com',
        nameServers: servers,
        records: [EAST, OLD_OWNER, a('lb-use1.example.com', '192.0.2.1'), a('lb-usw2.example.com', '192.0.2.2')],
      },
    ],
    ...options,
  });
  return { time, model, audit };
}
