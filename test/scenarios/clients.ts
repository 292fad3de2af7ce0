import type { ModelTime } from '../../src/sandbox/models/time.ts';
import type { DnsServerModel } from '../../src/sandbox/models/dns-server.ts';
import { recordName, regionNames, serverName, type RegionName } from './names.ts';
import type { World } from './world.ts';

/** One attempt at an order, as the client saw it: the witness that no operator can talk to. */
export interface Attempt {
  readonly at: number;
  readonly id: string;
  readonly region?: RegionName;
  readonly acknowledged: boolean;
  readonly why?: string;
}

export interface Clients {
  readonly log: readonly Attempt[];
  start(): void;
  stop(): void;
  /** A client that never asks the DNS: it stays with one region whatever happens. */
  pin(region: RegionName): void;
  acknowledged(): readonly Attempt[];
  /** The longest time without an acknowledged order, ms, between the first and the last. */
  longestOutageMs(): number;
  /** Acknowledged, and in none of the given rows. */
  lost(rows: readonly string[]): readonly Attempt[];
}

export interface ClientsOptions {
  readonly time: ModelTime;
  readonly everyMs: number;
  readonly region: () => World;
}

/** Clients resolve the shop's name at its own servers, honour the TTL, and order from wherever it leads. */
export function createClients({ time, everyMs, region: worldOf }: ClientsOptions): Clients {
  const log: Attempt[] = [];
  let cancel: (() => void) | undefined;
  let pinned: RegionName | undefined;
  let cached: { readonly region: RegionName; readonly until: number } | undefined;
  let count = 0;

  const attempt = (prefix: string, to: RegionName | undefined): void => {
    const at = time.now();
    count += 1;
    const id = `${prefix}-${String(count)}`;
    if (to === undefined) {
      log.push({ at, id, acknowledged: false, why: 'the name does not resolve' });
      return;
    }
    const answer = order(worldOf(), to, id);
    log.push({
      at,
      id,
      region: to,
      acknowledged: answer === undefined,
      ...(answer === undefined ? {} : { why: answer }),
    });
  };
  const turn = (): void => {
    const world = worldOf();
    if (cached === undefined || cached.until <= time.now()) cached = resolve(world.dnsServers, time.now()) ?? cached;
    attempt('c', cached?.region);
    if (pinned !== undefined) attempt('p', pinned);
    cancel = time.after(everyMs, turn);
  };
  return {
    log,
    start() {
      cancel ??= time.after(everyMs, turn);
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
    pin(region) {
      pinned = region;
    },
    acknowledged: () => log.filter((entry) => entry.acknowledged),
    longestOutageMs() {
      const times = log.filter((entry) => entry.acknowledged && entry.id.startsWith('c')).map((entry) => entry.at);
      return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)));
    },
    lost: (rows) => log.filter((entry) => entry.acknowledged && !rows.includes(entry.id)),
  };
}

function resolve(
  servers: readonly DnsServerModel[],
  now: number,
): { readonly region: RegionName; readonly until: number } | undefined {
  for (const server of servers) {
    const answer = server
      .answer({ name: recordName, type: 'CNAME' })
      ?.answers.find((record) => record.type === 'CNAME');
    const region = regionNames.find((name) => answer?.value.includes(name));
    if (answer !== undefined && region !== undefined) return { region, until: now + answer.ttl * 1000 };
  }
  return undefined;
}

/** Undefined: it was taken. An order needs a ready shop and a commit in the region's first database. */
export function order(world: World, region: RegionName, id: string): string | undefined {
  if (world.reach[region] !== 'up') return 'no connection';
  if (readyReplicas(world, region, 'api') === 0) return '503 no pod is ready';
  const [database] = world.seed.databases;
  if (database === undefined) return undefined;
  const { acknowledged, refusal } = world.postgresql[database]?.write(serverName(database, region), 'shop', id) ?? {
    acknowledged: false,
  };
  return acknowledged ? undefined : `500 ${refusal ?? 'no answer'}`;
}

export function readyReplicas(world: World, region: RegionName, name: string): number {
  const object = world.clusters[region].hooks.read('apps/deployments', 'payments', name);
  const status = object?.status;
  const ready = typeof status === 'object' && status !== null && 'readyReplicas' in status ? status.readyReplicas : 0;
  return typeof ready === 'number' ? ready : 0;
}
