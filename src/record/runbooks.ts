import { sha256Hex } from '../api/canonical-json.ts';
import { peerOf, type Plan } from '../api/plan.ts';
import { MANAGED_BY, plansAccount } from '../drivers/workloads/clusters.ts';
import type { KubeClient } from '../kube/client.ts';
import { isRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';
import type { ObjectRef } from '../kube/object.ts';
import type { Call } from '../kube/transport.ts';
import { runbook } from '../view/runbook/runbook.ts';

/** An API server takes objects of up to 1 MiB and a half; etcd's own default limit for a request is the same. */
const longest = 1_000_000;

const key = 'runbook.md';

/** A plan as its runbook is made of it. */
export interface RunbookSource {
  readonly plan: Plan;
  readonly replicas: Readonly<Record<string, number>>;
  readonly operatorNamespace: string;
}

/** One ConfigMap: the runbook of the move to `target`. */
export interface RunbookText {
  readonly target: string;
  readonly name: string;
  readonly text: string;
}

/** Of both moves, forced: the one that is needed when nothing else is left. The way back is the other one's to tell. */
export function runbookTexts({ plan, replicas, operatorNamespace }: RunbookSource): readonly RunbookText[] {
  const [first] = plan.spec.regions;
  return [peerOf(plan.spec, first), first].map((target) => ({
    target,
    name: `${plan.name}-runbook-${target}`,
    text: runbook({ plan, target, mode: 'Forced', replicas, operatorNamespace, failback: false }),
  }));
}

export type Kept = 'Written' | 'Unchanged' | 'TooLong';

/**
 * Writes it into a region's cluster unless it is there already, as the plan's own account there: that cluster's RBAC
 * decides. @throws KubeError
 */
export async function keepRunbook(
  cluster: KubeClient,
  plan: Pick<Plan, 'namespace' | 'name'>,
  { name, text, target }: RunbookText,
  call: Call,
): Promise<Kept> {
  if (new TextEncoder().encode(text).length > longest) return 'TooLong';
  const client = cluster.withImpersonation(plansAccount(plan.namespace));
  const collection = { group: '', version: 'v1', resource: 'configmaps', namespace: plan.namespace };
  const ref = { ...collection, name };
  const there = await read(client, ref, call);
  if (there === text) return 'Unchanged';
  const metadata = {
    labels: { ...MANAGED_BY, 'dr.maestro.io/plan': plan.name },
    annotations: { 'dr.maestro.io/runbook-to': target, 'dr.maestro.io/sha256': sha256Hex(text) },
  };
  const data = { [key]: text };
  if (there === undefined) {
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata, name, namespace: plan.namespace },
      data,
    };
    await client.create(collection, body, call);
  } else await client.patch(ref, { metadata, data }, { ...call, type: 'merge' });
  return 'Written';
}

/** undefined: there is none; empty: somebody has emptied it. */
async function read(client: KubeClient, ref: ObjectRef, call: Call): Promise<string | undefined> {
  try {
    const { data } = await client.get(ref, call);
    const text = isRecord(data) ? data[key] : undefined;
    return typeof text === 'string' ? text : '';
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}
