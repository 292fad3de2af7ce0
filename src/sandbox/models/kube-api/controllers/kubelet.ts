import { arrayAt, compact, equal, numberAt, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import type { PodRuntime, RunnablePod, RunningPod } from '../pod-runtime.ts';
import { environmentOf } from './pod-environment.ts';
import {
  condition,
  controllerOf,
  find,
  isDeleted,
  nameOf,
  namespaceOf,
  now,
  PODS,
  recordEvent,
  removeQuietly,
  uidOf,
  writeStatus,
  type Machine,
} from './machine.ts';

/** A pod's annotation by which a test makes it fail; set it in the pod template. */
export const FAULT = 'sandbox.maestro.io/fault';
export type PodFault = 'ImagePullBackOff' | 'Unschedulable' | 'CrashLoopBackOff' | 'NeverReady';

const NODE = 'sandbox-node-1';
const PULL_BACK_OFF_MS = 2_000;
const CRASH_AFTER_MS = 500;
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 300_000;
const LOG_LINES = 500;

interface Running {
  readonly uid: string;
  stop: (done: () => void) => void;
  stopping: boolean;
  ended: boolean;
  restarts: number;
  readonly log: string[];
}

/** The scheduler and the kubelet of the cluster's only node. */
export interface Kubelet {
  reconcile(namespace: string, name: string): void;
  /** A ConfigMap or Secret changed: pods that wait for it try again. */
  configChanged(namespace: string): void;
  /** Pods of a restored cluster run no more: starts them again. */
  restart(): void;
  logOf(pod: JsonObject, tail: number | undefined): string;
  stop(): void;
}

export function createKubelet(machine: Machine, runtime: PodRuntime, cluster: string): Kubelet {
  const running = new Map<string, Running>();
  const waiting = new Set<string>();

  const keyOf = (pod: JsonObject): string => `${namespaceOf(pod)}/${nameOf(pod)}`;
  const current = (pod: JsonObject): JsonObject | undefined => {
    const found = find(machine, PODS, namespaceOf(pod), nameOf(pod));
    return found !== undefined && uidOf(found) === uidOf(pod) ? found : undefined;
  };

  const start = (placed: JsonObject): void => {
    const fault = stringAt(placed, 'metadata', 'annotations', FAULT);
    const state: Running = {
      uid: uidOf(placed),
      stop: stopAtOnce,
      stopping: false,
      ended: false,
      restarts: 0,
      log: [],
    };
    if (fault === 'ImagePullBackOff') {
      running.set(keyOf(placed), state);
      failToPull(placed, state);
      return;
    }
    const environment = environmentOf(machine.cluster.store, placed);
    if (environment.missing !== undefined) {
      waiting.add(keyOf(placed));
      setWaiting(machine, placed, 'CreateContainerConfigError', environment.missing, 0);
      warn(placed, 'Failed', `Error: ${environment.missing}`);
      return;
    }
    waiting.delete(keyOf(placed));
    running.set(keyOf(placed), state);
    if (fault === 'CrashLoopBackOff') crash(placed, state);
    else if (fault === 'NeverReady') setRunning(machine, placed, false, 0);
    else run(placed, state, environment.containers);
  };

  const warn = (pod: JsonObject, reason: string, message: string): void => {
    recordEvent(machine, PODS, pod, { type: 'Warning', reason, message, component: 'kubelet' });
  };

  const run = (pod: JsonObject, state: Running, containers: RunnablePod['containers']): void => {
    const handle: RunningPod = runtime.run(runnable(cluster, pod, containers), {
      started: (ip) => {
        const live = current(pod);
        if (live !== undefined && !state.ended) setRunning(machine, live, false, state.restarts, ip);
      },
      ready: (ready) => {
        const live = current(pod);
        if (live !== undefined && !state.ended) setRunning(machine, live, ready, state.restarts);
      },
      exited: (code, message) => {
        if (!state.ended && !state.stopping) exited(pod, state, containers, code, message);
      },
      log: (line) => {
        state.log.push(line);
        if (state.log.length > LOG_LINES) state.log.shift();
      },
    });
    state.stop = (done) => {
      handle.stop(done);
    };
  };

  const exited = (
    pod: JsonObject,
    state: Running,
    containers: RunnablePod['containers'],
    code: number,
    message?: string,
  ): void => {
    const live = current(pod);
    if (live === undefined) return;
    const policy = stringAt(live, 'spec', 'restartPolicy') ?? 'Always';
    if (policy === 'Never' || (policy === 'OnFailure' && code === 0)) {
      state.ended = true;
      setEnded(machine, live, code, message, state.restarts);
      return;
    }
    backOff(live, state, code, () => {
      run(pod, state, containers);
    });
  };

  const backOff = (live: JsonObject, state: Running, code: number, again: () => void): void => {
    state.restarts += 1;
    const wait = Math.min(LAST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (state.restarts - 1));
    const container = stringAt(objectsAt(live, 'spec', 'containers')[0], 'name') ?? '';
    const text = `back-off ${String(wait / 1000)}s restarting failed container=${container} pod=${nameOf(live)}_${namespaceOf(live)}(${uidOf(live)})`;
    setWaiting(machine, live, 'CrashLoopBackOff', text, state.restarts, code);
    warn(
      live,
      'BackOff',
      `Back-off restarting failed container ${container} in pod ${nameOf(live)}_${namespaceOf(live)}(${uidOf(live)})`,
    );
    const cancel = machine.time.after(wait, again);
    state.stop = (done) => {
      cancel();
      done();
    };
  };

  const crash = (pod: JsonObject, state: Running): void => {
    const live = current(pod);
    if (live === undefined || state.stopping) return;
    setRunning(machine, live, false, state.restarts);
    const cancel = machine.time.after(CRASH_AFTER_MS, () => {
      const after = current(pod);
      if (after !== undefined && !state.stopping) {
        backOff(after, state, 1, () => {
          crash(pod, state);
        });
      }
    });
    state.stop = (done) => {
      cancel();
      done();
    };
  };

  const failToPull = (pod: JsonObject, state: Running): void => {
    const image = stringAt(objectsAt(pod, 'spec', 'containers')[0], 'image') ?? '';
    const why = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
    setWaiting(machine, pod, 'ErrImagePull', `rpc error: code = NotFound desc = ${why}`, 0);
    warn(pod, 'Failed', `Failed to pull image "${image}": rpc error: code = NotFound desc = ${why}`);
    const cancel = machine.time.after(PULL_BACK_OFF_MS, () => {
      const live = current(pod);
      if (live === undefined || state.stopping) return;
      setWaiting(
        machine,
        live,
        'ImagePullBackOff',
        `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = ${why}`,
        0,
      );
      recordEvent(machine, PODS, live, {
        type: 'Normal',
        reason: 'BackOff',
        message: `Back-off pulling image "${image}"`,
        component: 'kubelet',
      });
    });
    state.stop = (done) => {
      cancel();
      done();
    };
  };

  const stopPod = (key: string, state: Running, gone: () => void): void => {
    if (state.stopping) return;
    state.stopping = true;
    state.stop(() => {
      state.ended = true;
      if (running.get(key) === state) running.delete(key);
      gone();
    });
  };

  const reconcile = (namespace: string, name: string): void => {
    const key = `${namespace}/${name}`;
    const pod = find(machine, PODS, namespace, name);
    const state = running.get(key);
    if (state !== undefined && state.uid !== (pod === undefined ? '' : uidOf(pod))) {
      stopPod(key, state, () => {
        if (pod !== undefined)
          {machine.queue.add(`kubelet/${key}`, () => {
            reconcile(namespace, name);
          });}
      });
      return;
    }
    if (pod === undefined) {
      waiting.delete(key);
      return;
    }
    if (isDeleted(pod)) {
      const remove = (): void => {
        const live = current(pod);
        if (live !== undefined) removeQuietly(machine, PODS, live, 0);
      };
      if (state === undefined) remove();
      else stopPod(key, state, remove);
      return;
    }
    if (state === undefined && !waiting.has(key) && !hasEnded(pod)) {
      const placed = place(machine, pod);
      if (placed !== undefined) start(placed);
    }
  };

  return {
    reconcile,
    configChanged: (namespace) => {
      for (const key of [...waiting]) {
        const [podNamespace = '', name = ''] = key.split('/');
        if (podNamespace !== namespace) continue;
        const pod = find(machine, PODS, namespace, name);
        waiting.delete(key);
        if (pod !== undefined && !isDeleted(pod)) start(pod);
      }
    },
    restart: () => {
      for (const { object } of machine.cluster.store.list(PODS.storage)) {
        if (hasEnded(object)) continue;
        if (stringAt(object, 'spec', 'nodeName') !== undefined) setWaiting(machine, object, 'ContainerCreating', '', 0);
        machine.queue.add(`kubelet/${keyOf(object)}`, () => {
          reconcile(namespaceOf(object), nameOf(object));
        });
      }
    },
    logOf: (pod, tail) => {
      const lines = running.get(keyOf(pod))?.log ?? [];
      return (tail === undefined ? lines : lines.slice(-tail)).map((line) => `${line}\n`).join('');
    },
    stop: () => {
      for (const state of running.values()) {
        if (state.stopping) continue;
        state.stopping = true;
        state.ended = true;
        state.stop(() => undefined);
      }
      running.clear();
    },
  };
}

function stopAtOnce(done: () => void): void {
  done();
}

function hasEnded(pod: JsonObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function runnable(cluster: string, pod: JsonObject, containers: RunnablePod['containers']): RunnablePod {
  const texts = (key: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(objectAt(pod, 'metadata', key)).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : '',
      ]),
    );
  return {
    cluster,
    namespace: namespaceOf(pod),
    name: nameOf(pod),
    uid: uidOf(pod),
    labels: texts('labels'),
    annotations: texts('annotations'),
    ip: stringAt(pod, 'status', 'podIP') ?? '',
    containers,
    job: controllerOf(pod)?.['kind'] === 'Job',
    spec: objectAt(pod, 'spec'),
  };
}

