import { badRequest, fieldInvalid, invalid, type FieldError, type ResourceName } from '../api-error.ts';
import { equal, isObject, objectAt, stringAt, withAt, withDefaults, type JsonObject } from '../json.ts';
import type { Preparation } from '../resource-type.ts';
import { checkJobStatus } from './job-status.ts';
import { checkPodSpec, checkReplicas, checkSelector, defaultPodSpec, defaultTemplate } from './pod-template.ts';

/** Of the spec; a check of the status gets the whole object. */
type Check = (next: JsonObject, old: JsonObject | undefined) => readonly FieldError[];

/** A kind whose rules are: default the spec, then check it. */
function workload(
  resource: ResourceName,
  defaults: (object: JsonObject) => JsonObject,
  check: Check,
  checkStatus: Check = () => [],
) {
  const refuseIf = (errors: readonly FieldError[], object: JsonObject): void => {
    if (errors.length > 0) throw invalid(resource, stringAt(object, 'metadata', 'name') ?? '', errors);
  };
  return (next: JsonObject, old: JsonObject | undefined, preparation: Preparation): JsonObject => {
    if (preparation.subresource === 'status') {
      refuseIf(checkStatus(next, old), next);
      return next;
    }
    if (next['spec'] !== undefined && next['spec'] === old?.['spec']) return next;
    if (!isObject(next['spec'])) throw badRequest(`${resource.kind} needs a spec`);
    const defaulted = defaults(next);
    refuseIf(check(objectAt(defaulted, 'spec'), old), next);
    return defaulted;
  };
}

function defaultSpec(object: JsonObject, defaults: JsonObject): JsonObject {
  return withAt(object, ['spec'], defaultTemplate(withDefaults(objectAt(object, 'spec'), defaults)));
}

function checkTemplate(spec: JsonObject): readonly FieldError[] {
  return checkPodSpec(objectAt(spec, 'template', 'spec'), 'spec.template.spec');
}

function immutable(spec: JsonObject, old: JsonObject | undefined, ...keys: readonly string[]): readonly FieldError[] {
  if (old === undefined) return [];
  return keys
    .filter((key) => !equal(spec[key], objectAt(old, 'spec')[key]))
    .map((key) => fieldInvalid(`spec.${key}`, spec[key] ?? null, 'field is immutable'));
}

const checkScaled: Check = (spec, old) => [
  ...checkReplicas(spec),
  ...checkSelector(spec),
  ...checkTemplate(spec),
  ...immutable(spec, old, 'selector'),
];

export const prepareDeployment = workload(
  { group: 'apps', plural: 'deployments', kind: 'Deployment' },
  (object) => {
    const strategy = stringAt(object, 'spec', 'strategy', 'type') ?? 'RollingUpdate';
    const rolling = { type: strategy, rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } };
    const defaulted = defaultSpec(object, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const wanted = strategy === 'RollingUpdate' ? rolling : { type: strategy };
    return withAt(defaulted, ['spec', 'strategy'], withDefaults(objectAt(defaulted, 'spec', 'strategy'), wanted));
  },
  checkScaled,
);

export const prepareReplicaSet = workload(
  { group: 'apps', plural: 'replicasets', kind: 'ReplicaSet' },
  (object) => defaultSpec(object, { replicas: 1 }),
  checkScaled,
);

export const prepareStatefulSet = workload(
  { group: 'apps', plural: 'statefulsets', kind: 'StatefulSet' },
  (object) =>
    defaultSpec(object, {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      serviceName: '',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    }),
  (spec, old) => [...checkScaled(spec, old), ...immutable(spec, old, 'serviceName', 'podManagementPolicy')],
);

const JOB_DEFAULTS: JsonObject = Object.freeze({
  parallelism: 1,
  completions: 1,
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  suspend: false,
  manualSelector: false,
  podReplacementPolicy: 'TerminatingOrFailed',
});

export const prepareJob = workload(
  { group: 'batch', plural: 'jobs', kind: 'Job' },
  (object) => {
    const uid = stringAt(object, 'metadata', 'uid') ?? '';
    const name = stringAt(object, 'metadata', 'name') ?? '';
    const labels = {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'job-name': name,
    };
    const defaulted = defaultSpec(object, JOB_DEFAULTS);
    const given = objectAt(defaulted, 'spec', 'template', 'metadata', 'labels');
    const labelled = withAt(defaulted, ['spec', 'template', 'metadata', 'labels'], { ...given, ...labels });
    const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
    return withAt(labelled, ['spec', 'selector'], selector);
  },
  (spec, old) => [...checkTemplate(spec), ...checkRestart(spec), ...immutable(spec, old, 'template', 'completions')],
  checkJobStatus,
);

function checkRestart(spec: JsonObject): readonly FieldError[] {
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy') ?? '';
  if (policy === 'Never' || policy === 'OnFailure') return [];
  return [
    {
      reason: 'FieldValueNotSupported',
      field: 'spec.template.spec.restartPolicy',
      message: `Unsupported value: "${policy}": supported values: "OnFailure", "Never"`,
    },
  ];
}

export const prepareCronJob = workload(
  { group: 'batch', plural: 'cronjobs', kind: 'CronJob' },
  (object) => {
    const spec = withDefaults(objectAt(object, 'spec'), {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    return withAt(object, ['spec'], spec);
  },
  (spec) =>
    (stringAt(spec, 'schedule') ?? '') === '' ? [fieldInvalid('spec.schedule', '', 'schedule is required')] : [],
);

const POD: ResourceName = Object.freeze({ group: '', plural: 'pods', kind: 'Pod' });

export function preparePod(next: JsonObject, old: JsonObject | undefined, preparation: Preparation): JsonObject {
  if (preparation.subresource === 'status' || (old !== undefined && old['spec'] === next['spec'])) return next;
  const spec = defaultPodSpec(objectAt(next, 'spec'));
  const name = stringAt(next, 'metadata', 'name') ?? '';
  const errors = checkPodSpec(spec, 'spec');
  if (errors.length > 0) throw invalid(POD, name, errors);
  if (old === undefined) {
    const account = withDefaults(spec, { serviceAccountName: 'default', enableServiceLinks: true });
    return { ...next, spec: account, status: { phase: 'Pending', qosClass: 'BestEffort' } };
  }
  if (!equal(frozenPart(spec), frozenPart(objectAt(old, 'spec')))) {
    const detail =
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
    throw invalid(POD, name, [{ reason: 'FieldValueForbidden', field: 'spec', message: `Forbidden: ${detail}` }]);
  }
  return { ...next, spec };
}

function frozenPart(spec: JsonObject): JsonObject {
  const containers = spec['containers'];
  if (!Array.isArray(containers)) return spec;
  const list = containers.filter(isObject).map((container) => ({ ...container, image: '' }));
  return { ...spec, containers: list, activeDeadlineSeconds: 0, tolerations: [] };
}
