import type { JobEnding } from '../../contract/workload-world.ts';
import { POD_FAULT_ANNOTATION, type JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { objectsAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { ApiRefusal, type Api } from './kube-api.ts';
import { endedStatus } from './pod-status.ts';

const EVERY_MS = 100;
/** Long enough for a test to see a pod of a Job run. */
const JOB_MS = 1_500;

export interface KubeletHand {
  readonly jobEnds: (ending: JobEnding) => void;
  /** @throws what it failed with. */
  stop(): Promise<void>;
}

/**
 * What a kubelet would write of pods that kwok leaves alone: those that are told to have a fault have it, by the words
 * of kubelet `pkg/kubelet/images` and `kuberuntime_manager.go`; those of Jobs end. There are no containers here.
 */
export function startKubeletHand(api: Api, namespace: string): KubeletHand {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const done = new Set<string>();
  let ending: JobEnding = { code: 0 };
  let stopped = false;
  const look = async (): Promise<void> => {
    for (const pod of await api.list(pods)) {
      const uid = stringAt(pod, 'metadata', 'uid') ?? '';
      const status = done.has(uid) ? undefined : statusOf(pod, ending);
      if (status === undefined) continue;
      done.add(uid);
      await write(api, `${pods}/${stringAt(pod, 'metadata', 'name') ?? ''}`, uid, status);
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  const running = loop();
  // Its failure is told where it is stopped.
  running.catch(() => undefined);
  return {
    jobEnds: (next) => {
      ending = next;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

function statusOf(pod: JsonObject, { code, message }: JobEnding): JsonObject | undefined {
  // Before that nobody but the scheduler has anything to say.
  if (stringAt(pod, 'spec', 'nodeName') === undefined) return undefined;
  const fault = stringAt(pod, 'metadata', 'annotations', POD_FAULT_ANNOTATION);
  if (fault !== undefined) return waiting(pod, fault);
  const ofJob = stringAt(objectsAt(pod, 'metadata', 'ownerReferences')[0], 'kind') === 'Job';
  const startedAt = Date.parse(stringAt(pod, 'status', 'startTime') ?? '');
  return ofJob && Date.now() - startedAt > JOB_MS ? endedStatus(pod, code, message) : undefined;
}

function waiting(pod: JsonObject, fault: string): JsonObject | undefined {
  const [container] = objectsAt(pod, 'spec', 'containers');
  const name = stringAt(container, 'name') ?? '';
  const image = stringAt(container, 'image') ?? '';
  const words: Readonly<Record<string, string>> = {
    ImagePullBackOff: `Back-off pulling image "${image}"`,
    CrashLoopBackOff: `back-off 10s restarting failed container=${name} pod=${stringAt(pod, 'metadata', 'name') ?? ''}`,
  };
  const message = words[fault];
  if (message === undefined) return undefined;
  const state = { waiting: { reason: fault, message } };
  return { containerStatuses: [{ name, image, imageID: '', ready: false, restartCount: 0, state }] };
}

/** The pod may be gone, and another have its name. */
async function write(api: Api, path: string, uid: string, status: JsonObject): Promise<void> {
  try {
    await api.mergePatch(`${path}/status`, { metadata: { uid }, status });
  } catch (error) {
    if (!(error instanceof ApiRefusal) || ![404, 409].includes(error.status)) throw error;
  }
}