/** Gives the pod its node and address, or says why there is none. */
function place(machine: Machine, pod: JsonObject): JsonObject | undefined {
  const before = objectsAt(pod, 'status', 'conditions');
  if (stringAt(pod, 'metadata', 'annotations', FAULT) === 'Unschedulable') {
    const message =
      '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
    const unscheduled = condition(machine, before, {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
    });
    if (before.some((one) => equal(one, unscheduled))) return undefined;
    writeStatus(machine, PODS, pod, { ...objectAt(pod, 'status'), phase: 'Pending', conditions: [unscheduled] });
    recordEvent(machine, PODS, pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
      component: 'default-scheduler',
    });
    return undefined;
  }
  if (stringAt(pod, 'spec', 'nodeName') !== undefined && stringAt(pod, 'status', 'podIP') !== undefined) return pod;
  const number = machine.cluster.identities.next();
  const ip = `10.244.${String(Math.floor(number / 250) % 250)}.${String((number % 250) + 2)}`;
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: now(machine) };
  const status = {
    ...objectAt(pod, 'status'),
    phase: 'Pending',
    hostIP: '10.0.0.1',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: now(machine),
    conditions: [scheduled],
  };
  // A binding: the one write that sets spec.nodeName, and no client's.
  const placed = { ...pod, spec: { ...objectAt(pod, 'spec'), nodeName: NODE }, status };
  return machine.cluster.store.put(PODS.storage, placed).object;
}

