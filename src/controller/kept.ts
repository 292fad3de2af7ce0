import { isRecord } from '../kube/json.ts';
import type { KubeObject, ObjectMeta } from '../kube/object.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What is held of a plan or a Run: all but the API server's ledger of who wrote which field, often larger than the
 * object itself, of which only the owner of spec.activeRegion is ever asked for, and the copy that kubectl leaves.
 * Nothing of it is ever written back: writes are patches of the status.
 */
export function withoutLedgers(object: KubeObject): KubeObject {
  const { managedFields, annotations, ...rest } = object.metadata;
  const metadata: ObjectMeta = {
    ...rest,
    ...(annotations === undefined ? {} : { annotations: withoutLastApplied(annotations) }),
    ...(Array.isArray(managedFields) ? { managedFields: managedFields.flatMap(ownerOfActiveRegion) } : {}),
  };
  return { ...object, metadata };
}

function withoutLastApplied({
  [lastApplied]: _copy,
  ...annotations
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return annotations;
}

function ownerOfActiveRegion(entry: unknown): readonly unknown[] {
  if (!isRecord(entry) || !isRecord(entry.fieldsV1)) return [];
  const spec = entry.fieldsV1['f:spec'];
  if (!isRecord(spec) || !('f:activeRegion' in spec)) return [];
  return [{ manager: entry.manager, fieldsV1: { 'f:spec': { 'f:activeRegion': {} } } }];
}
