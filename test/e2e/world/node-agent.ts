import { createServer } from 'node:http';
import { once } from 'node:events';
import type { JsonObject, PodRuntime, RunningPod } from '../../../src/sandbox/models/kube-api/index.ts';
import { environmentOf, type ObjectSource } from '../../../src/sandbox/models/kube-api/controllers/pod-environment.ts';
import { runnable } from '../../../src/sandbox/models/kube-api/controllers/pod-worker.ts';
import { at, objectAt, objectsAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { createBalancer } from '../../../src/sandbox/pods/balancer.ts';
import { programOf } from '../../../src/sandbox/pods/images.ts';
import { createProcessRuntime } from '../../../src/sandbox/pods/process-runtime.ts';
import { controlPlaneFiles, NODE, type ControlPlaneConfig } from './control-plane-config.ts';
import { ApiRefusal, type Api } from './kube-api.ts';
import { endedStatus, runningStatus } from './pod-status.ts';

const POLL_MS = 200;
const RESTART_MS = 1_000;

/** A pod that was told to run, until nothing of it runs any more. */
interface Work {
  running: RunningPod | undefined;
  restarts: number;
  stopping: boolean;
  /** One after the other: the last that is said is the last that is written. */
  writes: Promise<void>;
}

interface Node {
  readonly config: ControlPlaneConfig;
  readonly api: Api;
  readonly runtime: PodRuntime;
  /** Of the namespace whose pod is being started: a kubelet reads them at that moment, too. */
  readonly read: Map<string, { readonly object: JsonObject }>;
  readonly works: Map<string, Work>;
}

/**
 * What stands in a region beside its control plane: the node whose pods of the sandbox's images are processes of this
 * machine, the load balancer over the shops, and the edge. Everything else that is scheduled is kwok's.
 */
export async function startNode(
  config: ControlPlaneConfig,
  { balancerPort, edgePort }: NonNullable<ControlPlaneConfig['region']>,
  api: Api,
): Promise<void> {
  const balancer = await createBalancer(balancerPort);
  const read: Node['read'] = new Map();
  const runtime = createProcessRuntime({
    folder: controlPlaneFiles(config.folder).pods,
    read: (kind, namespace, name) =>
      textsOf(read.get(keyOf(kind === 'secret' ? '/secrets' : '/configmaps', namespace, name)), kind),
    otherwise: {
      run: () => {
        throw new Error('a pod of an image that is no program of the sandbox');
      },
    },
    endpoint: (pod, address) => {
      if (pod.labels['app'] === 'shop') balancer.set(pod.uid, address);
    },
  });
  await serveEdge(config.name, edgePort);
  await register(api);
  void look({ config, api, runtime, read, works: new Map() });
}

async function serveEdge(region: string, port: number): Promise<void> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ region, ok: true }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/** Capacity is kwok's to report; it makes the node ready as soon as there is one. */
async function register(api: Api): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE, labels: { 'kubernetes.io/hostname': NODE } } };
  await api.create('/api/v1/nodes', node).catch(unless(409));
}

