import { createPerformer } from './act/perform.ts';
import { countAws } from './aws/counted-aws.ts';
import type { Config } from './config.ts';
import { withoutLedgers } from './controller/kept.ts';
import { createClusters, type ClusterEntry, type Clusters } from './controller/clusters.ts';
import { awsRegionOf } from './controller/known-regions.ts';
import { runControllers } from './controller/run-controllers.ts';
import { haltName } from './controller/halt.ts';
import { createIdentities } from './controller/identities.ts';
import { configMaps, planResource, regionResource, runResource } from './controller/resources.ts';
import { createRunSlots, movingNow } from './controller/run-slots.ts';
import type { Runtime } from './controller/runtime.ts';
import { isReady, metricsText } from './controller/measured.ts';
import { createNotices } from './controller/notify/create.ts';
import { recallNotices } from './controller/notify/loop.ts';
import { createParsedObjects } from './controller/parsed.ts';
import { createRunbookKeeper } from './controller/runbook-keeper.ts';
import { createSecrets } from './controller/secrets.ts';
import { createSampleKeeper } from './controller/sample-keeper.ts';
import { wakeAll } from './controller/wake.ts';
import { createDrivers, workloadObject, type Drivers } from './drivers/index.ts';
import type { Clusters as DriverClusters } from './drivers/workloads/clusters.ts';
import { createKubeClient, type KubeClient } from './kube/client.ts';
import { createEventRecorder } from './kube/events.ts';
import { createLease, type Lease } from './kube/lease.ts';
import { createLimiter } from './kube/limiter.ts';
import type { KubeObject, ResourceType } from './kube/object.ts';
import { createQueue, type WorkQueue } from './kube/queue.ts';
import { createReflector, type Reflector } from './kube/reflector.ts';
import { createBound, inLine } from './observe/bounded.ts';
import { createRegionObserver, shareRegionLooks } from './observe/region.ts';
import { createSamples } from './observe/samples.ts';
import { watchedWorkloads } from './observe/watched-workloads.ts';
import type { Ports } from './ports/index.ts';
import type { ClusterAccess } from './ports/kubeconfigs.ts';
import { createMetrics } from './record/metrics/metrics.ts';
import { createOwnWrites } from './record/own-writes.ts';
import { createReports } from './record/run-report.ts';

/** The running program. */
export interface Operator {
  /** Caches are synced: it sees what there is. */
  ready(): boolean;
  leading(): boolean;
  /** What it counts and sees, in Prometheus' text format; of plans only while it leads. */
  metrics(): Promise<string>;
  /** Stops taking work, lets what is on the wire end, releases the lease. */
  stop(): Promise<void>;
  /** Resolves when it has stopped. */
  readonly done: Promise<void>;
}

/**
 * The whole program, on whatever ports it is given: the real ones in a pod, the simulation's in virtual time, several
 * times in one process. `management` is where plans, runs and regions live.
 */
export function startOperator(ports: Ports, config: Config, management: () => ClusterAccess): Operator {
  const stopping = new AbortController();
  const runtime = createRuntime(ports, config, management, stopping.signal);
  const done = runControllers(runtime);
  return {
    ready: () => isReady(runtime),
    leading: () => runtime.lease.held(),
    metrics: () => metricsText(runtime),
    async stop() {
      stopping.abort(new Error('the operator stops'));
      await done;
    },
    done,
  };
}

function createRuntime(ports: Ports, config: Config, management: () => ClusterAccess, signal: AbortSignal): Runtime {
  const { clock, log } = ports;
  const holder = `${config.identity}_${clock.incarnation}`;
  const limiter = createLimiter(clock, { ratePerSecond: 100, burst: 200, maxInFlight: 64 });
  const metrics = createMetrics();
  const { kubeCall: onCall, awsCall } = metrics.instruments;
  const client = createKubeClient({ ports, access: management, cluster: 'management', limiter, onCall });
  const clusters = createClusters();
  const kept = watched(ports, client, config.namespace);
  const isFleet = (): boolean => kept.plans.cache.size() >= config.fleetFrom;
  const secrets = createSecrets(client, clock, config.kubeMs, isFleet);
  const drivers = createDrivers({
    ports: { ...ports, aws: countAws(ports.aws, awsCall) },
    clusters: (region) => reach(clusters.get(region)),
    secrets: (namespace, name) => secrets.read(namespace, name),
    distrust: (namespace, name) => {
      secrets.distrust(namespace, name);
    },
    lookMs: config.lookMs,
    settings: config.drivers,
  });
  const lease = contend(ports, config, client, holder, () => {
    wakeAll(runtime);
    recallNotices(runtime);
    runtime.sampleKeeper.recall();
  });
  const runtime: Runtime = {
    ports,
    config,
    holder,
    client,
    lease,
    clusters,
    secrets,
    signal,
    ...kept,
    events: createEventRecorder({ client, clock, log, component: 'maestro-dr', instance: holder, signal }),
    ...lookingOf(ports, config, drivers, clusters, isFleet, signal),
    performer: createPerformer({
      clock,
      log,
      actuators: drivers.actuators,
      leaseRemainingMs: () => lease.remainingMs(),
      awsRegionOf: (region) => awsRegionOf(runtime, region),
    }),
    samples: createSamples(),
    sampleKeeper: createSampleKeeper(() => runtime),
    ownWrites: createOwnWrites(),
    reports: createReports(client, config.kubeMs),
    slots: createRunSlots(() => movingNow(runtime)),
    identities: createIdentities((key) => newestPlan(runtime, key)),
    rejected: new Map(),
    metrics,
    notices: createNotices({ ports, config, management, onCall, runtime: () => runtime }),
    runbooks: createRunbookKeeper(() => runtime, kept.runbookQueue),
    parsed: createParsedObjects(),
  };
  return runtime;
}

