import { objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import type { PodRuntime, RunnableContainer, RunnablePod } from '../pod-runtime.ts';
import { controllerOf, find, nameOf, namespaceOf, PODS, recordEvent, uidOf, type Machine } from './machine.ts';
import { setEnded, setRunning, setWaiting } from './pod-status.ts';

/** A pod's annotation by which a test makes it fail; set it in the pod template. */
export const FAULT = 'sandbox.maestro.io/fault';
export type PodFault = 'ImagePullBackOff' | 'Unschedulable' | 'CrashLoopBackOff' | 'NeverReady';

const PULL_BACK_OFF_MS = 2_000;
const CRASH_AFTER_MS = 500;
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 300_000;
const LOG_LINES = 500;

/** What the kubelet keeps of a pod that it was told to run, until nothing of it runs any more. */
export interface Worker {
  readonly uid: string;
  readonly log: string[];
  restarts: number;
  /** Told to stop: what the containers report from here on is of no interest. */
  stopping: boolean;
  stop: (done: () => void) => void;
}

export interface WorkerContext {
  readonly machine: Machine;
  readonly runtime: PodRuntime;
  readonly cluster: string;
}

export function startWorker(context: WorkerContext, pod: JsonObject, containers: readonly RunnableContainer[]): Worker {
  const worker: Worker = { uid: uidOf(pod), log: [], restarts: 0, stopping: false, stop: (done) => done() };
  switch (stringAt(pod, 'metadata', 'annotations', FAULT)) {
    case 'ImagePullBackOff':
      failToPull(context.machine, pod, worker);
      break;
    case 'CrashLoopBackOff':
      crash(context.machine, pod, worker);
      break;
    case 'NeverReady':
      setRunning(context.machine, pod, false, 0);
      break;
    default:
      run(context, pod, worker, containers);
  }
  return worker;
}

/** The pod as it is now, unless it is gone, another of its name, or no longer this worker's business. */
function current(machine: Machine, pod: JsonObject, worker: Worker): JsonObject | undefined {
  const found = find(machine, PODS, namespaceOf(pod), nameOf(pod));
  return !worker.stopping && found !== undefined && uidOf(found) === worker.uid ? found : undefined;
}

function run(context: WorkerContext, pod: JsonObject, worker: Worker, containers: readonly RunnableContainer[]): void {
  const { machine } = context;
  let ended = false;
  const live = (): JsonObject | undefined => (ended ? undefined : current(machine, pod, worker));
  const handle = context.runtime.run(runnable(context.cluster, pod, containers), {
    started: (ip) => {
      const now = live();
      if (now !== undefined) setRunning(machine, now, false, worker.restarts, ip);
    },
    ready: (ready) => {
      const now = live();
      if (now !== undefined) setRunning(machine, now, ready, worker.restarts);
    },
    exited: (code, message) => {
      const now = live();
      ended = true;
      if (now === undefined) return;
      const policy = stringAt(now, 'spec', 'restartPolicy') ?? 'Always';
      if (policy === 'Never' || (policy === 'OnFailure' && code === 0)) {
        setEnded(machine, now, code, message, worker.restarts);
        return;
      }
      backOff(machine, now, worker, code, () => {
        run(context, pod, worker, containers);
      });
    },
    log: (line) => {
      worker.log.push(line);
      if (worker.log.length > LOG_LINES) worker.log.shift();
    },
  });
  worker.stop = (done) => {
    handle.stop(done);
  };
}

export function runnable(cluster: string, pod: JsonObject, containers: readonly RunnableContainer[]): RunnablePod {
  const texts = (key: string): Record<string, string> => {
    const entries = Object.entries(objectAt(pod, 'metadata', key));
    return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === 'string' ? value : '']));
  };
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

/** Runs `again` after ten seconds, then twenty, up to five minutes. */
function backOff(machine: Machine, pod: JsonObject, worker: Worker, code: number, again: () => void): void {
  worker.restarts += 1;
  const wait = Math.min(LAST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (worker.restarts - 1));
  const container = stringAt(objectsAt(pod, 'spec', 'containers')[0], 'name') ?? '';
  const full = `${nameOf(pod)}_${namespaceOf(pod)}(${worker.uid})`;
  const message = `back-off ${String(wait / 1000)}s restarting failed container=${container} pod=${full}`;
  setWaiting(machine, pod, { reason: 'CrashLoopBackOff', message, restarts: worker.restarts, exitCode: code });
  warn(machine, pod, 'BackOff', `Back-off restarting failed container ${container} in pod ${full}`);
  stoppable(worker, machine.time.after(wait, again));
}

function crash(machine: Machine, pod: JsonObject, worker: Worker): void {
  const live = current(machine, pod, worker);
  if (live === undefined) return;
  setRunning(machine, live, false, worker.restarts);
  const cancel = machine.time.after(CRASH_AFTER_MS, () => {
    const now = current(machine, pod, worker);
    if (now === undefined) return;
    backOff(machine, now, worker, 1, () => {
      crash(machine, pod, worker);
    });
  });
  stoppable(worker, cancel);
}

function failToPull(machine: Machine, pod: JsonObject, worker: Worker): void {
  const image = stringAt(objectsAt(pod, 'spec', 'containers')[0], 'image') ?? '';
  const why = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
  setWaiting(machine, pod, { reason: 'ErrImagePull', message: why, restarts: 0 });
  warn(machine, pod, 'Failed', `Failed to pull image "${image}": ${why}`);
  const cancel = machine.time.after(PULL_BACK_OFF_MS, () => {
    const live = current(machine, pod, worker);
    if (live === undefined) return;
    const message = `Back-off pulling image "${image}"`;
    setWaiting(machine, live, { reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${why}`, restarts: 0 });
    recordEvent(machine, PODS, live, { type: 'Normal', reason: 'BackOff', message, component: 'kubelet' });
  });
  stoppable(worker, cancel);
}

function stoppable(worker: Worker, cancel: () => void): void {
  worker.stop = (done) => {
    cancel();
    done();
  };
}

export function warn(machine: Machine, pod: JsonObject, reason: string, message: string): void {
  recordEvent(machine, PODS, pod, { type: 'Warning', reason, message, component: 'kubelet' });
}
