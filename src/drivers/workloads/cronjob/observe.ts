import type { Fact } from '../../../api/fact.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { numberAt, recordAt, stringAt } from '../../../kube/json.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Call } from '../../../kube/transport.ts';
import type { WorkloadObserver, WorkloadRef, WorkloadState } from '../driver.ts';
import { found, lookInto, type LookingOptions } from '../look.ts';
import { conditionOf, listAll, recordsAt } from '../pods.ts';
import { cronJobOf } from './target.ts';

/**
 * CronJobs with the operator's own reading rights: get cronjobs, and list jobs, which are read only of a suspended one:
 * then it matters whether the last of them has ended.
 */
export function createCronJobObserver(options: LookingOptions): WorkloadObserver {
  return {
    observe: async (ref, signal): Promise<Fact<WorkloadState>> =>
      await lookInto(options, ref, signal, async (client, call) => await read(client, ref, call)),
  };
}

async function read(client: KubeClient, ref: WorkloadRef, call: Call): Promise<WorkloadState> {
  const cronJob = await found(client.get(cronJobOf(ref), call));
  if (cronJob === undefined) return { exists: false };
  const still = { exists: true, settled: true, obstacles: [] } as const;
  if (recordAt(cronJob, 'spec')['suspend'] !== true) {
    return { ...still, wanted: 1, ready: 1, pods: recordsAt(recordAt(cronJob, 'status'), 'active').length };
  }
  // Not the controller's own list in the status, which comes after the Job that it made last.
  const jobs = await listAll(
    client,
    { group: 'batch', version: 'v1', resource: 'jobs', namespace: ref.namespace },
    {},
    call,
  );
  const running = jobs.filter((job) => isOf(job, cronJob) && mayStillRun(job));
  return { ...still, wanted: 0, ready: 0, pods: running.length };
}

/** Its own, and those that a person made from it by hand (`kubectl create job --from`). */
function isOf(job: KubeObject, { metadata }: KubeObject): boolean {
  return recordsAt(job.metadata, 'ownerReferences').some((owner) => stringAt(owner, 'uid') === metadata.uid);
}

/** Complete and Failed come when the last pod has ended (Kubernetes 1.31). One that is suspended itself runs nothing. */
function mayStillRun(job: KubeObject): boolean {
  if (conditionOf(job, 'Complete', 'True') !== undefined || conditionOf(job, 'Failed', 'True') !== undefined) {
    return false;
  }
  const status = recordAt(job, 'status');
  const pods = (numberAt(status, 'active') ?? 0) + (numberAt(status, 'terminating') ?? 0);
  return recordAt(job, 'spec')['suspend'] !== true || pods > 0;
}
