import { createPerformer } from './act/perform.ts';
import type { Config } from './config.ts';
import { createClusters, type ClusterEntry, type Clusters } from './controller/clusters.ts';
import { awsRegionOf } from './controller/known-regions.ts';
import { runControllers } from './controller/run-controllers.ts';
import { planResource, regionResource, runResource } from './controller/resources.ts';
import type { Runtime } from './controller/runtime.ts';
import { createParsedObjects } from './controller/parsed.ts';
import { createSecrets } from './controller/secrets.ts';
import { wakeAll } from './controller/wake.ts';
import { createDrivers, workloadObject, type Drivers } from './drivers/index.ts';
import type { Clusters as DriverClusters } from './drivers/workloads/clusters.ts';
import { createKubeClient, type KubeClient } from './kube/client.ts';
import { createEventRecorder } from './kube/events.ts';
import { createLease, type Lease } from './kube/lease.ts';
import { createLimiter } from './kube/limiter.ts';
import type { ResourceType } from './kube/object.ts';
import { createQueue, type WorkQueue } from './kube/queue.ts';
import { createReflector, type Reflector } from './kube/reflector.ts';
import { createRegionObserver } from './observe/region.ts';
import { createSamples } from './observe/samples.ts';
import { watchedWorkloads } from './observe/watched-workloads.ts';
import type { Ports } from './ports/index.ts';
import type { ClusterAccess } from './ports/kubeconfigs.ts';
import { createOwnWrites } from './record/own-writes.ts';
import { createReports } from './record/run-report.ts';

/** The running program. */
export interface Operator {
  /** Caches are synced: it sees what there is. */
  ready(): boolean;
  leading(): boolean;
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
    ready: () => [runtime.plans, runtime.runs, runtime.regions].every((reflector) => reflector.synced()),
    leading: () => runtime.lease.held(),
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
  const client = createKubeClient({ ports, access: management, cluster: 'management', limiter });
  const clusters = createClusters();
  const kept = watched(ports, client);
  const isFleet = (): boolean => kept.plans.cache.size() >= config.fleetFrom;
  const secrets = createSecrets(client, clock, config.kubeMs, isFleet);
  const drivers = createDrivers({
    ports,
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
    ownWrites: createOwnWrites(),
    reports: createReports(client, config.kubeMs),
    parsed: createParsedObjects(),
  };
  return runtime;
}

type Watched = Pick<Runtime, 'plans' | 'runs' | 'regions' | 'planQueue' | 'runQueue' | 'regionQueue'>;

/** What is watched, and the keys to work on. */
function watched({ clock, random, log }: Ports, client: KubeClient): Watched {
  const reflect = (collection: ResourceType): Reflector => createReflector({ client, clock, random, log, collection });
  const queue = (label: string): WorkQueue =>
    createQueue({ clock, random, label, backoff: { baseMs: 200, capMs: 15_000 } });
  return {
    plans: reflect(planResource),
    runs: reflect(runResource),
    regions: reflect(regionResource),
    planQueue: queue('queue.plan'),
    runQueue: queue('queue.run'),
    regionQueue: queue('queue.region'),
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
  const regions = createRegionObserver(clusters, clock, config.lookMs);
  const observers = { ...drivers.observers, regions };
  const looking = { clock, graceMs: config.graceMs, reuseMs: config.reuseMs, observers };
  const workloads = watchedWorkloads({
    observer: observers.workloads,
    objectOf: workloadObject,
    clusters: (region) => reach(clusters.get(region)),
    clock,
    random,
    log,
    callMs: config.lookMs,
    worthwhile: isFleet,
    signal,
  });
  return { looking, resting: { ...looking, observers: { ...observers, workloads } } };
}

function reach(entry: ClusterEntry): ReturnType<DriverClusters> {
  return entry.kind === 'Client' ? entry.client : { unavailable: entry.why, detail: entry.detail };
}
