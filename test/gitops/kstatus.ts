import { at, isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import type { Kstatus } from './recorded.ts';

/**
 * How kstatus reads a custom resource: `Compute` of sigs.k8s.io/cli-utils v0.37.2, `pkg/kstatus/status/status.go` and
 * `generic.go`, in its order: deletion, generation, the first of Reconciling and Stalled that is True, Ready, else Current.
 * make test-tools asks the library itself about the same objects, where Go is.
 */
export function kstatusOf(object: Wire): Kstatus {
  const deleted = at(object, 'metadata', 'deletionTimestamp');
  if (typeof deleted === 'string' && deleted !== '') return 'Terminating';
  const generation = at(object, 'metadata', 'generation');
  const observed = at(object, 'status', 'observedGeneration');
  if (generation !== undefined && observed !== undefined && observed !== generation) return 'InProgress';
  const found = at(object, 'status', 'conditions');
  const conditions = Array.isArray(found) ? found.filter(isMap) : [];
  for (const { type, status } of conditions) {
    if (type === 'Reconciling' && status === 'True') return 'InProgress';
    if (type === 'Stalled' && status === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready['status'] === 'True' ? 'Current' : 'InProgress';
}
