import { badRequest, fieldForbidden, fieldInvalid, fieldRequired, invalid, type ResourceName } from '../api-error.ts';
import {
  compact,
  equal,
  isObject,
  objectAt,
  objectsAt,
  stringAt,
  without,
  withAt,
  withDefaults,
  type Json,
  type JsonObject,
} from '../json.ts';
import type { Preparation } from '../resource-type.ts';

const SECRET: ResourceName = Object.freeze({ group: '', plural: 'secrets', kind: 'Secret' });
const CONFIG_MAP: ResourceName = Object.freeze({ group: '', plural: 'configmaps', kind: 'ConfigMap' });
const SERVICE: ResourceName = Object.freeze({ group: '', plural: 'services', kind: 'Service' });

function nameOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

export function unchecked(next: JsonObject): JsonObject {
  return next;
}

export function prepareNamespace(next: JsonObject, old: JsonObject | undefined): JsonObject {
  const labelled = withAt(next, ['metadata', 'labels', 'kubernetes.io/metadata.name'], nameOf(next));
  if (old !== undefined) return labelled;
  return { ...labelled, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
}

export function prepareClaim(next: JsonObject, old: JsonObject | undefined): JsonObject {
  const filled = withAt(next, ['spec'], withDefaults(objectAt(next, 'spec'), { volumeMode: 'Filesystem' }));
  return old === undefined ? { ...filled, status: { phase: 'Pending' } } : filled;
}

export function prepareSecret(next: JsonObject, old: JsonObject | undefined): JsonObject {
  const data: Record<string, Json> = { ...objectAt(next, 'data') };
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== 'string') {
      throw badRequest(`Secret in version "v1" cannot be handled as a Secret: data.${key} must be a string`);
    }
    if (!isBase64(value)) {
      throw badRequest('Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0');
    }
  }
  for (const [key, value] of Object.entries(objectAt(next, 'stringData'))) {
    data[key] = toBase64(typeof value === 'string' ? value : '');
  }
  const stored = withDefaults(without(next, 'stringData'), { type: 'Opaque' });
  const full = Object.keys(data).length === 0 ? stored : { ...stored, data };
  checkImmutable(SECRET, full, old, ['data', 'type']);
  if (old !== undefined && !equal(old['type'], full['type'])) {
    throw invalid(SECRET, nameOf(next), [fieldInvalid('type', full['type'] ?? null, 'field is immutable')]);
  }
  return full;
}

export function prepareConfigMap(next: JsonObject, old: JsonObject | undefined): JsonObject {
  for (const [key, value] of Object.entries(objectAt(next, 'data'))) {
    if (typeof value === 'string') continue;
    throw badRequest(
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal ${typeof value} into Go struct field ConfigMap.data.${key} of type string`,
    );
  }
  checkImmutable(CONFIG_MAP, next, old, ['data', 'binaryData']);
  return next;
}

function checkImmutable(
  resource: ResourceName,
  next: JsonObject,
  old: JsonObject | undefined,
  keys: readonly string[],
): void {
  if (old?.['immutable'] !== true) return;
  const changed = [...keys, 'immutable'].find((key) => !equal(old[key], next[key]));
  if (changed === undefined) return;
  throw invalid(resource, nameOf(next), [fieldForbidden(changed, 'field is immutable when `immutable` is set')]);
}

export function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replaceAll('\n', ''));
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

export function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}

/** Addresses come from 10.96.0.0/16, node ports from 30000. */
export function prepareService(next: JsonObject, old: JsonObject | undefined, preparation: Preparation): JsonObject {
  if (preparation.subresource === 'status') return next;
  const spec = withDefaults(objectAt(next, 'spec'), {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    internalTrafficPolicy: 'Cluster',
  });
  if (spec['type'] === 'ExternalName') return { ...next, spec };
  const ports = objectsAt(spec, 'ports').map((port) =>
    withDefaults(port, { protocol: 'TCP', targetPort: port['port'] ?? null }),
  );
  if (ports.length === 0 && spec['clusterIP'] !== 'None') {
    throw invalid(SERVICE, nameOf(next), [fieldRequired('spec.ports')]);
  }
  const oldPorts = objectsAt(old, 'spec', 'ports');
  const exposed = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
  const numbered = ports.map((port, index) =>
    exposed && port['nodePort'] === undefined
      ? { ...port, nodePort: oldPorts[index]?.['nodePort'] ?? 30_000 + (preparation.next() % 2768) }
      : port,
  );
  const clusterIP = addressOf(spec, old, preparation);
  const before = stringAt(old, 'spec', 'clusterIP') ?? clusterIP;
  if (before !== clusterIP) {
    throw invalid(SERVICE, nameOf(next), [fieldInvalid('spec.clusterIP', clusterIP, 'may not change once set')]);
  }
  const full = { ...spec, ...(numbered.length > 0 ? { ports: numbered } : {}), clusterIP, clusterIPs: [clusterIP] };
  return old === undefined ? { ...next, spec: full, status: { loadBalancer: {} } } : { ...next, spec: full };
}

function addressOf(spec: JsonObject, old: JsonObject | undefined, preparation: Preparation): string {
  const given = stringAt(spec, 'clusterIP') ?? '';
  if (given !== '') return given;
  const before = stringAt(old, 'spec', 'clusterIP');
  if (before !== undefined) return before;
  const number = preparation.next();
  return `10.96.${String(Math.floor(number / 250) % 250)}.${String((number % 250) + 2)}`;
}

/** core/v1 Events in the form of events.k8s.io/v1, and back: one store serves both. */
export function projectEvent(stored: JsonObject): JsonObject {
  const source = objectAt(stored, 'source');
  const rest = without(
    stored,
    'involvedObject',
    'message',
    'source',
    'reportingComponent',
    'firstTimestamp',
    'lastTimestamp',
    'count',
  );
  return compact({
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    regarding: stored['involvedObject'],
    note: stored['message'],
    reportingController: stored['reportingComponent'],
    deprecatedSource: Object.keys(source).length > 0 ? source : undefined,
    deprecatedFirstTimestamp: stored['firstTimestamp'],
    deprecatedLastTimestamp: stored['lastTimestamp'],
    deprecatedCount: stored['count'],
  });
}

export function unprojectEvent(served: JsonObject): JsonObject {
  const rest = without(
    served,
    'regarding',
    'note',
    'reportingController',
    'deprecatedSource',
    'deprecatedFirstTimestamp',
    'deprecatedLastTimestamp',
    'deprecatedCount',
  );
  return compact({
    ...rest,
    apiVersion: 'v1',
    involvedObject: served['regarding'],
    message: served['note'],
    reportingComponent: served['reportingController'],
    source: served['deprecatedSource'],
    firstTimestamp: served['deprecatedFirstTimestamp'],
    lastTimestamp: served['deprecatedLastTimestamp'],
    count: served['deprecatedCount'],
  });
}

const EVENT: ResourceName = Object.freeze({ group: '', plural: 'events', kind: 'Event' });

export function prepareEvent(next: JsonObject): JsonObject {
  const namespace = stringAt(next, 'metadata', 'namespace') ?? '';
  const involved = next['involvedObject'];
  if (!isObject(involved)) throw invalid(EVENT, nameOf(next), [fieldRequired('involvedObject')]);
  const expected = stringAt(involved, 'namespace') ?? '';
  if (expected !== '' && expected !== namespace) {
    throw invalid(EVENT, nameOf(next), [
      fieldInvalid('involvedObject.namespace', expected, 'does not match event.namespace'),
    ]);
  }
  return next;
}
