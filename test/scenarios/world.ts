import {
  createCrdCompiler,
  createDelayRuntime,
  createKubeApi,
  type AuditEntry,
  type Authorize,
  type CompiledCrd,
  type CrdCompiler,
  type KubeApi,
  type PodExit,
  type RunnablePod,
} from '../../src/sandbox/models/kube-api/index.ts';
import {
  ALL_RIGHTS,
  catalogueOf,
  createPostgresqlModel,
  type PostgresqlModel,
} from '../../src/sandbox/models/postgresql/index.ts';
import { createDnsServer, type DnsServerModel } from '../../src/sandbox/models/dns-server.ts';
import {
  createRoute53,
  type AuditEntry as ChangeEntry,
  type Route53Model,
} from '../../src/sandbox/models/route53/index.ts';
import type { ModelTime } from '../../src/sandbox/models/time.ts';
import { createClients, type Clients } from './clients.ts';
import {
  east,
  west,
  regionNames,
  operatorToken,
  personToken,
  host,
  serverName,
  nameServers,
  zoneId,
  recordName,
  type RegionName,
} from './names.ts';
import { seedObjects, type Seed } from './objects.ts';
import { createReceivers, type Receivers } from './receivers.ts';

/** How an endpoint behaves towards whoever calls it. */
export type Reach = 'up' | 'refused' | 'silent';

/** How long the world makes one wait, ms; what is absent is quick. */
export interface Waits {
  /** From a pod's start to its readiness. */
  readonly podReadyMs?: number;
  /** From asking a pod to go until it is gone. */
  readonly podStopMs?: number;
  /** From asking for a promotion to its end. */
  readonly promoteMs?: number;
  /** From a change of the zone to the answer of each authoritative server. */
  readonly nameServersMs?: readonly [number, number];
  /** From a change of the zone to INSYNC. */
  readonly insyncMs?: number;
}

export interface WorldOptions extends Seed {
  readonly time: ModelTime;
  /** Compiled once and shared by all histories. */
  readonly crds: readonly CompiledCrd[];
  readonly compile?: CrdCompiler;
  readonly clientEveryMs?: number;
  /** What each cluster allows the operator and those it acts as; default everything. */
  readonly authorize?: (cluster: string) => Authorize;
  readonly waits?: Waits;
}

/** Two regions and what lies between them, as the models know it: what every scenario starts from. */
export interface World {
  readonly time: ModelTime;
  readonly management: KubeApi;
  readonly clusters: Readonly<Record<RegionName, KubeApi>>;
  readonly postgresql: Readonly<Record<string, PostgresqlModel>>;
  readonly route53: Route53Model;
  readonly dnsServers: readonly DnsServerModel[];
  readonly clients: Clients;
  readonly receivers: Receivers;
  /** What the API servers saw, all three. */
  readonly audit: readonly AuditEntry[];
  readonly changes: readonly ChangeEntry[];
  /** Of the region's API server and edge. The databases' is the model's own. */
  readonly reach: Record<RegionName, Reach>;
  /**
   * A dependency or smoke endpoint that is made red by a scenario; `rebuild`: the Job of that name fails; `words`: it
   * cannot say how it ended.
   */
  readonly red: Set<string>;
  /** Everything of a region dies at once; its data stay. */
  destroy(region: RegionName): void;
  restore(region: RegionName): void;
  /** The management cluster as `management.snapshot()` once found it: etcd restored from a backup. */
  recoverManagement(snapshot: string): void;
  readonly seed: Seed;
}

const roles = (applicationRoles: readonly string[]) =>
  catalogueOf({
    postgres: { superuser: true, password: 'super' },
    replicator: { replication: true, password: 'replicator' },
    maestro: {
      createrole: true,
      password: 'operator-password',
      rights: ALL_RIGHTS,
      memberOf: Object.fromEntries(applicationRoles.map((role) => [role, true])),
    },
    ...Object.fromEntries(applicationRoles.map((role) => [role, { password: `${role}-password`, writes: true }])),
  });

