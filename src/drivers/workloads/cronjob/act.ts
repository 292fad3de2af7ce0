import { recordAt } from '../../../kube/json.ts';
import type { ApplyResult } from '../../outcome.ts';
import { plansAccount, refusedUnavailable, resultFromKube, type Clusters } from '../clusters.ts';
import type { WorkloadActuator } from '../driver.ts';
import { TOKEN } from '../job/names.ts';
import { cronJobOf } from './target.ts';

export interface CronJobActuatorOptions {
  readonly clusters: Clusters;
  /** For each of an attempt's two requests, ms. */
  readonly callMs: number;
}

/**
 * Suspends (0) and lets the schedule run again (1). Needs get and patch of cronjobs for the plan's own ServiceAccount
 * `maestro-dr`: there is no subresource for it. What runs already is left to end.
 */
export function createCronJobActuator({ clusters, callMs }: CronJobActuatorOptions): WorkloadActuator {
  return {
    scale: async (ref, replicas, { token }, signal): Promise<ApplyResult> => {
      const cluster = clusters(ref.region);
      if ('unavailable' in cluster) return refusedUnavailable(cluster);
      const client = cluster.withImpersonation(plansAccount(ref.namespace));
      const target = cronJobOf(ref);
      const call = { deadlineMs: callMs, signal };
      const suspend = replicas === 0;
      try {
        const found = await client.get(target, call);
        const suspended = recordAt(found, 'spec')['suspend'] === true;
        if (suspended === suspend) return { kind: 'Accepted', detail: suspend ? 'already suspended' : 'not suspended' };
        const body = { metadata: { annotations: { [TOKEN]: token } }, spec: { suspend } };
        await client.patch(target, body, { ...call, type: 'merge' });
        return { kind: 'Accepted', detail: suspend ? 'suspended' : 'suspended no longer' };
      } catch (error) {
        return resultFromKube(error);
      }
    },
  };
}
