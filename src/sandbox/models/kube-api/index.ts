export { ApiError } from './api-error.ts';
export type { Authorize, Tokens } from './access.ts';
export type { ControllerOptions } from './controllers/controllers.ts';
export { FAULT as POD_FAULT_ANNOTATION, type PodFault } from './controllers/pod-worker.ts';
export { compileCrd, createCrdCompiler, type CompiledCrd, type CrdCompiler } from './crd/compile-crd.ts';
export type { Json, JsonObject } from './json.ts';
export { createKubeApi, type KubeApi, type KubeApiHooks, type KubeApiOptions } from './kube-api.ts';
export type {
  ApiRequest,
  ApiResponse,
  Attributes,
  AuditEntry,
  StreamResponse,
  Verb,
  WatchStream,
  WholeResponse,
} from './messages.ts';
export {
  createDelayRuntime,
  type DelayRuntimeOptions,
  type PodEvents,
  type PodExit,
  type PodRuntime,
  type RunnableContainer,
  type RunnablePod,
  type RunningPod,
} from './pod-runtime.ts';
