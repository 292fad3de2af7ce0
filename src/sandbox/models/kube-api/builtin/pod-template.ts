import { fieldInvalid, fieldRequired, type FieldError } from '../api-error.ts';
import {
  isArray,
  isObject,
  objectAt,
  objectsAt,
  stringAt,
  withAt,
  withDefaults,
  type Json,
  type JsonObject,
} from '../json.ts';

const POD_DEFAULTS: JsonObject = Object.freeze({
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
});

const CONTAINER_DEFAULTS: JsonObject = Object.freeze({
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
});

/** The real server's defaults of a PodSpec, as far as an apply or a comparison would see them. */
export function defaultPodSpec(spec: JsonObject): JsonObject {
  const defaulted = withDefaults(spec, POD_DEFAULTS);
  const containers = mapItems(defaulted, 'containers', defaultContainer);
  return mapItems(containers, 'initContainers', defaultContainer);
}

export function defaultTemplate(spec: JsonObject): JsonObject {
  return withAt(spec, ['template', 'spec'], defaultPodSpec(objectAt(spec, 'template', 'spec')));
}

function defaultContainer(container: JsonObject): JsonObject {
  const image = stringAt(container, 'image') ?? '';
  const tag = image.includes('@') ? 'digest' : (image.split('/').at(-1)?.split(':')[1] ?? 'latest');
  const pulled = withDefaults(container, {
    ...CONTAINER_DEFAULTS,
    imagePullPolicy: tag === 'latest' ? 'Always' : 'IfNotPresent',
  });
  const ports = mapItems(pulled, 'ports', (port) => withDefaults(port, { protocol: 'TCP' }));
  return ['readinessProbe', 'livenessProbe', 'startupProbe'].reduce(defaultProbe, ports);
}

function defaultProbe(container: JsonObject, name: string): JsonObject {
  const probe = container[name];
  if (!isObject(probe)) return container;
  const defaulted = withDefaults(probe, {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  const http = defaulted['httpGet'];
  const full = isObject(http)
    ? { ...defaulted, httpGet: withDefaults(http, { path: '/', scheme: 'HTTP' }) }
    : defaulted;
  return { ...container, [name]: full };
}

function mapItems(object: JsonObject, key: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = object[key];
  if (!isArray(items)) return object;
  const next: readonly Json[] = items.map((item) => (isObject(item) ? change(item) : item));
  return next.every((item, index) => item === items[index]) ? object : { ...object, [key]: next };
}

export function checkPodSpec(spec: JsonObject, path: string): readonly FieldError[] {
  const containers = objectsAt(spec, 'containers');
  if (containers.length === 0) return [fieldRequired(`${path}.containers`)];
  const names = containers.map((container) => stringAt(container, 'name') ?? '');
  return containers.flatMap((container, index): readonly FieldError[] => {
    const at = `${path}.containers[${String(index)}]`;
    const name = names[index] ?? '';
    const errors: FieldError[] = [];
    if (name === '') errors.push(fieldRequired(`${at}.name`));
    if (name !== '' && names.indexOf(name) !== index) {
      errors.push({ reason: 'FieldValueDuplicate', field: `${at}.name`, message: `Duplicate value: "${name}"` });
    }
    if ((stringAt(container, 'image') ?? '') === '') errors.push(fieldRequired(`${at}.image`));
    return errors;
  });
}

/** The selector of a workload must be there, and match its template. */
export function checkSelector(spec: JsonObject): readonly FieldError[] {
  const selector = objectAt(spec, 'selector');
  const wanted = objectAt(selector, 'matchLabels');
  if (Object.keys(selector).length === 0) return [fieldRequired('spec.selector')];
  const labels = objectAt(spec, 'template', 'metadata', 'labels');
  const matches = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  if (matches) return [];
  return [fieldInvalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

export function checkReplicas(spec: JsonObject): readonly FieldError[] {
  const replicas = spec['replicas'];
  if (replicas === undefined) return [];
  if (typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0) return [];
  return [fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0')];
}
