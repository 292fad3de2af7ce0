import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { noFiles } from '../../kube/support.ts';
import { processesOf } from '../../support/left-behind.ts';
import {
  NAMESPACE,
  type Asked,
  type KubeSubject,
  type Release,
  type WorkloadWorld,
} from '../../contract/workload-world.ts';
import { createKubeClient } from '../../../src/kube/client.ts';
import { createLimiter } from '../../../src/kube/limiter.ts';
import { POD_FAULT_ANNOTATION, type JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';
import { at, objectsAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { createClock } from '../../../src/system/clock.ts';
import { createHttp } from '../../../src/system/http.ts';
import type { Access } from './audit.ts';
import { faultyHttp } from './faulty-http.ts';
import { createGrants } from './granted.ts';
import { ApiRefusal, createApi, type Api } from './kube-api.ts';
import { startKubeletHand } from './kubelet-hand.ts';
import type { LoneCluster } from './lone-cluster.ts';
import type { RealCluster } from './real-cluster.ts';
import { until } from './until.ts';
import { volumesOf } from './volumes.ts';

const IN_NAMESPACE = `/api/v1/namespaces/${NAMESPACE}`;
const PODS = `${IN_NAMESPACE}/pods`;
/** Emptied between two tests. What owns comes before what is owned, or that would be made again. */
const COLLECTIONS = [
  `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`,
  ...['deployments', 'statefulsets', 'replicasets'].map((kind) => `/apis/apps/v1/namespaces/${NAMESPACE}/${kind}`),
  `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
  `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`,
  PODS,
  ...['resourcequotas', 'persistentvolumeclaims', 'events'].map((kind) => `${IN_NAMESPACE}/${kind}`),
];
/** Virtual time may pass for nothing; of real time this much must do. */
const QUIET_MS = 1_500;

/**
 * A region's cluster with a real API server, controllers and scheduler. kwok makes pods ready; what a kubelet alone
 * could tell of the others is written by `kubelet-hand.ts`.
 */
export function overReal(lone: () => LoneCluster): KubeSubject {
  let prepared: ReturnType<typeof prepare> | undefined;
  return {
    name: 'kube-apiserver',
    against: 'real',
    open: async (authorize) => {
      const { cluster, folder } = lone();
      const grants = await (prepared ??= prepare(cluster.api));
      await grants(authorize ?? (() => undefined));
      return await openWorld(cluster, folder);
    },
  };
}

async function prepare(api: Api): Promise<ReturnType<typeof createGrants>> {
  await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  for (const [path, object] of volumesOf('standard', 2)) await api.create(path, object);
  return createGrants(api);
}

async function openWorld(cluster: RealCluster, folder: string): Promise<WorkloadWorld> {
  const { api } = cluster;
  const token = stringAt(objectsAt(parse(cluster.kubeconfigs.operator) as JsonObject, 'users')[0], 'user', 'token');
  const operator = createApi({ port: cluster.port, ca: cluster.ca, token: token ?? '' });
  const http = createHttp();
  const faulty = faultyHttp(http);
  const clock = createClock();
  const client = createKubeClient({
    ports: { clock, http: faulty, files: noFiles },
    access: () => ({
      server: `https://127.0.0.1:${String(cluster.port)}`,
      tls: { ca: cluster.ca },
      token: token ?? '',
    }),
    cluster: 'west',
    limiter: createLimiter(clock, { ratePerSecond: 1000, burst: 1000, maxInFlight: 100 }),
  });
  const hand = startKubeletHand(api, NAMESPACE);
  return {
    client,
    asked: await readingAudit(cluster.access, operator),
    within: async (_, holds) => until('what the test says', holds),
    pass: async (ms) => sleep(Math.min(ms, QUIET_MS)),
    due: async (path, times) => due(api, path, times),
    fault: faulty.fault,
    put: async (method, path, body) => {
      await (method === 'POST' ? api.create(path, body) : api.mergePatch(path, body));
    },
    read: async (path) => await found(api.get(path)),
    list: async (path) => await api.list(path),
    quotaCounts: async (path) =>
      until('the quota counts', async () => {
        const quota = await api.get(path);
        assert.deepEqual(at(quota, 'status', 'hard'), at(quota, 'spec', 'hard'));
      }),
    jobEnds: hand.jobEnds,
    controllersRest: async () => await stopped(folder, 'kube-controller-manager'),
    podsLinger: async () => await lingering(api),
    close: async () => {
      await hand.stop();
      operator.close();
      await http.close();
      await emptied(api);
    },
  };
}

