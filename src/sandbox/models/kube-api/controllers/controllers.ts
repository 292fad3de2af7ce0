import type { ModelTime } from '../../time.ts';
import type { Cluster } from '../cluster.ts';
import { stringAt, type JsonObject } from '../json.ts';
import type { PodRuntime } from '../pod-runtime.ts';
import type { Change } from '../store.ts';
import { createCollector } from './collector.ts';
import { reconcileDefinition, reconcileNamespace } from './contents.ts';
import { reconcileCronJob } from './cron-job.ts';
import { reconcileDeployment } from './deployment.ts';
import { reconcileJob } from './job.ts';
import { createKubelet, type Kubelet } from './kubelet.ts';
import { controllerOf, type Machine } from './machine.ts';
import { createQueue } from './queue.ts';
import { reconcileQuota } from './quota-status.ts';
import { reconcileReplicaSet } from './replica-set.ts';
import { reconcileStatefulSet } from './stateful-set.ts';
import { reconcileClaim, wantsClaim } from './volume-claims.ts';

export interface ControllerOptions {
  /** From a change to the controllers' work on it, ms. Default 10. */
  readonly delayMs?: number;
  /** Default true. */
  readonly recordEvents?: boolean;
}

export interface Controllers {
  logOf(pod: JsonObject, query: URLSearchParams): string;
  stop(): void;
}

type Reconcile = (machine: Machine, namespace: string, name: string) => void;

/** By storage: who looks at an object that changed. */
const RECONCILERS: Readonly<Record<string, Reconcile>> = Object.freeze({
  'apps/deployments': reconcileDeployment,
  'apps/replicasets': reconcileReplicaSet,
  'apps/statefulsets': reconcileStatefulSet,
  'batch/jobs': reconcileJob,
  'batch/cronjobs': reconcileCronJob,
  '/persistentvolumeclaims': reconcileClaim,
  '/namespaces': reconcileNamespace,
  '/resourcequotas': reconcileQuota,
  'apiextensions.k8s.io/customresourcedefinitions': reconcileDefinition,
});

/** By kind: whose storage a controlling owner is in. */
const OWNERS: Readonly<Record<string, string>> = Object.freeze({
  Deployment: 'apps/deployments',
  ReplicaSet: 'apps/replicasets',
  StatefulSet: 'apps/statefulsets',
  Job: 'batch/jobs',
  CronJob: 'batch/cronjobs',
});

export function startControllers(
  cluster: Cluster,
  time: ModelTime,
  runtime: PodRuntime,
  name: string,
  options: ControllerOptions,
): Controllers {
  const queue = createQueue(time, options.delayMs ?? 10);
  const machine: Machine = { cluster, time, queue, recordEvents: options.recordEvents ?? true, blocked: new Map() };
  const kubelet = createKubelet(machine, runtime, name);
  const collector = createCollector(machine);
  const unsubscribe = cluster.store.subscribe((change) => {
    route(machine, kubelet, change);
    collector.changed(change);
  });
  resume(machine, kubelet);
  return {
    logOf: (pod, query) => {
      const tail = query.get('tailLines');
      return kubelet.logOf(pod, tail === null ? undefined : Number(tail));
    },
    stop: () => {
      unsubscribe();
      queue.stop();
      kubelet.stop();
    },
  };
}

function enqueue(machine: Machine, storage: string, namespace: string, name: string): void {
  const reconcile = RECONCILERS[storage];
  if (reconcile === undefined) return;
  machine.queue.add(`${storage}/${namespace}/${name}`, () => {
    reconcile(machine, namespace, name);
  });
}

function route(machine: Machine, kubelet: Kubelet, change: Change): void {
  const { storage, namespace, name, stored } = change;
  enqueue(machine, storage, namespace, name);
  const owner = controllerOf(stored.object);
  if (owner !== undefined) {
    enqueue(machine, OWNERS[stringAt(owner, 'kind') ?? ''] ?? '', namespace, stringAt(owner, 'name') ?? '');
  }
  if (change.kind === 'DELETED') {
    const definition = machine.cluster.types.stored(storage);
    if (definition?.custom === true) {
      enqueue(
        machine,
        'apiextensions.k8s.io/customresourcedefinitions',
        '',
        `${definition.plural}.${definition.group}`,
      );
    }
    if (namespace !== '') enqueueTerminating(machine, namespace);
  }
  if (storage === '/pods') {
    machine.queue.add(`kubelet/${namespace}/${name}`, () => {
      kubelet.reconcile(namespace, name);
    });
    enqueueQuota(machine, namespace, change.kind !== 'MODIFIED');
  }
  if (storage === '/resourcequotas') retryCreations(machine, namespace);
  if (storage === '/persistentvolumeclaims') retryPlacements(machine, kubelet, namespace, name);
  if (storage === '/secrets' || storage === '/configmaps') {
    machine.queue.add(`config/${namespace}`, () => {
      kubelet.configChanged(namespace);
    });
  }
}

function enqueueTerminating(machine: Machine, namespace: string): void {
  const found = machine.cluster.store.get('/namespaces', '', namespace);
  if (stringAt(found?.object, 'metadata', 'deletionTimestamp') === undefined) return;
  enqueue(machine, '/namespaces', '', namespace);
}

function enqueueQuota(machine: Machine, namespace: string, counted: boolean): void {
  const quotas = machine.cluster.store.list('/resourcequotas', namespace);
  if (quotas.length === 0) return;
  for (const { object } of quotas) {
    enqueue(machine, '/resourcequotas', namespace, stringAt(object, 'metadata', 'name') ?? '');
  }
  if (counted) retryCreations(machine, namespace);
}

/** There may be room now: the workloads of the namespace try again. */
function retryCreations(machine: Machine, namespace: string): void {
  for (const storage of ['apps/replicasets', 'apps/statefulsets', 'batch/jobs']) {
    for (const { object } of machine.cluster.store.list(storage, namespace)) {
      machine.blocked.delete(stringAt(object, 'metadata', 'uid') ?? '');
      enqueue(machine, storage, namespace, stringAt(object, 'metadata', 'name') ?? '');
    }
  }
}

/** The volume may be there now: the pods that wait for it are looked at again. */
function retryPlacements(machine: Machine, kubelet: Kubelet, namespace: string, claim: string): void {
  for (const { object } of machine.cluster.store.list('/pods', namespace)) {
    if (!wantsClaim(object, claim)) continue;
    const name = stringAt(object, 'metadata', 'name') ?? '';
    machine.queue.add(`kubelet/${namespace}/${name}`, () => {
      kubelet.reconcile(namespace, name);
    });
  }
}

/** A restored cluster: what was going on when it was stored goes on. */
function resume(machine: Machine, kubelet: Kubelet): void {
  for (const storage of Object.keys(RECONCILERS)) {
    // A new cluster's own first objects need no controller.
    if (machine.cluster.store.list('/pods').length === 0 && storage === '/namespaces') continue;
    for (const { object } of machine.cluster.store.list(storage)) {
      enqueue(
        machine,
        storage,
        stringAt(object, 'metadata', 'namespace') ?? '',
        stringAt(object, 'metadata', 'name') ?? '',
      );
    }
  }
  kubelet.restart();
}
