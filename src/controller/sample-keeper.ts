import { isRecord, type JsonRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { parseSamples } from '../api/samples.ts';
import { configMapRef } from './resources.ts';
import type { Runtime } from './runtime.ts';

/** A sample is under 120 bytes, a plan keeps 32 for each database, and a ConfigMap holds 1 MiB. */
const plansAMap = 200;

/** Samples are kept in maps of a bounded number of plans each; a plan stays in the one it was first put into. */
interface Shards {
  /** Plan UID -> number of its map. */
  readonly of: Map<string, number>;
  /** What each map was last seen to hold, rendered. */
  readonly saved: string[];
  /** The one whose turn it is. */
  next: number;
}

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
  shards: Shards | undefined;
  /** Of the term that is being led, monotonic ms. */
  wonAt: number | undefined;
  /** Ends the pause. */
  pause: AbortController;
}

export function createSampleKeeper(runtime: () => Runtime): SampleKeeper {
  const keeping: Keeping = { shards: undefined, wonAt: undefined, pause: new AbortController() };
  return {
    run: (signal) => run(runtime(), keeping, signal),
    recall: () => {
      keeping.shards = undefined;
      keeping.wonAt = runtime().ports.clock.monotonic();
      keeping.pause.abort('the lease was won');
    },
    recalled: () => {
      const { shards, wonAt } = keeping;
      return shards !== undefined || (wonAt !== undefined && runtime().ports.clock.monotonic() - wonAt >= patienceMs);
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
    await clock.sleep(keeping.shards === undefined ? 1_000 : saveAfterMs(runtime), pause.signal).catch(() => {
      // Cut short: the lease was won, or the operator stops.
    });
  }
}

async function keep(runtime: Runtime, keeping: Keeping): Promise<void> {
  const { shards, wonAt } = keeping;
  if (shards !== undefined) {
    await saveNext(runtime, shards);
    return;
  }
  const restored = await restore(runtime);
  // Won anew meanwhile: what was read is of the time before.
  if (keeping.wonAt === wonAt) keeping.shards = restored;
}

/** In a fleet each plan is sampled so seldom that saving half as often costs no evidence worth a request. */
function saveAfterMs({ plans, config }: Runtime): number {
  return plans.cache.size() >= config.fleetFrom ? config.saveMs * 2 : config.saveMs;
}

/** A full map may be followed by another; the first that is not there is behind the last. */
async function restore(runtime: Runtime): Promise<Shards> {
  const shards: Shards = { of: new Map(), saved: [], next: 0 };
  let data = await readMap(runtime, 0);
  while (data !== undefined) {
    const number = shards.saved.length;
    for (const [uid, text] of Object.entries(data)) {
      if (typeof text !== 'string') continue;
      runtime.samples.restore(uid, parseSamples(text));
      shards.of.set(uid, number);
    }
    shards.saved.push('');
    data = Object.keys(data).length < plansAMap ? undefined : await readMap(runtime, number + 1);
  }
  shards.saved.forEach((_none, number) => {
    shards.saved[number] = JSON.stringify(contents(runtime, shards, number));
  });
  // The first map is there whether anything was sampled yet or not.
  if (shards.saved.length === 0) shards.saved.push('');
  return shards;
}

async function readMap(runtime: Runtime, number: number): Promise<JsonRecord | undefined> {
  const { namespace, kubeMs } = runtime.config;
  try {
    const call = { deadlineMs: kubeMs, signal: runtime.signal };
    const object = await runtime.client.get(configMapRef(namespace, mapName(number)), call);
    return isRecord(object.data) ? object.data : {};
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

function mapName(number: number): string {
  return `maestro-dr-samples-${String(number)}`;
}

/** The next map that changed, if any. */
async function saveNext(runtime: Runtime, shards: Shards): Promise<void> {
  assign(runtime, shards);
  const numbers = [...shards.saved.keys()];
  for (const number of [...numbers.slice(shards.next), ...numbers.slice(0, shards.next)]) {
    const data = contents(runtime, shards, number);
    const text = JSON.stringify(data);
    if (text === shards.saved[number]) continue;
    shards.next = number + 1;
    await write(runtime, mapName(number), data);
    shards.saved[number] = text;
    return;
  }
}

/** New plans go to the first map with room. */
function assign({ samples }: Runtime, { of, saved }: Shards): void {
  const sizes = saved.map(() => 0);
  for (const number of of.values()) sizes[number] = (sizes[number] ?? 0) + 1;
  for (const uid of samples.all().keys()) {
    if (of.has(uid)) continue;
    const roomy = sizes.findIndex((size) => size < plansAMap);
    const number = roomy === -1 ? sizes.length : roomy;
    of.set(uid, number);
    sizes[number] = (sizes[number] ?? 0) + 1;
    saved[number] ??= '';
  }
}

function contents(runtime: Runtime, { of }: Shards, number: number): Readonly<Record<string, string>> {
  const own = [...runtime.samples.all()].filter(([uid]) => of.get(uid) === number);
  return Object.fromEntries(own.map(([uid, samples]) => [uid, JSON.stringify(samples)]));
}

async function write(runtime: Runtime, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const { namespace, kubeMs } = runtime.config;
  const ref = configMapRef(namespace, name);
  try {
    await runtime.client.patch(ref, { data }, { type: 'merge', deadlineMs: kubeMs });
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
    const { name: _name, ...collection } = ref;
    await runtime.client.create(
      collection,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
      { deadlineMs: kubeMs },
    );
  }
}