export function createWorld(options: WorldOptions): World {
  const { time, crds, waits = {} } = options;
  const { podReadyMs, podStopMs, promoteMs, nameServersMs = [400, 700], insyncMs = 3_000 } = waits;
  const compile = options.compile ?? createCrdCompiler();
  const audit: AuditEntry[] = [];
  const changes: ChangeEntry[] = [];
  const red = new Set<string>();
  const postgresql = Object.fromEntries(
    options.databases.map((name) => [
      name,
      createPostgresqlModel({
        time,
        name,
        catalogue: roles(['shop']),
        ...(promoteMs === undefined ? {} : { pace: { promoteMs } }),
        servers: regionNames.map((region) => ({
          name: serverName(name, region),
          host: host(serverName(name, region)),
        })),
      }),
    ]),
  );
  const cluster = (name: string, restore?: string): KubeApi =>
    createKubeApi({
      name,
      time,
      ...(restore === undefined ? {} : { restore }),
      clusterUid: `uid-of-${name}`,
      crds: name === 'management' ? crds : [],
      compile,
      pods: createDelayRuntime({
        time,
        exit: (pod) => {
          const { code, message } = red.has('rebuild') ? { code: 1 } : rebuild(postgresql, pod);
          return message === undefined || red.has('words') ? { code } : { code, message };
        },
        ...(options.jobMs === undefined ? {} : { jobMs: options.jobMs }),
        ...(podReadyMs === undefined ? {} : { readyDelayMs: podReadyMs }),
        ...(podStopMs === undefined ? {} : { stopDelayMs: podStopMs }),
      }),
      audit: (entry) => audit.push(entry),
      tokens: { [operatorToken]: 'system:serviceaccount:maestro-dr-system:maestro-dr', [personToken]: 'ana' },
      ...authorized(options.authorize?.(name)),
    });
  const recoverable = recoverableCluster((snapshot) => cluster('management', snapshot));
  const { management } = recoverable;
  const clusters = { [east]: cluster(east), [west]: cluster(west) };
  const route53 = createRoute53({
    time,
    insyncDelayMs: insyncMs,
    zones: [
      {
        id: zoneId,
        name: 'example.com',
        nameServers: nameServers.map((name, index) => ({ name, delayMs: nameServersMs[index] ?? 0 })),
        records: [
          {
            Name: recordName,
            Type: 'CNAME',
            TTL: options.liveTtl ?? options.ttl,
            ResourceRecords: [{ Value: `lb.${east}.example.net` }],
          },
        ],
      },
    ],
    audit: (entry) => changes.push(entry),
  });
  const dnsServers = nameServers.map((name) => createDnsServer(route53, name));
  const reach: Record<RegionName, Reach> = { [east]: 'up', [west]: 'up' };
  const world: World = {
    time,
    management,
    clusters,
    postgresql,
    route53,
    dnsServers,
    audit,
    changes,
    reach,
    red,
    seed: options,
    receivers: createReceivers(time),
    clients: createClients({ time, everyMs: options.clientEveryMs ?? 500, region: () => world }),
    destroy(region) {
      reach[region] = 'refused';
      for (const [name, model] of Object.entries(postgresql)) model.kill(serverName(name, region));
    },
    restore(region) {
      reach[region] = 'up';
      for (const [name, model] of Object.entries(postgresql)) model.start(serverName(name, region));
    },
    recoverManagement: (snapshot) => {
      recoverable.recover(snapshot);
    },
  };
  seedObjects(world, options);
  return world;
}

/** Ana sets the stage: she may do everything. */
function authorized(authorize: Authorize | undefined): { readonly authorize?: Authorize } {
  if (authorize === undefined) return {};
  return { authorize: (asked) => (asked.user === 'ana' ? undefined : authorize(asked)) };
}

/** One address, behind which the cluster may be put back to an earlier state of itself. */
function recoverableCluster(make: (snapshot?: string) => KubeApi): {
  readonly management: KubeApi;
  recover(snapshot: string): void;
} {
  let api = make();
  return {
    management: {
      name: api.name,
      handle: (request) => api.handle(request),
      snapshot: () => api.snapshot(),
      destroy: () => {
        api.destroy();
      },
      get hooks() {
        return api.hooks;
      },
    },
    recover(snapshot) {
      api.destroy();
      api = make(snapshot);
    },
  };
}

/**
 * What the rebuild Job of a plan does: this server becomes a standby of the other region's, and what it held is moved
 * aside and named, unless the Job is told that it need not be.
 */
function rebuild(models: Readonly<Record<string, PostgresqlModel>>, pod: RunnablePod): PodExit {
  const [container] = pod.containers;
  const database = container?.env.MAESTRO_DATABASE;
  // Not the operator's Job: a CronJob's.
  if (database === undefined) return { code: 0 };
  const model = models[database];
  const here = regionNames.find((region) => region === pod.cluster);
  if (model === undefined || here === undefined) return { code: 1 };
  const there = here === east ? west : east;
  if (model.role(serverName(database, there)) !== 'Primary') return { code: 1 };
  const message = 'the standby has started';
  const [server, primary] = [serverName(database, here), serverName(database, there)];
  if (container?.env.MAESTRO_DISCARD_DIVERGED === 'true') {
    model.rebuildFrom(server, primary);
    return { code: 0, message: JSON.stringify({ message }) };
  }
  const preservedAt = `/data/${server}.diverged-${container?.env.MAESTRO_RUN ?? ''}`;
  model.rebuildFrom(server, primary, { keepAt: preservedAt });
  return { code: 0, message: JSON.stringify({ message, preservedAt }) };
}
