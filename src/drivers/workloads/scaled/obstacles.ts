import { recordAt, stringAt, type JsonRecord } from '../../../kube/json.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { WorkloadObstacle } from '../driver.ts';
import { conditionOf, mayRun, recordsAt } from '../pods.ts';

const MAX_OBSTACLES = 8;
const MAX_WORDS = 300;

/** Reasons of a waiting container: kubelet `pkg/kubelet/images/types.go` and `pkg/kubelet/container/sync_result.go`. */
const WAITING: Readonly<Record<string, WorkloadObstacle['kind']>> = {
  ErrImagePull: 'ImagePull',
  ImagePullBackOff: 'ImagePull',
  InvalidImageName: 'ImagePull',
  ErrImageNeverPull: 'ImagePull',
  CrashLoopBackOff: 'CrashLoop',
  CreateContainerConfigError: 'ContainerConfig',
  CreateContainerError: 'ContainerConfig',
  RunContainerError: 'ContainerConfig',
};

/** Said once where many pods say it, and few of many. */
export function distinct(all: readonly WorkloadObstacle[]): readonly WorkloadObstacle[] {
  const byWords = new Map(all.map((obstacle) => [`${obstacle.kind} ${obstacle.message}`, obstacle]));
  return [...byWords.values()].slice(0, MAX_OBSTACLES);
}

/** Pods that could not even be made: a quota, or an admission that refused them. */
export function deploymentRefusal(deployment: KubeObject): readonly WorkloadObstacle[] {
  const failure = conditionOf(deployment, 'ReplicaFailure', 'True');
  return failure === undefined ? [] : [refusal(words(failure))];
}

export function refusal(message: string): WorkloadObstacle {
  return { kind: message.includes('exceeded quota') ? 'Quota' : 'FailedCreate', message };
}

/** Not leaving, and not over: those that may still become ready. */
export function livePods(pods: readonly KubeObject[]): readonly KubeObject[] {
  return pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && mayRun(pod));
}

/** Of live pods: what is more than "not yet". */
export function podObstacles(live: readonly KubeObject[]): readonly WorkloadObstacle[] {
  return live.flatMap((pod) => [...scheduling(pod), ...waiting(pod)]);
}

function scheduling(pod: KubeObject): readonly WorkloadObstacle[] {
  const condition = conditionOf(pod, 'PodScheduled', 'False');
  return condition?.['reason'] === 'Unschedulable' ? [{ kind: 'Unschedulable', message: words(condition) }] : [];
}

function waiting(pod: KubeObject): readonly WorkloadObstacle[] {
  const status = recordAt(pod, 'status');
  const containers = [...recordsAt(status, 'initContainerStatuses'), ...recordsAt(status, 'containerStatuses')];
  return containers.flatMap((container) => {
    const reason = recordAt(recordAt(container, 'state'), 'waiting');
    const kind = WAITING[stringAt(reason, 'reason') ?? ''];
    return kind === undefined ? [] : [{ kind, message: words(reason) }];
  });
}

/** `reason: message` of a condition, a container's state or an event. */
export function words(said: JsonRecord): string {
  const reason = stringAt(said, 'reason') ?? 'unknown reason';
  const message = stringAt(said, 'message') ?? '';
  const text = message === '' ? reason : `${reason}: ${message}`;
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;
}
