import type { Fact } from '../../../api/fact.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { numberAt, recordAt, stringAt, type JsonRecord } from '../../../kube/json.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Call } from '../../../kube/transport.ts';
import type { WorkloadObserver, WorkloadRef, WorkloadState } from '../driver.ts';
import { found, lookInto, type LookingOptions } from '../look.ts';
import { listPods, mayRun, selectorText } from '../pods.ts';
import { deploymentRefusal, distinct, livePods, podObstacles } from './obstacles.ts';
import { statefulSetRefusal, volumeObstacles } from './said.ts';
import { targetOf } from './target.ts';

/**
 * Deployments and StatefulSets with the operator's own reading rights: get deployments and statefulsets, list pods, and
 * list events, which are read only where pods cannot be made or placed.
 */
export function createScaledObserver(options: LookingOptions): WorkloadObserver {
  return {
    observe: async (ref, signal): Promise<Fact<WorkloadState>> =>
      await lookInto(options, ref, signal, async (client, call) => await read(client, ref, call)),
  };
}

async function read(client: KubeClient, ref: WorkloadRef, call: Call): Promise<WorkloadState> {
  const target = await found(client.get(targetOf(ref), call));
  if (target === undefined) return { exists: false };
  const counts = countsOf(target, ref);
  // Where all is as it should be, nothing asks about pods: only zero and trouble are looked at one by one.
  if (counts.settled && counts.wanted > 0) return { exists: true, ...counts, pods: counts.ready, obstacles: [] };
  const selector = selectorText(recordAt(recordAt(target, 'spec'), 'selector'));
  const pods = selector === undefined ? [] : await listPods(client, ref.namespace, selector, call);
  return {
    exists: true,
    ...counts,
    pods: pods.filter(mayRun).length,
    obstacles: counts.settled ? [] : await obstacles(client, ref, { target, pods, wanted: counts.wanted }, call),
  };
}

interface Trouble {
  readonly target: KubeObject;
  readonly pods: readonly KubeObject[];
  readonly wanted: number;
}

/** Why pods do not become ready, in the cluster's own words; what only takes its time is no obstacle. */
async function obstacles(
  client: KubeClient,
  ref: WorkloadRef,
  { target, pods, wanted }: Trouble,
  call: Call,
): Promise<Extract<WorkloadState, { exists: true }>['obstacles']> {
  const live = livePods(pods);
  const ofPods = podObstacles(live);
  const volumes = await volumeObstacles(client, ref.namespace, live, call);
  if (ref.workload.target.kind !== 'StatefulSet') {
    return distinct([...deploymentRefusal(target), ...ofPods, ...volumes]);
  }
  // It waits for each pod before it makes the next: only where none that is there is in trouble can one be refused.
  const refused =
    live.length < wanted && ofPods.length === 0 ? await statefulSetRefusal(client, target, pods, call) : [];
  return distinct([...refused, ...ofPods, ...volumes]);
}

interface Counts {
  readonly wanted: number;
  readonly ready: number;
  readonly settled: boolean;
}

function countsOf(target: KubeObject, { workload }: WorkloadRef): Counts {
  const status = recordAt(target, 'status');
  const spec = recordAt(target, 'spec');
  const wanted = numberAt(spec, 'replicas') ?? 1;
  // A status of an older generation counts what a spec wanted that is no more.
  const current = (numberAt(status, 'observedGeneration') ?? 0) >= (target.metadata.generation ?? 0);
  const ready = current ? (numberAt(status, 'readyReplicas') ?? 0) : 0;
  const updated = numberAt(status, 'updatedReplicas') ?? 0;
  const replicas = numberAt(status, 'replicas') ?? 0;
  const due = workload.target.kind === 'StatefulSet' ? toBeUpdated(spec, wanted) : wanted;
  const settled = current && replicas === wanted && ready === wanted && updated >= due && updated <= wanted;
  return { wanted, ready, settled };
}

/** How many pods a StatefulSet itself replaces: none on OnDelete, none below the partition; a person does the others. */
function toBeUpdated(spec: JsonRecord, wanted: number): number {
  const strategy = recordAt(spec, 'updateStrategy');
  if (stringAt(strategy, 'type') === 'OnDelete') return 0;
  return Math.max(0, wanted - (numberAt(recordAt(strategy, 'rollingUpdate'), 'partition') ?? 0));
}
