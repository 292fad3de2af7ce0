import { numberAt, recordAt } from '../../../kube/json.ts';
import type { ApplyResult } from '../../outcome.ts';
import { plansAccount, refusedUnavailable, resultFromKube, type Clusters } from '../clusters.ts';
import type { WorkloadActuator } from '../driver.ts';
import { targetOf } from './target.ts';

export interface ScaledActuatorOptions {
  readonly clusters: Clusters;
  /** For each of an attempt's two requests, ms. */
  readonly callMs: number;
}

const subresource = 'scale';

/** Needs get and patch of deployments/scale and statefulsets/scale for the plan's own ServiceAccount `maestro-dr`. */
export function createScaledActuator({ clusters, callMs }: ScaledActuatorOptions): WorkloadActuator {
  return {
    scale: async (ref, replicas, _token, signal): Promise<ApplyResult> => {
      const cluster = clusters(ref.region);
      if ('unavailable' in cluster) return refusedUnavailable(cluster);
      const client = cluster.withImpersonation(plansAccount(ref.namespace));
      const target = targetOf(ref);
      const call = { deadlineMs: callMs, signal };
      try {
        const scale = await client.get(target, { ...call, subresource });
        const wanted = numberAt(recordAt(scale, 'spec'), 'replicas') ?? 0;
        if (wanted === replicas) return { kind: 'Accepted', detail: `already at ${String(replicas)}` };
        await client.patch(target, { spec: { replicas } }, { ...call, subresource, type: 'merge' });
        return { kind: 'Accepted', detail: `from ${String(wanted)} to ${String(replicas)}` };
      } catch (error) {
        return resultFromKube(error);
      }
    },
  };
}
