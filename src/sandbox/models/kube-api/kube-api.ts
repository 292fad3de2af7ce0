import type { ModelTime } from '../time.ts';
import { authenticate, type Authorize, type Tokens } from './access.ts';
import { ApiError } from './api-error.ts';
import { createCluster } from './cluster.ts';
import { startControllers, type ControllerOptions } from './controllers/controllers.ts';
import { createCrdCompiler, type CompiledCrd, type CrdCompiler } from './crd/compile-crd.ts';
import { parseJson, type JsonObject } from './json.ts';
import { createLists } from './list.ts';
import type { ApiRequest, ApiResponse, AuditEntry } from './messages.ts';
import { answerOther } from './other-paths.ts';
import type { PodRuntime } from './pod-runtime.ts';
import { readTarget } from './request-target.ts';
import { answerResource } from './resource-requests.ts';
import { failure, type Parts } from './server-parts.ts';
import { createWatches } from './watch.ts';

export interface KubeApiOptions {
  /** The cluster's name, in audit entries and for the pod runtime. */
  readonly name: string;
  readonly time: ModelTime;
  /** The UID of the namespace kube-system. */
  readonly clusterUid: string;
  readonly pods: PodRuntime;
  readonly audit?: (entry: AuditEntry) => void;
  readonly tokens?: Tokens;
  readonly authorize?: Authorize;
  /** What `snapshot` returned: the cluster as it was, its history gone. */
  readonly restore?: string;
  /** Definitions to begin with (of a restored cluster: to find again), compiled; share them, compiling is what costs. */
  readonly crds?: readonly CompiledCrd[];
  /** Compiles definitions that clients create; share one among clusters. */
  readonly compile?: CrdCompiler;
  /** Versions of history kept for watches; at most twice as many are. Default 2000. */
  readonly historyLimit?: number;
  /** Default 60,000, as the real server's. */
  readonly bookmarkMs?: number;
  readonly controllers?: ControllerOptions;
}

export interface KubeApi {
  readonly name: string;
  /** Never throws for what a client sends. A watch begins at this call, whenever its stream is started. */
  handle(request: ApiRequest): ApiResponse;
  /** All objects and the resourceVersion, as JSON. */
  snapshot(): string;
  /** Stops the pods without `done` being awaited, ends the watches, takes no more time: the region is gone. */
  destroy(): void;
  readonly hooks: KubeApiHooks;
}

/** For tests and faults: what a real server does by itself at times of its own. */
export interface KubeApiHooks {
  /** Compacts the history: resourceVersions up to now are Gone. */
  expireHistory(): void;
  endWatches(): void;
  sendBookmarks(): void;
  watches(): number;
  resourceVersion(): string;
  /** An object as stored, or undefined. `storage` is `group/plural`: `apps/deployments`, `/pods`. */
  read(storage: string, namespace: string, name: string): JsonObject | undefined;
  list(storage: string, namespace?: string): readonly JsonObject[];
}

export function createKubeApi(options: KubeApiOptions): KubeApi {
  const { time } = options;
  const cluster = createCluster({
    clusterUid: options.clusterUid,
    now: () => time.now(),
    historyLimit: options.historyLimit ?? 2000,
    compile: options.compile ?? createCrdCompiler(),
    crds: options.crds ?? [],
    restore: options.restore === undefined ? undefined : parseJson(options.restore),
  });
  const { store, identities } = cluster;
  const watches = createWatches(store, time, options.bookmarkMs ?? 60_000);
  const controllers = startControllers(cluster, time, options.pods, options.name, options.controllers ?? {});
  const parts: Parts = {
    name: options.name,
    audit: options.audit,
    authorize: options.authorize,
    cluster,
    lists: createLists(store),
    watches,
    controllers,
  };
  return {
    name: options.name,
    handle: (request) => handle(parts, options.tokens, request),
    snapshot: () => JSON.stringify({ ...store.dump(), identities: identities.count() }),
    destroy: () => {
      watches.endAll();
      controllers.stop();
    },
    hooks: {
      expireHistory: () => {
        store.compact();
      },
      endWatches: () => {
        watches.endAll();
      },
      sendBookmarks: () => {
        watches.bookmark();
      },
      watches: () => watches.count(),
      resourceVersion: () => String(store.revision()),
      read: (storage, namespace, name) => store.get(storage, namespace, name)?.object,
      list: (storage, namespace) => store.list(storage, namespace).map(({ object }) => object),
    },
  };
}

function handle(parts: Parts, tokens: Tokens | undefined, request: ApiRequest): ApiResponse {
  const mark = request.path.indexOf('?');
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : request.path.slice(mark + 1));
  try {
    const target = readTarget(path);
    if (target.kind !== 'resource') {
      if (!isPublic(path)) authenticate(tokens, request);
      return answerOther(parts.cluster.types, target, request);
    }
    const identity = authenticate(tokens, request);
    return answerResource(parts, identity, target.resource, query, request);
  } catch (error) {
    if (error instanceof ApiError) return failure(error);
    throw error;
  }
}

function isPublic(path: string): boolean {
  return ['/healthz', '/livez', '/readyz', '/version'].some((one) => path === one || path.startsWith(`${one}/`));
}
