import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';

/** The manager that owns spec.activeRegion, from metadata.managedFields: a person's tool, or what reverted it. */
export function fieldOwner(object: KubeObject): string | undefined {
  const { managedFields } = object.metadata;
  if (!Array.isArray(managedFields)) return undefined;
  const entries: readonly unknown[] = managedFields;
  for (const entry of entries) {
    if (!isRecord(entry) || typeof entry.manager !== 'string') continue;
    const fields = isRecord(entry.fieldsV1) ? entry.fieldsV1['f:spec'] : undefined;
    if (isRecord(fields) && 'f:activeRegion' in fields) return entry.manager;
  }
  return undefined;
}
