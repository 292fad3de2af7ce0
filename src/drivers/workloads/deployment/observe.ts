import { known, unknown, type Fact } from '../../../api/fact.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { numberAt, recordAt } from '../../../kube/json.ts';
import { isKubeError } from '../../../kube/kube-error.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { instant, type Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import { unknownFromKube, type Clusters } from '../clusters.ts';
import type { WorkloadObserver, WorkloadRef, WorkloadState } from '../driver.ts';
import { listPods, mayRun, selectorText } from '../pods.ts';
import { obstaclesOf } from './obstacles.ts';
import { deploymentOf } from './target.ts';

export interface DeploymentObserverOptions {
  readonly clusters: Clusters;
  readonly clock: Clock;
  /** For one look, its list of pods included, ms. */
  readonly callMs: number;
}

/** Deployments with the operator's own reading rights: get deployments, list pods. */
export function createDeploymentObserver(options: DeploymentObserverOptions): WorkloadObserver {
  const { clusters, clock, callMs } = options;
  return {
    observe: async (ref, signal): Promise<Fact<WorkloadState>> => {
      const at = instant(clock);
      const cluster = clusters(ref.region);
      if ('unavailable' in cluster) return unknown(cluster.unavailable, cluster.detail, at);
      try {
        const state = await withDeadline(clock, callMs, signal, (call) => read(cluster, ref, callMs, call));
        return known(state, at, ref.generation);
      } catch (error) {
        return unknownFromKube(error, at);
      }
    },
  };
}

async function read(
  client: KubeClient,
  ref: WorkloadRef,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<WorkloadState> {
  const call = { deadlineMs, signal };
  const deployment = await found(client.get(deploymentOf(ref), call));
  if (deployment === undefined) return { exists: false };
  const counts = countsOf(deployment);
  // Where all is as it should be, nothing asks about pods: only zero and trouble are looked at one by one.
  if (counts.settled && counts.wanted > 0) return { exists: true, ...counts, pods: counts.ready, obstacles: [] };
  const selector = selectorText(recordAt(recordAt(deployment, 'spec'), 'selector'));
  const pods = selector === undefined ? [] : await listPods(client, ref.namespace, selector, call);
  return {
    exists: true,
    ...counts,
    pods: pods.filter(mayRun).length,
    obstacles: counts.settled ? [] : obstaclesOf(deployment, pods),
  };
}

/** A namespace that is not there answers the same way, and means the same: no such workload. */
async function found(getting: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await getting;
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

interface Counts {
  readonly wanted: number;
  readonly ready: number;
  readonly settled: boolean;
}

function countsOf(deployment: KubeObject): Counts {
  const status = recordAt(deployment, 'status');
  const wanted = numberAt(recordAt(deployment, 'spec'), 'replicas') ?? 1;
  // A status of an older generation counts what a spec wanted that is no more.
  const current = (numberAt(status, 'observedGeneration') ?? 0) >= (deployment.metadata.generation ?? 0);
  const ready = current ? (numberAt(status, 'readyReplicas') ?? 0) : 0;
  const updated = numberAt(status, 'updatedReplicas') ?? 0;
  const replicas = numberAt(status, 'replicas') ?? 0;
  return { wanted, ready, settled: current && [updated, replicas, ready].every((count) => count === wanted) };
}