/** For ever: a failed look is made again, for the API server may be busy. */
async function look(node: Node): Promise<never> {
  for (;;) {
    try {
      const pods = await node.api.list(`/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${NODE}`)}`);
      for (const pod of pods) await settle(node, pod);
    } catch (error) {
      process.stderr.write(`node: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function settle(node: Node, pod: JsonObject): Promise<void> {
  const image = stringAt(objectsAt(pod, 'spec', 'containers')[0], 'image') ?? '';
  if (programOf(image) === undefined) return;
  const uid = stringAt(pod, 'metadata', 'uid') ?? '';
  const work = node.works.get(uid);
  const deleted = at(pod, 'metadata', 'deletionTimestamp') !== undefined;
  if (work !== undefined) {
    if (deleted) stop(node, pod, work);
    return;
  }
  if (deleted) {
    await forget(node, pod);
    return;
  }
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return;
  const begun: Work = { running: undefined, restarts: 0, stopping: false, writes: Promise.resolve() };
  node.works.set(uid, begun);
  try {
    await run(node, pod, begun);
  } catch (error) {
    node.works.delete(uid);
    throw error;
  }
}

/** As the pod's status says, it is not ready before its process says so: also after the node came back. */
async function run(node: Node, pod: JsonObject, work: Work): Promise<void> {
  const { config, api, runtime, read } = node;
  const namespace = stringAt(pod, 'metadata', 'namespace') ?? '';
  for (const storage of ['/secrets', '/configmaps'] as const) {
    for (const object of await api.list(`/api/v1/namespaces/${namespace}${storage}`)) {
      read.set(keyOf(storage, namespace, stringAt(object, 'metadata', 'name') ?? ''), { object });
    }
  }
  const source: ObjectSource = { get: (storage, of, name) => read.get(keyOf(storage, of, name)) };
  const { containers, missing } = environmentOf(source, pod);
  // Looked at again with the next list: the kubelet waits for what a pod refers to, too.
  if (missing !== undefined) throw new Error(missing);
  let ip: string | undefined;
  const running = (ready: boolean): void => {
    write(node, pod, work, runningStatus(pod, { ready, restarts: work.restarts, ip }));
  };
  const job = stringAt(objectsAt(pod, 'metadata', 'ownerReferences')[0], 'kind') === 'Job';
  work.running = runtime.run(runnable(config.name, pod, containers), {
    started: (address) => {
      ip = address;
      running(false);
    },
    ready: running,
    exited: (code, message) => {
      if (work.stopping) return;
      if (job) {
        write(node, pod, work, endedStatus(pod, code, message));
        return;
      }
      work.restarts += 1;
      running(false);
      setTimeout(() => {
        if (!work.stopping) void run(node, pod, work).catch(said);
      }, RESTART_MS);
    },
    log: () => undefined,
  });
  if (stringAt(pod, 'status', 'phase') === 'Running') running(false);
}

function stop(node: Node, pod: JsonObject, work: Work): void {
  if (work.stopping) return;
  work.stopping = true;
  const gone = (): void => {
    void forget(node, pod).catch(said);
  };
  if (work.running === undefined) gone();
  else work.running.stop(gone);
}

/** The object goes when nothing of the pod runs any more. */
async function forget({ api }: Node, pod: JsonObject): Promise<void> {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: uidOf(pod) };
  await api.remove(pathOf(pod), options).catch(unless(404, 409));
}

function write({ api }: Node, pod: JsonObject, work: Work, status: JsonObject): void {
  const body = { metadata: uidOf(pod), status };
  const send = async (): Promise<void> => {
    await api.mergePatch(`${pathOf(pod)}/status`, body);
  };
  work.writes = work.writes.then(send).catch(unless(404, 409)).catch(said);
}

function said(error: unknown): void {
  process.stderr.write(`node: ${error instanceof Error ? error.message : String(error)}\n`);
}

function unless(...statuses: readonly number[]): (error: unknown) => void {
  return (error) => {
    if (error instanceof ApiRefusal && statuses.includes(error.status)) return;
    throw error instanceof Error ? error : new Error(String(error));
  };
}

function uidOf(pod: JsonObject): JsonObject {
  return { uid: stringAt(pod, 'metadata', 'uid') ?? '' };
}

function pathOf(pod: JsonObject): string {
  return `/api/v1/namespaces/${stringAt(pod, 'metadata', 'namespace') ?? ''}/pods/${stringAt(pod, 'metadata', 'name') ?? ''}`;
}

function keyOf(storage: string, namespace: string, name: string): string {
  return `${storage} ${namespace}/${name}`;
}

function textsOf(
  found: { readonly object: JsonObject } | undefined,
  kind: 'secret' | 'configMap',
): Readonly<Record<string, string>> | undefined {
  if (found === undefined) return undefined;
  const data = objectAt(found.object, 'data');
  return Object.fromEntries(
    Object.keys(data).map((key) => {
      const value = stringAt(data, key) ?? '';
      return [key, kind === 'secret' ? Buffer.from(value, 'base64').toString('utf8') : value];
    }),
  );
}
