import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { parse } from 'yaml';
import { createCrdCompiler, createDelayRuntime, createKubeApi, type KubeApi } from '../models/kube-api/index.ts';
import type { AuditEntry, JsonObject, PodRuntime } from '../models/kube-api/index.ts';
import { objectAt, stringAt } from '../models/kube-api/json.ts';
import { serveKubeApi } from '../wire/kube-api/index.ts';
import { createBalancer, type Balancer } from '../pods/balancer.ts';
import { createProcessRuntime } from '../pods/process-runtime.ts';
import type { ReadData } from '../pods/volumes.ts';
import { endWithParent } from '../shop/end-with-parent.ts';
import { clusterFiles, type ClusterConfig } from './cluster-config.ts';
import { failWith, readConfigFile, sayReady } from './config-file.ts';
import { hostTime } from './host-time.ts';
import { appendJsonLines, replaceFile } from './json-lines-file.ts';

const SAVE_MS = 100;
const MUTATIONS = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/**
 * One API server; in a region also its node, its load balancer and its edge. A SIGKILL of this process group is the
 * loss of the region; started again with the same configuration it is as it was.
 */
async function main(): Promise<void> {
  endWithParent();
  const config = readConfigFile(process.argv.slice(2)) as ClusterConfig;
  const files = clusterFiles(config.folder);
  const balancer = config.region === undefined ? undefined : await createBalancer(config.region.balancerPort);
  // The runtime reads Secrets from the cluster that runs it.
  const cluster: { api?: KubeApi } = {};
  const compile = createCrdCompiler();
  const api = createKubeApi({
    name: config.name,
    time: hostTime,
    clusterUid: config.clusterUid,
    tokens: config.tokens,
    pods: runtimeOf(files.pods, balancer, (kind, namespace, name) => readData(cluster.api, kind, namespace, name)),
    compile,
    crds: config.crds.map((path) => compile(parse(readFileSync(path, 'utf8')) as JsonObject)),
    audit: auditTo(files.audit),
    ...(existsSync(files.state) ? { restore: readFileSync(files.state, 'utf8') } : {}),
  });
  cluster.api = api;
  const save = savesTo(files.state, api);
  setInterval(save, SAVE_MS).unref();
  const handler: Pick<KubeApi, 'handle'> = {
    handle: (request) => {
      const response = api.handle(request);
      // What was acknowledged is kept, as etcd would.
      if (request.method !== 'GET') save();
      return response;
    },
  };
  const served = await serveKubeApi(handler, { port: config.port, tls: config.tls });
  if (config.region !== undefined) await serveEdge(config.name, config.region.edgePort);
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      save();
      api.destroy();
      process.exit(0);
    });
  }
  sayReady({ url: served.url });
}

function runtimeOf(folder: string, balancer: Balancer | undefined, read: ReadData): PodRuntime {
  const otherwise = createDelayRuntime({ time: hostTime });
  if (balancer === undefined) return otherwise;
  return createProcessRuntime({
    folder,
    read,
    otherwise,
    endpoint: (pod, address) => {
      if (pod.labels['app'] === 'shop') balancer.set(pod.uid, address);
    },
  });
}

function readData(
  api: KubeApi | undefined,
  kind: 'secret' | 'configMap',
  namespace: string,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const found = api?.hooks.read(kind === 'secret' ? '/secrets' : '/configmaps', namespace, name);
  if (found === undefined) return undefined;
  const data = objectAt(found, 'data');
  return Object.fromEntries(
    Object.keys(data).map((key) => {
      const value = stringAt(data, key) ?? '';
      return [key, kind === 'secret' ? Buffer.from(value, 'base64').toString('utf8') : value];
    }),
  );
}

/** Reads are many and change nothing: they are left out. */
function auditTo(path: string): (entry: AuditEntry) => void {
  const append = appendJsonLines(path);
  return (entry) => {
    if (MUTATIONS.has(entry.verb)) append(entry);
  };
}

function savesTo(path: string, api: KubeApi): () => void {
  let saved = '';
  return () => {
    const version = api.hooks.resourceVersion();
    if (version === saved) return;
    replaceFile(path, api.snapshot());
    saved = version;
  };
}

async function serveEdge(region: string, port: number): Promise<void> {
  const server = createServer((request, response) => {
    const found = request.url === '/healthz';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ? { region, ok: true } : { error: 'not found' }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

main().catch(failWith('cluster'));
