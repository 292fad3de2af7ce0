import { ask } from './objects.ts';
import type { Stage } from './stage.ts';

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/maestro-dr-system/leases/maestro-dr';

/** The process that the Lease names, by the API server's own record; undefined where there is none. */
export function leaseHolder({ world }: Stage): string | undefined {
  const lease = world.management.hooks.read('coordination.k8s.io/leases', 'maestro-dr-system', 'maestro-dr');
  const { holderIdentity } = (lease?.spec ?? {}) as { readonly holderIdentity?: string };
  return holderIdentity?.split('_')[0];
}

/**
 * The one gap of a lease by compare-and-swap: somebody deletes it, and a candidate that has never seen it makes a new
 * one at once. For `blindMs` the former holder's requests for the Lease hang, so that it goes on believing: two operators lead.
 * Returns who led before, if anybody did.
 */
export function rival(stage: Stage, names: readonly [string, string], blindMs: number): string | undefined {
  const first = leaseHolder(stage);
  if (first === undefined) return undefined;
  const second = names.find((name) => name !== first) ?? names[0];
  const { kernel } = stage;
  const to = kernel.now() + blindMs;
  if (blindMs > 0) kernel.inject({ process: first, label: 'kube.*', detail: '*/leases/*', do: 'hang', to });
  ask(stage.world.management, 'DELETE', leasePath);
  if (exists(stage, second)) kernel.restart(second);
  else stage.start(second);
  return first;
}

function exists({ kernel }: Stage, name: string): boolean {
  return kernel.trace.some(({ process, label }) => process === name && label === 'starts');
}
