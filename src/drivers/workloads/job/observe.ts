import { known, unknown, type Fact } from '../../../api/fact.ts';
import { parseTime } from '../../../api/time.ts';
import type { KubeClient } from '../../../kube/client.ts';
import { parseJson } from '../../../kube/json-lines.ts';
import { isRecord, numberAt, recordAt, stringAt, type JsonRecord } from '../../../kube/json.ts';
import { isKubeError } from '../../../kube/kube-error.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Call } from '../../../kube/transport.ts';
import { instant, type Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import { PortError } from '../../../ports/port-error.ts';
import { unknownFromKube, type Clusters } from '../clusters.ts';
import type { JobObserver, JobRef, JobState } from '../driver.ts';
import { conditionOf, listPods, recordsAt } from '../pods.ts';
import { jobOf, PRESERVED_AT } from './names.ts';

export interface JobObserverOptions {
  readonly clusters: Clusters;
  readonly clock: Clock;
  /** For one look, its list of pods included, ms. */
  readonly callMs: number;
}

const MAX_WORDS = 500;

/**
 * Jobs with the operator's own reading rights: get jobs, list pods. A container of the Job may say where it kept the
 * diverged data by ending with a termination message that is JSON: `{"preservedAt": "…", "message": "…"}`; an
 * annotation `dr.maestro.io/preserved-at` on the Job says the same.
 */
export function createJobObserver({ clusters, clock, callMs }: JobObserverOptions): JobObserver {
  return {
    observe: async (ref, signal): Promise<Fact<JobState>> => {
      const at = instant(clock);
      const cluster = clusters(ref.region);
      if ('unavailable' in cluster) return unknown(cluster.unavailable, cluster.detail, at);
      try {
        const work = (call: AbortSignal): Promise<JobState> => read(cluster, ref, { deadlineMs: callMs, signal: call });
        return known(await withDeadline(clock, callMs, signal, work), at);
      } catch (error) {
        return unknownFromKube(error, at);
      }
    },
  };
}

async function read(client: KubeClient, ref: JobRef, call: Call): Promise<JobState> {
  try {
    const job = await client.get(jobOf(ref), call);
    const ended = conditionOf(job, 'Complete', 'True') ?? conditionOf(job, 'Failed', 'True');
    if (ended === undefined) return { exists: true, state: 'Running', message: progressOf(job) };
    const words = await lastWords(client, ref, call);
    const preservedAt = words.preservedAt ?? job.metadata.annotations?.[PRESERVED_AT];
    const succeeded = ended['type'] === 'Complete';
    const endedAt = parseTime(stringAt(ended, 'lastTransitionTime') ?? '');
    return {
      exists: true,
      state: succeeded ? 'Succeeded' : 'Failed',
      message: succeeded ? (words.message ?? 'complete') : failure(ended, words),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(preservedAt === undefined ? {} : { preservedAt }),
    };
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return { exists: false };
    throw error;
  }
}

function progressOf(job: KubeObject): string {
  const status = recordAt(job, 'status');
  return `${String(numberAt(status, 'active') ?? 0)} pods active, ${String(numberAt(status, 'failed') ?? 0)} failed`;
}

function failure(condition: JsonRecord, { message }: LastWords): string {
  const said = [stringAt(condition, 'reason'), stringAt(condition, 'message'), message];
  return bounded(said.filter((part) => part !== undefined && part !== '').join(': '));
}

interface LastWords {
  readonly preservedAt?: string;
  readonly message?: string;
}

/** From the containers' termination messages; of several the one that says where the data are. */
async function lastWords(client: KubeClient, ref: JobRef, call: Call): Promise<LastWords> {
  // The label without a prefix is set by every version of the Job controller, and stays.
  const pods = await listPods(client, ref.namespace, `job-name=${ref.name}`, call);
  const all = pods.flatMap((pod) =>
    recordsAt(recordAt(pod, 'status'), 'containerStatuses').flatMap((container) => {
      const text = stringAt(recordAt(recordAt(container, 'state'), 'terminated'), 'message');
      return text === undefined || text === '' ? [] : [wordsOf(text)];
    }),
  );
  return all.find(({ preservedAt }) => preservedAt !== undefined) ?? all[0] ?? {};
}

function wordsOf(text: string): LastWords {
  const value = parsed(text.trim());
  if (!isRecord(value)) return { message: bounded(text.trim()) };
  const preservedAt = stringAt(value, 'preservedAt');
  const message = stringAt(value, 'message');
  return {
    ...(preservedAt === undefined ? {} : { preservedAt }),
    ...(message === undefined ? {} : { message: bounded(message) }),
  };
}

/** A program's words may be anything. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}

function bounded(text: string): string {
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;
}
