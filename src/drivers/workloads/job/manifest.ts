import { isRecord, recordAt, stringAt, type JsonRecord } from '../../../kube/json.ts';
import type { EffectToken } from '../../outcome.ts';
import { MANAGED_BY } from '../clusters.ts';
import type { JobRef } from '../driver.ts';
import { recordsAt } from '../pods.ts';
import { RUN, TOKEN } from './names.ts';

/**
 * The Job of one effect. `template`: a JobTemplateSpec as a CronJob has it (`{ metadata, spec }`), or its JobSpec alone.
 * `env` is added to every container, init containers too; of one name the operator's counts. It never retries by
 * itself (`backoffLimit: 0`): a rebuild that failed is looked at, then asked for anew under another name.
 * @returns undefined where the template has no pod template.
 */
export function jobManifest(
  ref: JobRef,
  template: JsonRecord,
  env: Readonly<Record<string, string>>,
  token: EffectToken,
): JsonRecord | undefined {
  const spec = isRecord(template['template']) ? template : recordAt(template, 'spec');
  const pod = recordAt(spec, 'template');
  const podSpec = recordAt(pod, 'spec');
  if (recordsAt(podSpec, 'containers').length === 0) return undefined;
  const given = recordAt(template, 'metadata');
  const mark = { [RUN]: token.runUid };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      labels: { ...recordAt(given, 'labels'), ...MANAGED_BY, ...mark },
      annotations: { ...recordAt(given, 'annotations'), ...mark, [TOKEN]: token.token },
    },
    spec: {
      ...spec,
      backoffLimit: 0,
      template: {
        ...pod,
        metadata: {
          ...recordAt(pod, 'metadata'),
          labels: { ...recordAt(recordAt(pod, 'metadata'), 'labels'), ...mark },
        },
        spec: {
          ...podSpec,
          restartPolicy: 'Never',
          ...withEnv(podSpec, 'initContainers', env),
          ...withEnv(podSpec, 'containers', env),
        },
      },
    },
  };
}

function withEnv(podSpec: JsonRecord, key: string, env: Readonly<Record<string, string>>): JsonRecord {
  const containers = recordsAt(podSpec, key);
  if (containers.length === 0) return {};
  const added = Object.entries(env).map(([name, value]) => ({ name, value }));
  return {
    [key]: containers.map((container) => {
      const own = recordsAt(container, 'env').filter((entry) => !((stringAt(entry, 'name') ?? '') in env));
      return { ...container, env: [...own, ...added] };
    }),
  };
}
