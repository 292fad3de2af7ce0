import { parseTime } from '../api/time.ts';
import { type JsonRecord, isRecord, numberAt, recordAt, stringAt } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import type { LeaseLook, SeenLease } from '../view/operator.ts';
import { CliError } from './exit-codes.ts';
import type { Management } from './plans.ts';

const leaseResource: ResourceType = Object.freeze({ group: 'coordination.k8s.io', version: 'v1', resource: 'leases' });

/** As src/config.ts has it, whatever the release is called; its namespace is anybody's choice. */
const leaseName = 'maestro-dr';

/** Shorter than that of what the command is about, which it must not hold up. */
const deadlineMs = 5_000;

/**
 * The Leases of all operators there are. Never throws for what a cluster or a kubeconfig answers: not to see the operator is no
 * reason to show nothing of the plan.
 */
export async function lookForLeases({ client }: Management): Promise<LeaseLook> {
  try {
    // By the name alone: from this field selector the API server takes the name that RBAC's resourceNames are about.
    const { items, servedAt } = await client.list(
      leaseResource,
      { fieldSelector: `metadata.name=${leaseName}` },
      { deadlineMs },
    );
    const now = Date.parse(servedAt ?? '');
    return { seen: true, leases: items.map((item) => seenLease(item)), ...(Number.isNaN(now) ? {} : { now }) };
  } catch (error) {
    if (isKubeError(error, 'Forbidden')) return { seen: false, why: forbidden };
    if (isKubeError(error) || error instanceof CliError) {
      return { seen: false, why: error.message.trim().replace(/\s*\n\s*/g, ' ') };
    }
    throw error;
  }
}

const forbidden = `you may not list Leases by the name ${leaseName} in all namespaces. Ask for a ClusterRoleBinding to the ClusterRole maestro-dr-lease-viewer.`;

function seenLease(lease: KubeObject): SeenLease {
  const spec = recordAt(lease, 'spec');
  const holder = stringAt(spec, 'holderIdentity') ?? '';
  const seconds = numberAt(spec, 'leaseDurationSeconds');
  const renewedAt = writtenAt(lease) ?? parseTime(stringAt(spec, 'renewTime') ?? '');
  return {
    namespace: lease.metadata.namespace ?? '',
    name: lease.metadata.name,
    ...(holder === '' ? {} : { holder }),
    ...(renewedAt === undefined ? {} : { renewedAt }),
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
  };
}

/**
 * When the API server took the last renewal, by the clock that its Date header is of; `renewTime` is the holder's own, of another
 * machine. managedFields have it in whole seconds: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
function writtenAt({ metadata }: KubeObject): number | undefined {
  const entries: unknown = metadata['managedFields'];
  const renewals = (Array.isArray(entries) ? entries : []).filter(isRecord).filter(isRenewal);
  const times = renewals.flatMap((entry) => parseTime(stringAt(entry, 'time') ?? '') ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function isRenewal(entry: JsonRecord): boolean {
  return Object.hasOwn(recordAt(recordAt(entry, 'fieldsV1'), 'f:spec'), 'f:renewTime');
}
