import { stringAt, type JsonObject } from '../json.ts';
import type { PodRuntime } from '../pod-runtime.ts';
import { find, isDeleted, nameOf, namespaceOf, PODS, removeQuietly, uidOf, type Machine } from './machine.ts';
import { environmentOf } from './pod-environment.ts';
import { hasEnded, setWaiting } from './pod-status.ts';
import { FAULT, startWorker, warn, type Worker, type WorkerContext } from './pod-worker.ts';
import { placePod, refusePod } from './scheduler.ts';
import { missingVolume } from './volume-claims.ts';

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

interface Node extends WorkerContext {
  readonly workers: Map<string, Worker>;
  /** Pods whose environment names a ConfigMap or Secret that is not there. */
  readonly waiting: Set<string>;
}

export function createKubelet(machine: Machine, runtime: PodRuntime, cluster: string): Kubelet {
  const node: Node = { machine, runtime, cluster, workers: new Map(), waiting: new Set() };
  return {
    reconcile: (namespace, name) => {
      reconcile(node, namespace, name);
    },
    configChanged: (namespace) => {
      for (const key of [...node.waiting]) {
        const [podNamespace = '', name = ''] = key.split('/');
        if (podNamespace !== namespace) continue;
        node.waiting.delete(key);
        reconcile(node, namespace, name);
      }
    },
    restart: () => {
      restart(node);
    },
    logOf: (pod, tail) => {
      const lines = node.workers.get(keyOf(pod))?.log ?? [];
      return (tail === undefined ? lines : lines.slice(-tail)).map((line) => `${line}\n`).join('');
    },
    stop: () => {
      for (const [key, worker] of node.workers) stopWorker(node, key, worker, nothingMore);
    },
  };
}

function keyOf(pod: JsonObject): string {
  return `${namespaceOf(pod)}/${nameOf(pod)}`;
}

function nothingMore(): void {
  // The cluster is gone: nobody is left to write that the pod is.
}

function reconcile(node: Node, namespace: string, name: string): void {
  const key = `${namespace}/${name}`;
  const pod = find(node.machine, PODS, namespace, name);
  const worker = node.workers.get(key);
  if (worker !== undefined && worker.uid !== (pod === undefined ? '' : uidOf(pod))) {
    // Its object was removed by force, or replaced: the next one starts when this one has stopped.
    stopWorker(node, key, worker, () => {
      enqueue(node, namespace, name);
    });
    return;
  }
  if (pod === undefined) node.waiting.delete(key);
  else if (isDeleted(pod)) end(node, key, pod, worker);
  else if (worker === undefined && !node.waiting.has(key) && !hasEnded(pod)) begin(node, key, pod);
}

function enqueue(node: Node, namespace: string, name: string): void {
  node.machine.queue.add(`kubelet/${namespace}/${name}`, () => {
    reconcile(node, namespace, name);
  });
}

function begin(node: Node, key: string, pod: JsonObject): void {
  const { machine } = node;
  if (stringAt(pod, 'metadata', 'annotations', FAULT) === 'Unschedulable') {
    refusePod(machine, pod);
    return;
  }
  const wanting = missingVolume(machine, pod);
  if (wanting !== undefined) {
    refusePod(machine, pod, wanting);
    return;
  }
  const placed = placePod(machine, pod);
  const environment = environmentOf(machine.cluster.store, placed);
  if (environment.missing !== undefined) {
    node.waiting.add(key);
    setWaiting(machine, placed, { reason: 'CreateContainerConfigError', message: environment.missing, restarts: 0 });
    warn(machine, placed, 'Failed', `Error: ${environment.missing}`);
    return;
  }
  node.workers.set(key, startWorker(node, placed, environment.containers));
}

function end(node: Node, key: string, pod: JsonObject, worker: Worker | undefined): void {
  const remove = (): void => {
    const live = find(node.machine, PODS, namespaceOf(pod), nameOf(pod));
    if (live !== undefined && uidOf(live) === uidOf(pod)) removeQuietly(node.machine, PODS, live, 0);
  };
  if (worker === undefined) remove();
  else stopWorker(node, key, worker, remove);
}

function stopWorker(node: Node, key: string, worker: Worker, gone: () => void): void {
  if (worker.stopping) return;
  worker.stopping = true;
  worker.stop(() => {
    if (node.workers.get(key) === worker) node.workers.delete(key);
    gone();
  });
}

function restart(node: Node): void {
  for (const { object } of node.machine.cluster.store.list(PODS.storage)) {
    if (hasEnded(object)) continue;
    if (stringAt(object, 'spec', 'nodeName') !== undefined && !isDeleted(object)) {
      setWaiting(node.machine, object, { reason: 'ContainerCreating', message: '', restarts: 0 });
    }
    enqueue(node, namespaceOf(object), nameOf(object));
  }
}
