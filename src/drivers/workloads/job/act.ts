import type { KubeClient } from '../../../kube/client.ts';
import { recordAt, stringAt } from '../../../kube/json.ts';
import { isKubeError } from '../../../kube/kube-error.ts';
import type { Call } from '../../../kube/transport.ts';
import type { ApplyResult, EffectToken } from '../../outcome.ts';
import { plansAccount, refusedUnavailable, resultFromKube, type Clusters } from '../clusters.ts';
import type { JobActuator, JobOrder, JobRef } from '../driver.ts';
import { conditionOf } from '../pods.ts';
import { jobManifest } from './manifest.ts';
import { jobOf, RUN } from './names.ts';

export interface JobActuatorOptions {
  readonly clusters: Clusters;
  /** For each of an attempt's requests, ms. */
  readonly callMs: number;
}

/** Needs create and get of jobs for the ServiceAccount `maestro-dr` in the plan's namespace. */
export function createJobActuator({ clusters, callMs }: JobActuatorOptions): JobActuator {
  return {
    create: async (ref, jobSpec, env, token, signal): Promise<ApplyResult> => {
      const cluster = clusters(ref.region);
      if ('unavailable' in cluster) return refusedUnavailable(cluster);
      const body = jobManifest(ref, jobSpec, env, token);
      if (body === undefined) {
        const message = `the job template for ${ref.name} has no spec.template.spec.containers; add the container to run`;
        return { kind: 'Refused', code: 'Invalid', message };
      }
      const client = cluster.withImpersonation(plansAccount(ref.namespace));
      const call = { deadlineMs: callMs, signal };
      try {
        const running = await stillRuns(client, ref, call);
        if (running !== undefined) return running;
        const made = await client.create(collectionOf(ref), body, call);
        return { kind: 'Accepted', detail: `created ${made.metadata.name}` };
      } catch (error) {
        if (isKubeError(error, 'AlreadyExists')) return await existing(client, ref, token, call);
        return resultFromKube(error);
      }
    },
  };
}

function collectionOf(ref: JobRef): { group: string; version: string; resource: string; namespace: string } {
  return { group: 'batch', version: 'v1', resource: 'jobs', namespace: ref.namespace };
}

/** A retry may have been asked for while the Job before it was still at work. */
async function stillRuns(client: KubeClient, ref: JobOrder, call: Call): Promise<ApplyResult | undefined> {
  for (const name of ref.after ?? []) {
    if (!(await hasEnded(client, { ...ref, name }, call))) {
      return { kind: 'Refused', code: 'JobRunning', message: `Job ${name} still runs; ${ref.name} waits for its end` };
    }
  }
  return undefined;
}

/** One that is gone runs no more either. */
async function hasEnded(client: KubeClient, ref: JobRef, call: Call): Promise<boolean> {
  try {
    const job = await client.get(jobOf(ref), call);
    return conditionOf(job, 'Complete', 'True') !== undefined || conditionOf(job, 'Failed', 'True') !== undefined;
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return true;
    throw error;
  }
}

/** Made by an earlier attempt of this run, whose reply was lost, or by somebody else. */
async function existing(client: KubeClient, ref: JobRef, token: EffectToken, call: Call): Promise<ApplyResult> {
  try {
    const job = await client.get(jobOf(ref), call);
    const run = stringAt(recordAt(job.metadata, 'annotations'), RUN);
    if (run === token.runUid) return { kind: 'Accepted', detail: `${ref.name} exists, made by this run` };
    const message = `Job ${ref.name} exists and was made by ${run === undefined ? 'somebody else' : `run ${run}`}`;
    return { kind: 'Refused', code: 'AlreadyExists', message };
  } catch (error) {
    return resultFromKube(error);
  }
}
