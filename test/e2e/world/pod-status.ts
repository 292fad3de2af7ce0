import type { JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { objectsAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';

export interface Running {
  readonly ready: boolean;
  readonly restarts: number;
  readonly ip: string | undefined;
}

/** What a kubelet writes of a pod whose only container runs. */
export function runningStatus(pod: JsonObject, { ready, restarts, ip }: Running): JsonObject {
  const now = new Date().toISOString();
  return {
    phase: 'Running',
    startTime: stringAt(pod, 'status', 'startTime') ?? now,
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    conditions: conditions(pod, ready, 'ContainersNotReady'),
    containerStatuses: containers(pod, ready, restarts, { running: { startedAt: now } }),
  };
}

/** And of one that has ended. */
export function endedStatus(pod: JsonObject, exitCode: number, message: string | undefined): JsonObject {
  const now = new Date().toISOString();
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: now,
    finishedAt: now,
    ...(message === undefined ? {} : { message }),
  };
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    conditions: conditions(pod, false, exitCode === 0 ? 'PodCompleted' : 'PodFailed'),
    containerStatuses: containers(pod, false, 0, { terminated }),
  };
}

/** A merge patch replaces a list: what the scheduler wrote is written again. */
function conditions(pod: JsonObject, ready: boolean, reason: string): readonly JsonObject[] {
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const scheduled = objectsAt(pod, 'status', 'conditions').filter(({ type }) => type === 'PodScheduled');
  const own = (['Initialized', 'Ready', 'ContainersReady'] as const).map((type): JsonObject => {
    const yes = type === 'Initialized' || ready;
    return { type, status: yes ? 'True' : 'False', lastTransitionTime, ...(yes ? {} : { reason }) };
  });
  return [...scheduled, ...own];
}

function containers(pod: JsonObject, ready: boolean, restartCount: number, state: JsonObject): readonly JsonObject[] {
  return objectsAt(pod, 'spec', 'containers').map((container) => ({
    name: stringAt(container, 'name') ?? '',
    image: stringAt(container, 'image') ?? '',
    imageID: '',
    ready,
    started: 'running' in state,
    restartCount,
    state,
  }));
}
