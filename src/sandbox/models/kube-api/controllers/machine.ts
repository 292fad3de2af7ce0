import type { ModelTime } from '../../time.ts';
import { ApiError } from '../api-error.ts';
import { builtinType } from '../builtin/types.ts';
import type { Cluster } from '../cluster.ts';
import { hash, safeHash } from '../identities.ts';
import { compact, numberAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import { timestamp } from '../timestamp.ts';
import { internalWrite } from '../writer.ts';
import type { Queue } from './queue.ts';

/** What every controller works with. */
export interface Machine {
  readonly cluster: Cluster;
  readonly time: ModelTime;
  readonly queue: Queue;
  /** Events are written unless a simulation does without. */
  readonly recordEvents: boolean;
  /** Workloads whose pods were refused, by UID: tried again when there may be room, not whenever somebody looks. */
  readonly blocked: Map<string, Blocked>;
}

export interface Blocked {
  readonly why: string;
  readonly generation: number;
}

export const PODS = builtinType('/pods');
export const DEPLOYMENTS = builtinType('apps/deployments');
export const REPLICA_SETS = builtinType('apps/replicasets');
export const STATEFUL_SETS = builtinType('apps/statefulsets');
export const JOBS = builtinType('batch/jobs');
export const CRON_JOBS = builtinType('batch/cronjobs');
export const CLAIMS = builtinType('/persistentvolumeclaims');
export const NAMESPACES = builtinType('/namespaces');
const EVENTS = builtinType('/events');

export function nameOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

export function namespaceOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'namespace') ?? '';
}

export function uidOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'uid') ?? '';
}

export function isDeleted(object: JsonObject): boolean {
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined;
}

export function find(machine: Machine, type: ResourceType, namespace: string, name: string): JsonObject | undefined {
  return machine.cluster.store.get(type.storage, namespace, name)?.object;
}

export function now(machine: Machine): string {
  return timestamp(machine.time.now());
}

export function ownerReference(type: ResourceType, owner: JsonObject): JsonObject {
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function controllerOf(object: JsonObject): JsonObject | undefined {
  return objectsAt(object, 'metadata', 'ownerReferences').find((reference) => reference['controller'] === true);
}

export function ownedBy(machine: Machine, type: ResourceType, owner: JsonObject): readonly JsonObject[] {
  const uid = uidOf(owner);
  return machine.cluster.store
    .list(type.storage, namespaceOf(owner))
    .map(({ object }) => object)
    .filter((object) => controllerOf(object)?.['uid'] === uid);
}

export function writeStatus(machine: Machine, type: ResourceType, object: JsonObject, status: JsonObject): void {
  const { writer } = machine.cluster;
  writer.update(type, namespaceOf(object), nameOf(object), (old) => ({ ...old, status }), internalWrite('status'));
}

/** Removes; what somebody else removed meanwhile is removed. */
export function removeQuietly(machine: Machine, type: ResourceType, object: JsonObject, gracePeriod?: number): void {
  const how = { propagation: 'Background' as const, ...(gracePeriod === undefined ? {} : { gracePeriod }) };
  try {
    machine.cluster.writer.remove(type, namespaceOf(object), nameOf(object), how, internalWrite());
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 404) throw error;
  }
}

/** The condition of `type` as it is to be: the transition time moves only with the status. */
export function condition(
  machine: Machine,
  before: readonly JsonObject[],
  wanted: {
    readonly type: string;
    readonly status: 'True' | 'False';
    readonly reason: string;
    readonly message: string;
  },
  updateTime = false,
): JsonObject {
  const old = before.find((one) => one['type'] === wanted.type);
  const same = old?.['status'] === wanted.status;
  const time = now(machine);
  const texts = compact({ reason: textOrNone(wanted.reason), message: textOrNone(wanted.message) });
  if (old !== undefined && same && old['reason'] === texts['reason'] && old['message'] === texts['message']) return old;
  return compact({
    type: wanted.type,
    status: wanted.status,
    lastUpdateTime: updateTime ? time : undefined,
    lastTransitionTime: same ? (stringAt(old, 'lastTransitionTime') ?? time) : time,
    ...texts,
  });
}

function textOrNone(text: string): string | undefined {
  return text === '' ? undefined : text;
}

export function templateHash(template: string): string {
  return safeHash(hash(template, 3), 10);
}

/** Numbers that are zero are left out, as the real API leaves them out. */
export function counts(given: Readonly<Record<string, number>>): JsonObject {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== 0));
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly component: string;
}

/** A core/v1 Event; one that repeats is counted up. */
export function recordEvent(machine: Machine, type: ResourceType, object: JsonObject, event: EventText): void {
  if (!machine.recordEvents) return;
  const { writer, store } = machine.cluster;
  const namespace = namespaceOf(object) === '' ? 'default' : namespaceOf(object);
  const mark = safeHash(hash(`${uidOf(object)}/${event.reason}/${event.message}`, 5), 12);
  const name = `${nameOf(object)}.${mark}`;
  const time = now(machine);
  if (store.get(EVENTS.storage, namespace, name) !== undefined) {
    const repeat = (old: JsonObject): JsonObject => ({
      ...old,
      count: (numberAt(old, 'count') ?? 1) + 1,
      lastTimestamp: time,
    });
    writer.update(EVENTS, namespace, name, repeat, internalWrite());
    return;
  }
  const involvedObject = compact({
    kind: type.kind,
    namespace: namespaceOf(object) === '' ? undefined : namespaceOf(object),
    name: nameOf(object),
    uid: uidOf(object),
    apiVersion: apiVersionOf(type),
    resourceVersion: stringAt(object, 'metadata', 'resourceVersion'),
  });
  const body = {
    metadata: { name, namespace },
    involvedObject,
    reason: event.reason,
    message: event.message,
    source: { component: event.component },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type: event.type,
    eventTime: null,
    reportingComponent: event.component,
    reportingInstance: '',
  };
  try {
    writer.create(EVENTS, namespace, body, internalWrite());
  } catch (error) {
    // A namespace that is being terminated takes no events.
    if (!(error instanceof ApiError)) throw error;
  }
}
