import { isRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { parseSamples } from '../api/samples.ts';
import { configMapRef } from './resources.ts';
import type { Runtime } from './runtime.ts';

/** Plans a ConfigMap: a sample is under 120 bytes, a plan keeps 32 for each database, a ConfigMap holds 1 MiB. */
const mapName = 'maestro-dr-samples-0';

/**
 * Saves the samples of all plans together, so that an operator restarted while the link is held still knows a position
 * below what the standby has. Restores them when it begins to lead.
 */
export async function runSampleKeeper(runtime: Runtime, signal: AbortSignal): Promise<void> {
  const { clock, log } = runtime.ports;
  let restored = false;
  let saved = '';
  while (!signal.aborted) {
    try {
      if (!restored) {
        saved = await restore(runtime);
        restored = true;
      } else if (runtime.lease.held()) saved = await save(runtime, saved);
    } catch (error) {
      log.log('warn', 'samples not saved; trying again', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
    await clock.sleep(restored ? runtime.config.saveMs : 1_000, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function restore(runtime: Runtime): Promise<string> {
  const { namespace, kubeMs } = runtime.config;
  try {
    const object = await runtime.client.get(configMapRef(namespace, mapName), {
      deadlineMs: kubeMs,
      signal: runtime.signal,
    });
    const data = isRecord(object.data) ? object.data : {};
    for (const [uid, text] of Object.entries(data)) {
      if (typeof text === 'string') runtime.samples.restore(uid, parseSamples(text));
    }
    return render(runtime);
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return '';
    throw error;
  }
}

async function save(runtime: Runtime, saved: string): Promise<string> {
  const text = render(runtime);
  if (text === saved) return saved;
  const { namespace, kubeMs } = runtime.config;
  const data = Object.fromEntries([...runtime.samples.all()].map(([uid, samples]) => [uid, JSON.stringify(samples)]));
  const ref = configMapRef(namespace, mapName);
  try {
    await runtime.client.patch(ref, { data }, { type: 'merge', deadlineMs: kubeMs });
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
    const { name, ...collection } = ref;
    await runtime.client.create(
      collection,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
      { deadlineMs: kubeMs },
    );
  }
  return text;
}

function render(runtime: Runtime): string {
  return JSON.stringify([...runtime.samples.all()]);
}
