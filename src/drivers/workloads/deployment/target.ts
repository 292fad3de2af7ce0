import type { ObjectRef } from '../../../kube/object.ts';
import type { WorkloadRef } from '../driver.ts';

export function deploymentOf({ namespace, workload }: WorkloadRef): ObjectRef {
  const [group = 'apps', version = 'v1'] = workload.target.apiVersion.split('/');
  return { group, version, resource: 'deployments', namespace, name: workload.target.name };
}
