import { known, type Fact } from '../api/fact.ts';
import type { Clusters } from '../drivers/workloads/clusters.ts';
import type { WorkloadObserver, WorkloadRef, WorkloadState } from '../drivers/workloads/driver.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Collection, KubeObject, ObjectRef } from '../kube/object.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { ageMs, instant, type Clock, type Instant } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';

export interface WatchedWorkloadsOptions {
  /** Looks at one workload; still does where a watch cannot tell. */
  readonly observer: WorkloadObserver;
  /** What of the API a workload is; undefined: not watched, always looked at. */
  readonly objectOf: (ref: WorkloadRef) => ObjectRef | undefined;
  readonly clusters: Clusters;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For each list, ms. */
  readonly callMs: number;
  /** Whether there is enough to look at that a watch saves anything; until then each workload is asked for. */
  readonly worthwhile: () => boolean;
  /** Ends all watches. */
  readonly signal: AbortSignal;
}

interface Watch {
  readonly client: KubeClient;
  readonly reflector: Reflector;
  readonly end: AbortController;
  /** What settled workloads looked like, by `namespace/name`. */
  readonly held: Map<string, Held>;
  usedAt: Instant;
  /** Not allowed to watch there: since when the workloads are looked at instead. */
  refusedAt: Instant | undefined;
}

interface Held {
  /** Of the object when the look began; undefined: there was none. */
  readonly version: string | undefined;
  readonly value: WorkloadState;
}

/** A watch that nobody asked for this long is ended; one that was refused is tried again after it. */
const idleMs = 30 * 60_000;
/** DESIGN: a watch's facts are dated by its last event or bookmark, and older than this they are unknown. */
const silentMs = 90_000;

/**
 * Looks at workloads only when they changed: one watch for each namespace of a region's cluster says when that was. A
 * thousand plans at rest then cost their API servers nothing but those watches. Where a watch is refused, broken or
 * silent, and where a workload is not settled, each is looked at as ever. For plans at rest only: what gates an effect is read live.
 */
export function watchedWorkloads(options: WatchedWorkloadsOptions): WorkloadObserver {
  const watches = new Map<string, Watch>();
  return {
    observe: (ref, signal) => {
      const object = options.worthwhile() ? options.objectOf(ref) : undefined;
      const watch = object === undefined ? undefined : watchOf(options, watches, ref.region, object);
      const heard = watch === undefined ? undefined : freshness(options.clock, watch.reflector);
      if (object === undefined || watch === undefined || heard === undefined) {
        return options.observer.observe(ref, signal);
      }
      const key = `${object.namespace ?? ''}/${object.name}`;
      const version = versionOf(watch.reflector.cache.get(key));
      const had = watch.held.get(key);
      if (had !== undefined && had.version === version) {
        return Promise.resolve(known(had.value, heard, ref.generation));
      }
      return lookAndHold(options.observer.observe(ref, signal), watch, key, version);
    },
  };
}

async function lookAndHold(
  looking: Promise<Fact<WorkloadState>>,
  { held }: Watch,
  key: string,
  version: string | undefined,
): Promise<Fact<WorkloadState>> {
  const fact = await looking;
  if (fact.known && isSettled(fact.value)) held.set(key, { version, value: fact.value });
  else held.delete(key);
  return fact;
}

function versionOf(object: KubeObject | undefined): string | undefined {
  return object === undefined ? undefined : `${object.metadata.uid}/${object.metadata.resourceVersion}`;
}

/** What stands still only because nothing happens to it; pods on their way change without their owner. */
function isSettled(state: WorkloadState): boolean {
  return !state.exists || state.settled;
}

/** When the watch last knew to be current; undefined: it cannot be relied on now. */
function freshness(clock: Clock, reflector: Reflector): Instant | undefined {
  const heard = reflector.lastHeard();
  if (heard === undefined || !reflector.synced() || reflector.trouble() !== undefined) return undefined;
  return ageMs(instant(clock), heard) <= silentMs ? heard : undefined;
}

function watchOf(
  options: WatchedWorkloadsOptions,
  watches: Map<string, Watch>,
  region: string,
  { name: _name, ...collection }: ObjectRef,
): Watch | undefined {
  const now = instant(options.clock);
  const client = options.clusters(region);
  const key = `${region}/${collection.resource}/${collection.namespace ?? ''}`;
  const had = watches.get(key);
  if ('unavailable' in client) return undefined;
  if (had?.client === client) {
    had.usedAt = now;
    if (had.reflector.trouble()?.code !== 'Forbidden') return had;
    // Asked again and again it would be refused again and again.
    had.refusedAt ??= now;
    had.end.abort(new Error('the watch is not allowed'));
    if (ageMs(now, had.refusedAt) < idleMs) return undefined;
  }
  had?.end.abort(new Error('another watch replaces this one'));
  endIdle(watches, now);
  const watch = begin(options, client, collection, now);
  watches.set(key, watch);
  return watch;
}

function endIdle(watches: Map<string, Watch>, now: Instant): void {
  for (const [key, watch] of watches) {
    if (ageMs(now, watch.usedAt) < idleMs) continue;
    watch.end.abort(new Error('nobody asks any more'));
    watches.delete(key);
  }
}

function begin(
  { clock, random, log, callMs, signal }: WatchedWorkloadsOptions,
  client: KubeClient,
  collection: Collection,
  now: Instant,
): Watch {
  const end = new AbortController();
  const reflector = createReflector({
    client,
    clock,
    random,
    log,
    collection,
    keep: versionOnly,
    listDeadlineMs: callMs,
    silenceMs: silentMs,
    watchSeconds: { least: 1_800, most: 3_600 },
    // It only saves looks: a cluster that is down is not asked for it often.
    backoff: { baseMs: 1_000, capMs: 60_000 },
  });
  void reflector.run(AbortSignal.any([signal, end.signal]));
  return { client, reflector, end, held: new Map(), usedAt: now, refusedAt: undefined };
}

/** A thousand Deployments are only held by what tells that they changed. */
function versionOnly({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, uid, resourceVersion, ...(namespace === undefined ? {} : { namespace }) },
  };
}