/**
 * What the operator's account asked for from now on. The API server writes an access before it answers, and the reader of
 * its log has it a moment later: a request of our own is the last that was written once it is read.
 */
async function readingAudit(path: string, operator: Api): Promise<() => Promise<readonly Asked[]>> {
  const settled = async (): Promise<readonly Access[]> => {
    const mark = `audit-mark-${randomUUID()}`;
    await assert.rejects(operator.get(`${IN_NAMESPACE}/configmaps/${mark}`), ApiRefusal);
    let seen: readonly Access[] = [];
    await until('the audit log has the mark', async () => {
      seen = await accesses(path);
      assert.ok(seen.some(({ name }) => name === mark));
    });
    return seen.filter(({ name }) => name?.startsWith('audit-mark-') !== true);
  };
  const begun = (await settled()).length;
  return async () =>
    (await settled()).slice(begun).map(({ verb, resource, impersonated }) => {
      const [plural = '', subresource] = resource.split('/');
      return {
        verb,
        resource: plural,
        ...(subresource === undefined ? {} : { subresource }),
        ...(impersonated === undefined ? {} : { impersonated }),
      };
    });
}

async function accesses(path: string): Promise<readonly Access[]> {
  const text = await readFile(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Access);
}

/** The controller starts what it has missed: it is told that it was last there so many minutes ago. */
async function due(api: Api, path: string, times: number): Promise<void> {
  const lastScheduleTime = `${new Date(Date.now() - times * 60_000).toISOString().slice(0, 19)}Z`;
  await api.mergePatch(`${path}/status`, { status: { lastScheduleTime } });
}

async function stopped(folder: string, program: string): Promise<Release> {
  const line = (await processesOf(folder)).find((words) => words.includes(`/${program} `));
  const pid = Number(line?.split(' ')[0]);
  assert.ok(pid > 0, `${program} runs`);
  process.kill(pid, 'SIGSTOP');
  return async () => {
    process.kill(pid, 'SIGCONT');
  };
}

/** kwok removes at once what is deleted, but for pods that have a fault. */
async function lingering(api: Api): Promise<Release> {
  const names = (await api.list(PODS)).map((pod) => stringAt(pod, 'metadata', 'name') ?? '');
  const annotations = { [POD_FAULT_ANNOTATION]: 'NeverReady' };
  for (const name of names) await api.mergePatch(`${PODS}/${name}`, { metadata: { annotations } });
  return async () => {
    for (const name of names) await found(api.remove(`${PODS}/${name}`, now()).then(() => ({})));
  };
}

/** Again and again: a controller that has not heard yet makes one more. */
async function emptied(api: Api): Promise<void> {
  await until(`${NAMESPACE} is empty`, async () => {
    for (const path of COLLECTIONS) {
      const left = await api.list(path);
      if (left.length > 0) await api.remove(path, now());
    }
    const left = await Promise.all(COLLECTIONS.map(async (path) => (await api.list(path)).length));
    assert.ok(
      left.every((count) => count === 0),
      'something is left',
    );
  });
}

function now(): JsonObject {
  return { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Background' };
}

async function found(getting: Promise<JsonObject>): Promise<JsonObject | undefined> {
  try {
    return await getting;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return undefined;
    throw error;
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
