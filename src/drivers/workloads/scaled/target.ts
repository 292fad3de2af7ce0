import type { ObjectRef } from '../../../kube/object.ts';
import type { WorkloadRef } from '../driver.ts';

/** A Deployment or a StatefulSet: what has `spec.replicas` and a scale subresource. */
export function targetOf({ namespace, workload }: WorkloadRef): ObjectRef {
  const [group = 'apps', version = 'v1'] = workload.target.apiVersion.split('/');
  const resource = workload.target.kind === 'StatefulSet' ? 'statefulsets' : 'deployments';
  return { group, version, resource, namespace, name: workload.target.name };
}
