import { objectAt, objectsAt, stringAt, withAt, type JsonObject } from '../json.ts';
import { ApiError } from '../api-error.ts';
import { internalWrite } from '../writer.ts';
import { CLAIMS, find, nameOf, namespaceOf, recordEvent, uidOf, writeStatus, type Machine } from './machine.ts';

/** The one storage class there is; a claim of another stays Pending, as with a real cluster that lacks it. */
const STORAGE_CLASS = 'standard';
const COMPONENT = 'persistentvolume-controller';

/** Binds a claim at once to a volume of its own: nothing of the volume is kept. */
export function reconcileClaim(machine: Machine, namespace: string, name: string): void {
  const claim = find(machine, CLAIMS, namespace, name);
  if (claim === undefined || isBound(claim)) return;
  const wanted = stringAt(claim, 'spec', 'storageClassName') ?? STORAGE_CLASS;
  if (wanted !== STORAGE_CLASS) {
    const message = `storageclass.storage.k8s.io "${wanted}" not found`;
    recordEvent(machine, CLAIMS, claim, {
      type: 'Warning',
      reason: 'ProvisioningFailed',
      message,
      component: COMPONENT,
    });
    return;
  }
  const bound = (old: JsonObject): JsonObject =>
    withAt(old, ['spec'], { ...objectAt(old, 'spec'), storageClassName: wanted, volumeName: `pvc-${uidOf(claim)}` });
  machine.cluster.writer.update(CLAIMS, namespace, name, bound, internalWrite());
  const live = find(machine, CLAIMS, namespace, name);
  if (live === undefined) return;
  const capacity = objectAt(live, 'spec', 'resources', 'requests');
  writeStatus(machine, CLAIMS, live, {
    phase: 'Bound',
    accessModes: live['spec'] === undefined ? [] : accessModes(live),
    capacity,
  });
}

function accessModes(claim: JsonObject): readonly string[] {
  const modes = objectAt(claim, 'spec')['accessModes'];
  return Array.isArray(modes) ? modes.filter((mode) => typeof mode === 'string') : [];
}

function isBound(claim: JsonObject): boolean {
  return stringAt(claim, 'status', 'phase') === 'Bound';
}

/** What a StatefulSet's pod wants of each `volumeClaimTemplates`, by the name of its volume. */
export function claimNames(set: JsonObject, pod: string): Readonly<Record<string, string>> {
  const templates = objectsAt(set, 'spec', 'volumeClaimTemplates').map(nameOf);
  return Object.fromEntries(templates.map((name) => [name, `${name}-${pod}`]));
}

/** Makes the claims that a pod wants and that are not there yet. @throws ApiError where one is refused. */
export function createClaims(machine: Machine, set: JsonObject, pod: string): void {
  const namespace = namespaceOf(set);
  for (const template of objectsAt(set, 'spec', 'volumeClaimTemplates')) {
    const name = claimNames(set, pod)[nameOf(template)] ?? '';
    if (find(machine, CLAIMS, namespace, name) !== undefined) continue;
    const labels = { ...objectAt(template, 'metadata', 'labels'), ...objectAt(set, 'spec', 'selector', 'matchLabels') };
    const body = { metadata: { name, labels }, spec: objectAt(template, 'spec') };
    try {
      machine.cluster.writer.create(CLAIMS, namespace, body, internalWrite());
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') continue;
      throw error;
    }
  }
}

/** Why no node can take the pod for want of a volume, in the scheduler's words; undefined where none is wanting. */
export function missingVolume(machine: Machine, pod: JsonObject): string | undefined {
  for (const volume of objectsAt(pod, 'spec', 'volumes')) {
    const name = stringAt(volume, 'persistentVolumeClaim', 'claimName');
    if (name === undefined) continue;
    const claim = find(machine, CLAIMS, namespaceOf(pod), name);
    const help = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
    if (claim === undefined) return `0/3 nodes are available: persistentvolumeclaim "${name}" not found. ${help}`;
    if (!isBound(claim)) return `0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${help}`;
  }
  return undefined;
}

/** Whether the pod waits, or may wait, for a volume of this claim. */
export function wantsClaim(pod: JsonObject, claim: string): boolean {
  return objectsAt(pod, 'spec', 'volumes').some(
    (volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') === claim,
  );
}
