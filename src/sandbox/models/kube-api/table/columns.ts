import { arrayAt, at, numberAt, objectAt, objectsAt, stringAt, type Json, type JsonObject } from '../json.ts';
import type { Column } from '../resource-type.ts';
import { humanDuration, parseTimestamp } from '../timestamp.ts';

type Value = (object: JsonObject, now: number) => Json;

function column(name: string, type: string, value: Value, priority = 0): Column {
  return { name, type, format: name === 'Name' ? 'name' : '', description: '', priority, value };
}

export function age(text: string | undefined, now: number): string {
  const at = text === undefined ? undefined : parseTimestamp(text);
  return at === undefined ? '<unknown>' : humanDuration(now - at);
}

export const NAME: Column = Object.freeze(
  column('Name', 'string', (object) => stringAt(object, 'metadata', 'name') ?? ''),
);
export const AGE: Column = Object.freeze(
  column('Age', 'string', (object, now) => age(stringAt(object, 'metadata', 'creationTimestamp'), now)),
);

export const PLAIN: readonly Column[] = Object.freeze([NAME, AGE]);

function count(object: JsonObject, ...path: readonly string[]): number {
  return numberAt(object, ...path) ?? 0;
}

function text(object: JsonObject, ...path: readonly string[]): string {
  const value = at(object, ...path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '<none>';
}

function labelsText(labels: JsonObject): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`);
  return parts.length === 0 ? '<none>' : parts.join(',');
}

function images(object: JsonObject): string {
  return objectsAt(object, 'spec', 'template', 'spec', 'containers')
    .map((one) => stringAt(one, 'image') ?? '')
    .join(',');
}

export const DEPLOYMENT_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column(
    'Ready',
    'string',
    (o) => `${String(count(o, 'status', 'readyReplicas'))}/${String(count(o, 'spec', 'replicas'))}`,
  ),
  column('Up-to-date', 'string', (o) => count(o, 'status', 'updatedReplicas')),
  column('Available', 'string', (o) => count(o, 'status', 'availableReplicas')),
  AGE,
  column('Images', 'string', images, 1),
  column('Selector', 'string', (o) => labelsText(objectAt(o, 'spec', 'selector', 'matchLabels')), 1),
]);

export const REPLICA_SET_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Desired', 'integer', (o) => count(o, 'spec', 'replicas')),
  column('Current', 'integer', (o) => count(o, 'status', 'replicas')),
  column('Ready', 'integer', (o) => count(o, 'status', 'readyReplicas')),
  AGE,
]);

export const STATEFUL_SET_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column(
    'Ready',
    'string',
    (o) => `${String(count(o, 'status', 'readyReplicas'))}/${String(count(o, 'spec', 'replicas'))}`,
  ),
  AGE,
]);

/** What the column STATUS of a pod says: the first trouble of its containers, else its phase. */
function podStatus(pod: JsonObject): string {
  if (stringAt(pod, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  const statuses = objectsAt(pod, 'status', 'containerStatuses');
  const trouble = statuses
    .map(
      (status) => stringAt(status, 'state', 'waiting', 'reason') ?? stringAt(status, 'state', 'terminated', 'reason'),
    )
    .find((reason) => reason !== undefined);
  return trouble ?? stringAt(pod, 'status', 'phase') ?? 'Unknown';
}

export const POD_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Ready', 'string', (o) => {
    const statuses = objectsAt(o, 'status', 'containerStatuses');
    const ready = statuses.filter((status) => status['ready'] === true).length;
    return `${String(ready)}/${String(arrayAt(o, 'spec', 'containers').length)}`;
  }),
  column('Status', 'string', podStatus),
  column('Restarts', 'string', (o) =>
    String(objectsAt(o, 'status', 'containerStatuses').reduce((sum, one) => sum + count(one, 'restartCount'), 0)),
  ),
  AGE,
  column('IP', 'string', (o) => text(o, 'status', 'podIP'), 1),
  column('Node', 'string', (o) => text(o, 'spec', 'nodeName'), 1),
]);

export const JOB_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Status', 'string', (o) => {
    const conditions = objectsAt(o, 'status', 'conditions').filter((one) => one['status'] === 'True');
    const type = conditions.map((one) => stringAt(one, 'type')).find((one) => one === 'Complete' || one === 'Failed');
    return type ?? 'Running';
  }),
  column(
    'Completions',
    'string',
    (o) => `${String(count(o, 'status', 'succeeded'))}/${String(count(o, 'spec', 'completions'))}`,
  ),
  column('Duration', 'string', (o, now) => {
    const start = parseTimestamp(stringAt(o, 'status', 'startTime') ?? '');
    const end = parseTimestamp(stringAt(o, 'status', 'completionTime') ?? '');
    return start === undefined ? '' : humanDuration((end ?? now) - start);
  }),
  AGE,
]);

export const CRON_JOB_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Schedule', 'string', (o) => text(o, 'spec', 'schedule')),
  column('Timezone', 'string', (o) => text(o, 'spec', 'timeZone')),
  column('Suspend', 'string', (o) => (at(o, 'spec', 'suspend') === true ? 'True' : 'False')),
  column('Active', 'integer', (o) => arrayAt(o, 'status', 'active').length),
  column('Last Schedule', 'string', (o, now) => {
    const last = stringAt(o, 'status', 'lastScheduleTime');
    return last === undefined ? '<none>' : age(last, now);
  }),
  AGE,
]);

export const SERVICE_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Type', 'string', (o) => text(o, 'spec', 'type')),
  column('Cluster-IP', 'string', (o) => text(o, 'spec', 'clusterIP')),
  column('External-IP', 'string', (o) => text(o, 'spec', 'externalName')),
  column('Port(s)', 'string', (o) => {
    const ports = objectsAt(o, 'spec', 'ports').map((port) => {
      const node = port['nodePort'] === undefined ? '' : `:${text(port, 'nodePort')}`;
      return `${text(port, 'port')}${node}/${text(port, 'protocol')}`;
    });
    return ports.length === 0 ? '<none>' : ports.join(',');
  }),
  AGE,
]);

export const NAMESPACE_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Status', 'string', (o) => text(o, 'status', 'phase')),
  AGE,
]);

export const SECRET_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Type', 'string', (o) => text(o, 'type')),
  column('Data', 'string', (o) => Object.keys(objectAt(o, 'data')).length),
  AGE,
]);

export const CONFIG_MAP_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column(
    'Data',
    'string',
    (o) => Object.keys(objectAt(o, 'data')).length + Object.keys(objectAt(o, 'binaryData')).length,
  ),
  AGE,
]);

export const EVENT_COLUMNS: readonly Column[] = Object.freeze([
  column('Last Seen', 'string', (o, now) => {
    const seen = stringAt(o, 'lastTimestamp') ?? stringAt(o, 'deprecatedLastTimestamp') ?? stringAt(o, 'eventTime');
    return age(seen ?? stringAt(o, 'metadata', 'creationTimestamp'), now);
  }),
  column('Type', 'string', (o) => text(o, 'type')),
  column('Reason', 'string', (o) => text(o, 'reason')),
  column('Object', 'string', (o) => {
    const subject = objectAt(o, o['regarding'] === undefined ? 'involvedObject' : 'regarding');
    return `${text(subject, 'kind').toLowerCase()}/${text(subject, 'name')}`;
  }),
  column('Message', 'string', (o) => text(o, o['note'] === undefined ? 'message' : 'note').trim()),
]);

export const NODE_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Status', 'string', (o) => {
    const ready = objectsAt(o, 'status', 'conditions').find((one) => one['type'] === 'Ready');
    return ready?.['status'] === 'True' ? 'Ready' : 'NotReady';
  }),
  column('Roles', 'string', () => '<none>'),
  AGE,
  column('Version', 'string', (o) => text(o, 'status', 'nodeInfo', 'kubeletVersion')),
]);

export const LEASE_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Holder', 'string', (o) => text(o, 'spec', 'holderIdentity')),
  AGE,
]);

export const CRD_COLUMNS: readonly Column[] = Object.freeze([
  NAME,
  column('Created At', 'date', (o) => stringAt(o, 'metadata', 'creationTimestamp') ?? ''),
]);
