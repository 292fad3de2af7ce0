import type { Actuators } from './act/actuators.ts';
import { createPerformer } from './act/perform.ts';
import type { Config } from './config.ts';
import { createClusters, type ClusterEntry } from './controller/clusters.ts';
import { awsRegionOf } from './controller/known-regions.ts';
import { createPlanReconciler } from './controller/plan-reconciler.ts';
import { createRegionReconciler } from './controller/region-reconciler.ts';
import { planResource, regionResource, runResource } from './controller/resources.ts';
import { createRunReconciler } from './controller/run-reconciler.ts';
import type { Runtime } from './controller/runtime.ts';
import { runSampleKeeper } from './controller/sample-keeper.ts';
import { createSecrets } from './controller/secrets.ts';
import { createDrivers } from './drivers/index.ts';
import type { Clusters as DriverClusters } from './drivers/workloads/clusters.ts';
import { createKubeClient } from './kube/client.ts';
import { createEventRecorder } from './kube/events.ts';
import { createLease } from './kube/lease.ts';
import { createLimiter } from './kube/limiter.ts';
import { createQueue, type WorkQueue } from './kube/queue.ts';
import { createReflector, type Reflector } from './kube/reflector.ts';
import type { ResourceType } from './kube/object.ts';
import { createSamples } from './observe/samples.ts';
import { createRegionObserver } from './observe/region.ts';
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
  const done = runAll(runtime, stopping.signal);
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
  const { clock, random, log } = ports;
  const holder = `${config.identity}_${clock.incarnation}`;
  const limiter = createLimiter(clock, { ratePerSecond: 100, burst: 200, maxInFlight: 64 });
  const client = createKubeClient({ ports, access: management, cluster: 'management', limiter });
  const reflect = (collection: ResourceType): Reflector => createReflector({ client, clock, random, log, collection });
  const queue = (label: string): WorkQueue =>
    createQueue({ clock, random, label, backoff: { baseMs: 200, capMs: 15_000 } });
  const clusters = createClusters();
  const secrets = createSecrets(client, clock, config.kubeMs);
  const drivers = createDrivers({
    ports,
    clusters: (region) => reach(clusters.get(region)),
    secrets: (namespace, name) => secrets.read(namespace, name),
    lookMs: config.lookMs,
    settings: config.drivers,
  });
  const regions = reflect(regionResource);
  const planQueue = queue('queue.plan');
  const runQueue = queue('queue.run');
  const wakeAll = (): void => {
    for (const object of [...runtime.plans.cache.all()])
      planQueue.add(`${object.metadata.namespace ?? ''}/${object.metadata.name}`);
    for (const object of [...runtime.runs.cache.all()])
      runQueue.add(`${object.metadata.namespace ?? ''}/${object.metadata.name}`);
  };
  const lease = createLease({
    client,
    clock,
    random,
    log,
    namespace: config.namespace,
    name: config.leaseName,
    identity: holder,
    durationMs: config.leaseMs,
    onAcquired: wakeAll,
  });
  const actuators: Actuators = drivers.actuators;
  const runtime: Runtime = {
    ports,
    config,
    holder,
    client,
    lease,
    clusters,
    secrets,
    regions,
    planQueue,
    runQueue,
    signal,
    events: createEventRecorder({ client, clock, log, component: 'maestro-dr', instance: holder, signal }),
    plans: reflect(planResource),
    runs: reflect(runResource),
    regionQueue: queue('queue.region'),
    looking: {
      clock,
      graceMs: config.graceMs,
      reuseMs: config.reuseMs,
      observers: { ...drivers.observers, regions: createRegionObserver(clusters, clock, config.lookMs) },
    },
    performer: createPerformer({
      clock,
      log,
      actuators,
      leaseRemainingMs: () => lease.remainingMs(),
      awsRegionOf: (region) => awsRegionOf(runtime, region),
    }),
    samples: createSamples(),
    ownWrites: createOwnWrites(),
    reports: createReports(client, config.kubeMs),
  };
  return runtime;
}

function reach(entry: ClusterEntry): ReturnType<DriverClusters> {
  return entry.kind === 'Client' ? entry.client : { unavailable: entry.why, detail: entry.detail };
}

async function runAll(runtime: Runtime, signal: AbortSignal): Promise<void> {
  const { plans, runs, regions, planQueue, runQueue, regionQueue, config } = runtime;
  plans.subscribe((change) => {
    planQueue.add(change.key);
  });
  runs.subscribe((change) => {
    runQueue.add(change.key);
    const ref = change.object.spec;
    const name =
      typeof ref === 'object' &&
      ref !== null &&
      'planRef' in ref &&
      typeof ref.planRef === 'object' &&
      ref.planRef !== null &&
      'name' in ref.planRef
        ? ref.planRef.name
        : undefined;
    if (typeof name === 'string') planQueue.add(`${change.object.metadata.namespace ?? ''}/${name}`);
  });
  // A run sees at once what a person changed in its plan: a reversal must not wait for a poll.
  plans.subscribe((change) => {
    const status = change.object.status;
    const current =
      typeof status === 'object' && status !== null && 'currentRun' in status ? status.currentRun : undefined;
    if (typeof current === 'object' && current !== null && 'name' in current && typeof current.name === 'string')
      runQueue.add(`${change.object.metadata.namespace ?? ''}/${current.name}`);
  });
  regions.subscribe((change) => {
    regionQueue.add(change.key);
  });
  const onError =
    (what: string) =>
    (key: string, error: unknown): void => {
      const text = error instanceof Error ? error.message : String(error);
      runtime.ports.log.log('warn', 'reconcile failed; it is tried again', { [what]: key, error: text });
    };
  const lists = [plans, runs, regions].map((reflector) => reflector.run(signal));
  await Promise.all([plans, runs, regions].map((reflector) => reflector.whenSynced(signal))).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const work = Promise.all([
    ...lists,
    planQueue.run({ workers: config.workers, onError: onError('plan') }, createPlanReconciler(runtime), signal),
    runQueue.run({ workers: config.workers, onError: onError('run') }, createRunReconciler(runtime), signal),
    regionQueue.run({ workers: config.workers, onError: onError('region') }, createRegionReconciler(runtime), signal),
    runSampleKeeper(runtime, signal),
  ]);
  // The lease outlives the work, so that what is still on the wire is under it.
  const leaseEnd = new AbortController();
  const leased = runtime.lease.run(leaseEnd.signal);
  await work;
  leaseEnd.abort(new Error('the work has ended'));
  await leased;
}
