import { isRecord, type JsonRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { PositionSample } from '../api/run.ts';
import { parseSamples, sampleMapName, sampleMapsAtMost } from '../api/samples.ts';
import { instant } from '../ports/clock.ts';
import { configMapRef } from './resources.ts';
import { createSampleMaps, type MapChange, type SampleMaps } from './sample-maps.ts';
import type { Runtime } from './runtime.ts';

/** A failover does not wait longer for samples that cannot be read, ms: without them a person is asked for the loss. */
const patienceMs = 10_000;

/**
 * Saves the samples of all plans together, so that whoever leads next still knows a position below what the standby has.
 * One map is written at a time, however many there are.
 */
export interface SampleKeeper {
  run(signal: AbortSignal): Promise<void>;
  /** The lease was won: what others have saved meanwhile is read before anything is saved, or pinned in a Run. */
  recall(): void;
  /** What was saved is known, or has been asked for in vain for long enough. */
  recalled(): boolean;
}

interface Keeping {
  /** What was saved is known. */
  maps: SampleMaps | undefined;
  homeless: number;
  /** Of the term that is being led, monotonic ms. */
  wonAt: number | undefined;
  /** Ends the pause. */
  pause: AbortController;
}

export function createSampleKeeper(runtime: () => Runtime): SampleKeeper {
  const keeping: Keeping = { maps: undefined, homeless: 0, wonAt: undefined, pause: new AbortController() };
  return {
    run: (signal) => run(runtime(), keeping, signal),
    recall: () => {
      keeping.maps = undefined;
      keeping.wonAt = runtime().ports.clock.monotonic();
      keeping.pause.abort('the lease was won');
    },
    recalled: () => {
      const { maps, wonAt } = keeping;
      return maps !== undefined || (wonAt !== undefined && runtime().ports.clock.monotonic() - wonAt >= patienceMs);
    },
  };
}

async function run(runtime: Runtime, keeping: Keeping, signal: AbortSignal): Promise<void> {
  const { clock, log } = runtime.ports;
  const stop = (): void => {
    keeping.pause.abort('the operator stops');
  };
  signal.addEventListener('abort', stop, { once: true });
  while (!signal.aborted) {
    const pause = new AbortController();
    keeping.pause = pause;
    try {
      if (runtime.lease.held()) await keep(runtime, keeping);
    } catch (error) {
      log.log('warn', 'samples not saved; trying again', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
    await clock.sleep(keeping.maps === undefined ? 1_000 : saveAfterMs(runtime), pause.signal).catch(() => {
      // Cut short: the lease was won, or the operator stops.
    });
  }
}

async function keep(runtime: Runtime, keeping: Keeping): Promise<void> {
  const { maps, wonAt } = keeping;
  if (maps !== undefined) {
    await saveNext(runtime, keeping, maps);
    return;
  }
  const restored = await restore(runtime);
  // Won anew meanwhile: what was read is of the time before.
  if (keeping.wonAt === wonAt) keeping.maps = restored;
}

/** In a fleet each plan is sampled so seldom that saving half as often costs no evidence worth a request. */
function saveAfterMs({ plans, config }: Runtime): number {
  return plans.cache.size() >= config.fleetFrom ? config.saveMs * 2 : config.saveMs;
}

/** The first map that is not there is behind the last. */
async function restore(runtime: Runtime): Promise<SampleMaps> {
  const maps = createSampleMaps();
  for (let number = 0; number < sampleMapsAtMost; number += 1) {
    const data = await readMap(runtime, number);
    if (data === undefined) break;
    maps.found(number, new Map(Object.entries(data).map(([uid, text]) => [uid, restored(runtime, uid, text)])));
  }
  return maps;
}

/** What is saved of them: another list than the one in memory, where that holds more or has dropped some. */
function restored({ samples, ports, config }: Runtime, uid: string, text: unknown): readonly PositionSample[] {
  const saved = parseSamples(typeof text === 'string' ? text : '');
  const isNew = samples.of(uid).length === 0;
  samples.restore(uid, saved, { now: instant(ports.clock), skewMs: config.skewMs });
  const joined = samples.of(uid);
  return isNew && joined.length === saved.length ? joined : saved;
}

async function readMap(runtime: Runtime, number: number): Promise<JsonRecord | undefined> {
  const { namespace, kubeMs } = runtime.config;
  try {
    const call = { deadlineMs: kubeMs, signal: runtime.signal };
    const object = await runtime.client.get(configMapRef(namespace, sampleMapName(number)), call);
    return isRecord(object.data) ? object.data : {};
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    // A Role of an earlier version names the first alone: what it holds is known.
    if (number === 0 || !isKubeError(error, 'Forbidden')) throw error;
    runtime.ports.log.log('warn', 'samples may not be read; apply the Role of the chart', { error: error.message });
    return undefined;
  }
}

/** The next map that is not what it is to be, if any. */
async function saveNext(runtime: Runtime, keeping: Keeping, maps: SampleMaps): Promise<void> {
  const { samples, plans, ports } = runtime;
  const uids = new Set(plans.cache.all().map(({ metadata }) => metadata.uid));
  const exists = (uid: string): boolean => uids.has(uid) || !plans.synced();
  for (const uid of [...samples.all().keys()]) if (!exists(uid)) samples.forget(uid);
  const change = maps.next(samples.all(), exists);
  const homeless = maps.homeless();
  if (homeless > keeping.homeless) {
    ports.log.log('warn', 'no room to save samples of so many plans', { plans: homeless });
  }
  keeping.homeless = homeless;
  if (change === undefined) return;
  maps.wrote(change, await write(runtime, change));
}

async function write(runtime: Runtime, { number, put, drop }: MapChange): Promise<'There' | 'Anew'> {
  const { namespace, kubeMs } = runtime.config;
  const ref = configMapRef(namespace, sampleMapName(number));
  const texts = Object.fromEntries([...put].map(([uid, samples]) => [uid, JSON.stringify(samples)]));
  const gone = Object.fromEntries(drop.map((uid) => [uid, null]));
  try {
    await runtime.client.patch(ref, { data: { ...texts, ...gone } }, { type: 'merge', deadlineMs: kubeMs });
    return 'There';
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
    const { name, ...collection } = ref;
    await runtime.client.create(
      collection,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: texts },
      { deadlineMs: kubeMs },
    );
    return 'Anew';
  }
}
