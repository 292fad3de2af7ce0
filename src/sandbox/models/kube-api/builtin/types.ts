import type { JsonObject } from '../json.ts';
import type { Column, ResourceType, ScalePaths } from '../resource-type.ts';
import * as columns from '../table/columns.ts';
import {
  prepareClaim,
  prepareConfigMap,
  prepareEvent,
  prepareNamespace,
  prepareSecret,
  prepareService,
  projectEvent,
  unchecked,
  unprojectEvent,
} from './core.ts';
import {
  prepareCronJob,
  prepareDeployment,
  prepareJob,
  preparePod,
  prepareReplicaSet,
  prepareStatefulSet,
} from './workloads.ts';

const REPLICAS: ScalePaths = Object.freeze({
  spec: Object.freeze(['spec', 'replicas']),
  status: Object.freeze(['status', 'replicas']),
  selector: Object.freeze(['spec', 'selector']),
});

interface Given {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: true;
  readonly status?: true;
  readonly scale?: true;
  readonly generation?: true;
  readonly selectable?: readonly string[];
  readonly columns?: readonly Column[];
  readonly prepare?: ResourceType['prepare'];
  readonly singular?: string;
}

function builtin(groupVersion: string, kind: string, plural: string, given: Given): ResourceType {
  const [group = '', version = ''] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  return Object.freeze({
    group,
    version,
    kind,
    plural,
    singular: given.singular ?? kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: given.short ?? [],
    categories: given.categories ?? [],
    namespaced: given.cluster !== true,
    storage: `${group}/${plural}`,
    custom: false,
    status: given.status === true,
    scale: given.scale === true ? REPLICAS : undefined,
    generation: given.generation === true,
    selectable: given.selectable ?? [],
    columns: given.columns ?? columns.PLAIN,
    prepare: given.prepare ?? unchecked,
    project: undefined,
    unproject: undefined,
    schema: undefined,
  } satisfies ResourceType);
}

const ALL = Object.freeze(['all']);
const RBAC = 'rbac.authorization.k8s.io/v1';
const POD_FIELDS = Object.freeze([
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'status.phase',
  'status.podIP',
]);
const EVENT_FIELDS = Object.freeze([
  ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
    (key) => `involvedObject.${key}`,
  ),
  ...['kind', 'namespace', 'name', 'uid', 'apiVersion'].map((key) => `regarding.${key}`),
  'reason',
  'reportingComponent',
  'reportingController',
  'source',
  'type',
]);

const EVENT: Given = Object.freeze({
  short: Object.freeze(['ev']),
  selectable: EVENT_FIELDS,
  columns: columns.EVENT_COLUMNS,
  prepare: prepareEvent,
});

const EVENTS_GROUP: ResourceType = Object.freeze({
  ...builtin('events.k8s.io/v1', 'Event', 'events', EVENT),
  storage: '/events',
  project: projectEvent,
  unproject: unprojectEvent,
});

/** The kinds that are there without a CustomResourceDefinition. */
export const BUILTIN_TYPES: readonly ResourceType[] = Object.freeze([
  builtin('v1', 'Namespace', 'namespaces', {
    short: ['ns'],
    cluster: true,
    status: true,
    selectable: ['status.phase'],
    columns: columns.NAMESPACE_COLUMNS,
    prepare: prepareNamespace,
  }),
  builtin('v1', 'Pod', 'pods', {
    short: ['po'],
    categories: ALL,
    status: true,
    generation: true,
    selectable: POD_FIELDS,
    columns: columns.POD_COLUMNS,
    prepare: preparePod,
  }),
  builtin('v1', 'Secret', 'secrets', { selectable: ['type'], columns: columns.SECRET_COLUMNS, prepare: prepareSecret }),
  builtin('v1', 'ConfigMap', 'configmaps', {
    short: ['cm'],
    columns: columns.CONFIG_MAP_COLUMNS,
    prepare: prepareConfigMap,
  }),
  builtin('v1', 'Service', 'services', {
    short: ['svc'],
    categories: ALL,
    status: true,
    columns: columns.SERVICE_COLUMNS,
    prepare: prepareService,
  }),
  builtin('v1', 'ServiceAccount', 'serviceaccounts', { short: ['sa'] }),
  builtin('v1', 'Event', 'events', EVENT),
  EVENTS_GROUP,
  builtin('v1', 'Node', 'nodes', { short: ['no'], cluster: true, status: true, columns: columns.NODE_COLUMNS }),
  builtin('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', {
    short: ['pvc'],
    status: true,
    prepare: prepareClaim,
  }),
  builtin('v1', 'ResourceQuota', 'resourcequotas', { short: ['quota'], status: true }),
  builtin('apps/v1', 'Deployment', 'deployments', {
    short: ['deploy'],
    categories: ALL,
    status: true,
    scale: true,
    generation: true,
    columns: columns.DEPLOYMENT_COLUMNS,
    prepare: prepareDeployment,
  }),
  builtin('apps/v1', 'ReplicaSet', 'replicasets', {
    short: ['rs'],
    categories: ALL,
    status: true,
    scale: true,
    generation: true,
    columns: columns.REPLICA_SET_COLUMNS,
    prepare: prepareReplicaSet,
  }),
  builtin('apps/v1', 'StatefulSet', 'statefulsets', {
    short: ['sts'],
    categories: ALL,
    status: true,
    scale: true,
    generation: true,
    columns: columns.STATEFUL_SET_COLUMNS,
    prepare: prepareStatefulSet,
  }),
  builtin('batch/v1', 'Job', 'jobs', {
    categories: ALL,
    status: true,
    generation: true,
    columns: columns.JOB_COLUMNS,
    prepare: prepareJob,
  }),
  builtin('batch/v1', 'CronJob', 'cronjobs', {
    short: ['cj'],
    categories: ALL,
    status: true,
    generation: true,
    columns: columns.CRON_JOB_COLUMNS,
    prepare: prepareCronJob,
  }),
  builtin('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    short: ['hpa'],
    categories: ALL,
    status: true,
  }),
  builtin('coordination.k8s.io/v1', 'Lease', 'leases', { columns: columns.LEASE_COLUMNS }),
  builtin('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    short: ['pdb'],
    status: true,
    generation: true,
  }),
  builtin(RBAC, 'Role', 'roles', {}),
  builtin(RBAC, 'RoleBinding', 'rolebindings', {}),
  builtin(RBAC, 'ClusterRole', 'clusterroles', { cluster: true }),
  builtin(RBAC, 'ClusterRoleBinding', 'clusterrolebindings', { cluster: true }),
]);

/** The type of a built-in resource by its storage: `apps/deployments`. */
export function builtinType(storage: string): ResourceType {
  const found = BUILTIN_TYPES.find((type) => type.storage === storage);
  if (found === undefined) throw new Error(`no built-in resource ${storage}`);
  return found;
}

/** CustomResourceDefinitions themselves; `prepare` compiles them, so it belongs to the cluster. */
export function crdType(prepare: (next: JsonObject, old: JsonObject | undefined) => JsonObject): ResourceType {
  return builtin('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    short: ['crd', 'crds'],
    cluster: true,
    status: true,
    generation: true,
    columns: columns.CRD_COLUMNS,
    categories: ['api-extensions'],
    prepare,
  });
}