function containerStatuses(
  pod: JsonObject,
  ready: boolean,
  restarts: number,
  state: JsonObject,
  last?: JsonObject,
): readonly JsonObject[] {
  return objectsAt(pod, 'spec', 'containers').map((container) => ({
    name: stringAt(container, 'name') ?? '',
    image: stringAt(container, 'image') ?? '',
    imageID: '',
    ready,
    started: state['running'] !== undefined,
    restartCount: restarts,
    state,
    lastState: last ?? {},
  }));
}

function conditions(machine: Machine, pod: JsonObject, ready: boolean, reason: string): readonly JsonObject[] {
  const before = objectsAt(pod, 'status', 'conditions');
  const names = arrayAt(pod, 'spec', 'containers')
    .map((one) => stringAt(one, 'name') ?? '')
    .join(' ');
  const make = (type: string, yes: boolean): JsonObject => {
    const wanted = yes
      ? { type, status: 'True' as const, reason: '', message: '' }
      : { type, status: 'False' as const, reason, message: `containers with unready status: [${names}]` };
    const { reason: why, message, ...rest } = condition(machine, before, wanted);
    return compact({ ...rest, reason: why === '' ? undefined : why, message: message === '' ? undefined : message });
  };
  const scheduled = before.filter((one) => one['type'] === 'PodScheduled');
  return [make('Initialized', true), make('Ready', ready), make('ContainersReady', ready), ...scheduled];
}

function setRunning(machine: Machine, pod: JsonObject, ready: boolean, restarts: number, ip?: string): void {
  const status = objectAt(pod, 'status');
  const was = objectsAt(status, 'containerStatuses')[0];
  const since = stringAt(was, 'state', 'running', 'startedAt') ?? now(machine);
  writeStatus(machine, PODS, pod, {
    ...status,
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    phase: 'Running',
    conditions: conditions(machine, pod, ready, 'ContainersNotReady'),
    containerStatuses: containerStatuses(
      pod,
      ready,
      restarts,
      { running: { startedAt: since } },
      objectAt(was, 'lastState'),
    ),
  });
}

function setWaiting(
  machine: Machine,
  pod: JsonObject,
  reason: string,
  message: string,
  restarts: number,
  code?: number,
): void {
  const status = objectAt(pod, 'status');
  const last = code === undefined ? undefined : { terminated: terminated(machine, code, undefined) };
  writeStatus(machine, PODS, pod, {
    ...status,
    phase: restarts > 0 ? 'Running' : 'Pending',
    conditions: conditions(machine, pod, false, 'ContainersNotReady'),
    containerStatuses: containerStatuses(
      pod,
      false,
      restarts,
      { waiting: compact({ reason, message: message === '' ? undefined : message }) },
      last,
    ),
  });
}

function terminated(machine: Machine, code: number, message: string | undefined): JsonObject {
  const finishedAt = now(machine);
  return compact({
    exitCode: code,
    reason: code === 0 ? 'Completed' : 'Error',
    message,
    startedAt: finishedAt,
    finishedAt,
  });
}

function setEnded(
  machine: Machine,
  pod: JsonObject,
  code: number,
  message: string | undefined,
  restarts: number,
): void {
  const status = objectAt(pod, 'status');
  writeStatus(machine, PODS, pod, {
    ...status,
    phase: code === 0 ? 'Succeeded' : 'Failed',
    conditions: conditions(machine, pod, false, code === 0 ? 'PodCompleted' : 'PodFailed'),
    containerStatuses: containerStatuses(pod, false, restarts, { terminated: terminated(machine, code, message) }),
  });
}

export function exitCodeOf(pod: JsonObject): number | undefined {
  return numberAt(objectsAt(pod, 'status', 'containerStatuses')[0], 'state', 'terminated', 'exitCode');
}
