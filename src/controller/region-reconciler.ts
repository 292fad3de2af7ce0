import type { Fact } from '../api/fact.ts';
import { parseRegionStatus, renderRegionStatus } from '../api/wire-region-status.ts';
import type { Parsed } from '../api/reader.ts';
import type { Region, RegionHealth } from '../api/region.ts';
import { createKubeClient, type KubeClient } from '../kube/client.ts';
import { createLimiter, type Limiter } from '../kube/limiter.ts';
import { isKubeError, kubeFailure } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/object.ts';
import { createRegionObserver } from '../observe/region.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';
import { PortError } from '../ports/port-error.ts';
import { writeStatus } from '../record/write-status.ts';
import { isBrokenOff } from './broken-off.ts';
import type { ClusterEntry } from './clusters.ts';
import { regionResource } from './resources.ts';
import type { Runtime } from './runtime.ts';
import { regionStatus } from '../decide/region-status.ts';

/** Keeps the way to each region's cluster, and says in the Region's status whether it leads there, and to which cluster. */
export function createRegionReconciler(runtime: Runtime): (key: string) => Promise<void> {
  const limiters = new Map<string, Limiter>();
  const observer = createRegionObserver(runtime.clusters, runtime.ports.clock, runtime.config.lookMs);
  return async (key) => {
    const object = runtime.ownWrites.newest(`region/${key}`, runtime.regions.cache.get(key));
    if (object === undefined) {
      runtime.clusters.drop(key);
      return;
    }
    const parsed = runtime.parsed.region(object);
    const problems = parsed.ok ? [] : parsed.problems.map((p) => `${p.path}: ${p.problem}; ${p.remedy}`);
    if (parsed.ok) await refreshAccess(runtime, limiters, parsed.value);
    else runtime.clusters.set(key, { kind: 'Unavailable', why: 'Malformed', detail: problems.join(' ') });
    const health = await observer.observe(key, runtime.signal);
    if (isBrokenOff(runtime)) return;
    if (!health.known) distrustAccess(runtime, parsed);
    if (runtime.lease.held()) await say(runtime, key, object, health, problems);
    const { regionMs } = runtime.config;
    // Who does not lead only keeps the way open: it looks at once when it begins to lead.
    runtime.regionQueue.addAfter(key, runtime.lease.held() ? regionMs : regionMs * 3);
  };
}

/** A cluster that does not answer may have got other credentials. */
function distrustAccess({ secrets, config }: Runtime, parsed: Parsed<Region>): void {
  if (!parsed.ok || parsed.value.spec.cluster.kind === 'inCluster') return;
  secrets.distrust(config.namespace, parsed.value.spec.cluster.secretName);
}

async function refreshAccess(runtime: Runtime, limiters: Map<string, Limiter>, region: Region): Promise<void> {
  const { cluster } = region.spec;
  if (cluster.kind === 'inCluster') {
    runtime.clusters.set(region.name, { kind: 'Client', client: runtime.client, source: 'inCluster' });
    return;
  }
  try {
    const secret = await runtime.secrets.read(runtime.config.namespace, cluster.secretName);
    const text = secret[cluster.key];
    if (text === undefined) throw new PortError('Malformed', `Secret ${cluster.secretName} has no key ${cluster.key}`);
    const had = runtime.clusters.get(region.name);
    if (had.kind === 'Client' && had.source === text) return;
    const access = runtime.ports.kubeconfigs.parse(text);
    runtime.clusters.set(region.name, {
      kind: 'Client',
      client: clientFor(runtime, limiters, region.name, access),
      source: text,
    });
  } catch (error) {
    runtime.clusters.set(region.name, unavailable(error, cluster.secretName));
  }
}

function clientFor(runtime: Runtime, limiters: Map<string, Limiter>, name: string, access: ClusterAccess): KubeClient {
  const limiter =
    limiters.get(name) ?? createLimiter(runtime.ports.clock, { ratePerSecond: 50, burst: 100, maxInFlight: 32 });
  limiters.set(name, limiter);
  const onCall = runtime.metrics.instruments.kubeCall;
  return createKubeClient({ ports: runtime.ports, access: () => access, cluster: name, limiter, onCall });
}

/**
 * Whose credentials were not read was asked nothing: that the management cluster does not give them is no silence of its
 * own. Nor is it asked soon, so that nobody waits for it as for a look that is under way.
 */
function unavailable(error: unknown, secret: string): ClusterEntry {
  if (!isKubeError(error) && !(error instanceof PortError)) {
    throw error instanceof Error ? error : new Error(String(error));
  }
  const failure = isKubeError(error) ? kubeFailure(error) : error.why;
  const why = failure === 'Unreachable' || failure === 'Timeout' ? 'Malformed' : failure;
  return { kind: 'Unavailable', why, detail: `Secret ${secret}: ${error.message}` };
}

async function say(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  health: Fact<RegionHealth>,
  problems: readonly string[],
): Promise<void> {
  const facts = {
    generation: object.metadata.generation ?? 0,
    status: parseRegionStatus(object),
    health,
    problems,
    others: runtime.regions.cache
      .all()
      .filter((o) => o.metadata.name !== key)
      .map((o) => ({ name: o.metadata.name, clusterUid: parseRegionStatus(o).clusterUid ?? '' })),
    wall: runtime.ports.clock.wall(),
  };
  const status = renderRegionStatus(regionStatus(facts));
  const written = await writeStatus(
    runtime.client,
    { ...regionResource, name: key },
    object,
    status,
    runtime.config.kubeMs,
  );
  if (written.kind === 'Written') {
    runtime.ownWrites.wrote(`region/${key}`, object.metadata.resourceVersion, written.object);
  }
}
