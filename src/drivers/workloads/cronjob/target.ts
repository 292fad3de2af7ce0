import type { ObjectRef } from '../../../kube/object.ts';
import type { WorkloadRef } from '../driver.ts';

export function cronJobOf({ namespace, workload }: WorkloadRef): ObjectRef {
  return { group: 'batch', version: 'v1', resource: 'cronjobs', namespace, name: workload.target.name };
}