function newestPlan({ ownWrites, plans }: Runtime, key: string): KubeObject | undefined {
  return ownWrites.newest(`plan/${key}`, plans.cache.get(key));
}

type Watched = Pick<
  Runtime,
  'plans' | 'runs' | 'regions' | 'halts' | 'planQueue' | 'runQueue' | 'regionQueue' | 'runbookQueue'
>;

/** A Run's journal grows to hundreds of kilobytes, and a page is held as text, as JSON and as objects at once. */
const runsPerPage = 50;

/** What is watched, and the keys to work on. */
function watched({ clock, random, log }: Ports, client: KubeClient, namespace: string): Watched {
  const reflect = (collection: ResourceType, pageSize?: number): Reflector =>
    createReflector({ client, clock, random, log, collection, pageSize, keep: withoutLedgers });
  const queue = (label: string): WorkQueue =>
    createQueue({ clock, random, label, backoff: { baseMs: 200, capMs: 15_000 } });
  return {
    plans: reflect(planResource),
    runs: reflect(runResource, runsPerPage),
    regions: reflect(regionResource),
    halts: createReflector({
      client,
      clock,
      random,
      log,
      collection: { ...configMaps, namespace },
      fieldSelector: `metadata.name=${haltName}`,
    }),
    planQueue: queue('queue.plan'),
    runQueue: queue('queue.run'),
    regionQueue: queue('queue.region'),
    runbookQueue: queue('queue.runbook'),
  };
}

function contend(ports: Ports, config: Config, client: KubeClient, holder: string, onAcquired: () => void): Lease {
  const { clock, random, log } = ports;
  const { namespace, leaseName, leaseMs } = config;
  return createLease({
    client,
    clock,
    random,
    log,
    namespace,
    name: leaseName,
    identity: holder,
    durationMs: leaseMs,
    onAcquired,
  });
}

function lookingOf(
  ports: Ports,
  config: Config,
  drivers: Drivers,
  clusters: Clusters,
  isFleet: () => boolean,
  signal: AbortSignal,
): Pick<Runtime, 'looking' | 'resting'> {
  const { clock, random, log } = ports;
  const asked = createRegionObserver(clusters, clock, config.lookMs);
  const regions = shareRegionLooks(asked, clusters, clock, config.regionReuseMs);
  const observers = { ...drivers.observers, regions };
  const looking = {
    clock,
    graceMs: config.graceMs,
    reuseMs: config.reuseMs,
    recordReuseMs: config.recordReuseMs,
    headingReuseMs: config.headingReuseMs,
    observers,
  };
  const watch = {
    objectOf: workloadObject,
    clusters: (region: string) => reach(clusters.get(region)),
    clock,
    random,
    log,
    callMs: config.lookMs,
    worthwhile: isFleet,
    signal,
  } as const;
  const workloads = {
    Deployment: watchedWorkloads({ ...watch, observer: observers.workloads.Deployment }),
    StatefulSet: watchedWorkloads({ ...watch, observer: observers.workloads.StatefulSet }),
    CronJob: watchedWorkloads({ ...watch, observer: observers.workloads.CronJob }),
  };
  // What a run looks at does not stand in this line.
  const bounded = createBound({ clock, most: config.restSessions, holdMs: config.restHoldMs });
  const databases = { postgresql: inLine(observers.databases.postgresql, bounded) };
  return { looking, resting: { ...looking, observers: { ...observers, workloads, databases } } };
}

function reach(entry: ClusterEntry): ReturnType<DriverClusters> {
  return entry.kind === 'Client' ? entry.client : { unavailable: entry.why, detail: entry.detail };
}
