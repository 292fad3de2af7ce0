import { ApiError } from '../api-error.ts';
import { at, numberAt, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';
import { parseTimestamp } from '../timestamp.ts';
import { internalWrite } from '../writer.ts';
import {
  condition,
  counts,
  find,
  isDeleted,
  JOBS,
  nameOf,
  namespaceOf,
  now,
  ownedBy,
  PODS,
  recordEvent,
  removeQuietly,
  writeStatus,
  type Machine,
} from './machine.ts';
import { isActive, isReady, podFromTemplate } from './replica-set.ts';

const COMPONENT = 'job-controller';
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 600_000;

const TIMERS = Object.freeze(['job-deadline', 'job-backoff', 'job-ttl'] as const);

export function reconcileJob(machine: Machine, namespace: string, name: string): void {
  const job = find(machine, JOBS, namespace, name);
  if (job === undefined || isDeleted(job)) {
    for (const why of TIMERS) machine.queue.cancel(`${why}/${namespace}/${name}`);
    return;
  }
  if (finished(job)) {
    machine.queue.cancel(`job-deadline/${namespace}/${name}`);
    expire(machine, job);
    return;
  }
  const pods = ownedBy(machine, PODS, job);
  const tally = tallyOf(pods);
  const verdict = verdictOf(machine, job, tally);
  if (verdict !== undefined) {
    for (const pod of pods.filter(isActive)) removeQuietly(machine, PODS, pod);
  } else if (at(job, 'spec', 'suspend') === true) {
    for (const pod of pods.filter(isActive)) removeQuietly(machine, PODS, pod);
  } else {
    createMissing(machine, job, tally);
  }
  const after = find(machine, JOBS, namespace, name);
  if (after === undefined) return;
  writeStatus(machine, JOBS, after, statusOf(machine, after, verdict));
  if (verdict !== undefined) {
    const type = verdict.type === 'Complete' ? 'Normal' : 'Warning';
    const reason = verdict.type === 'Complete' ? 'Completed' : verdict.reason;
    recordEvent(machine, JOBS, after, { type, reason, message: verdict.message, component: COMPONENT });
  }
}

interface Tally {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly lastFailure: number | undefined;
}

function tallyOf(pods: readonly JsonObject[]): Tally {
  const phase = (wanted: string): readonly JsonObject[] =>
    pods.filter((pod) => stringAt(pod, 'status', 'phase') === wanted);
  const ends = phase('Failed').map((pod) =>
    parseTimestamp(
      stringAt(objectsAt(pod, 'status', 'containerStatuses')[0], 'state', 'terminated', 'finishedAt') ?? '',
    ),
  );
  const known = ends.filter((one) => one !== undefined);
  return {
    active: pods.filter(isActive).length,
    succeeded: phase('Succeeded').length,
    failed: phase('Failed').length,
    lastFailure: known.length === 0 ? undefined : Math.max(...known),
  };
}

interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

function verdictOf(machine: Machine, job: JsonObject, tally: Tally): Verdict | undefined {
  const completions = numberAt(job, 'spec', 'completions') ?? 1;
  const limit = numberAt(job, 'spec', 'backoffLimit') ?? 6;
  if (tally.succeeded >= completions) {
    return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
  }
  if (tally.failed > limit) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  const deadline = numberAt(job, 'spec', 'activeDeadlineSeconds');
  const started = parseTimestamp(stringAt(job, 'status', 'startTime') ?? '');
  if (deadline === undefined || started === undefined) return undefined;
  const left = started + deadline * 1000 - machine.time.now();
  if (left <= 0) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  later(machine, job, 'job-deadline', left);
  return undefined;
}

function later(machine: Machine, job: JsonObject, why: (typeof TIMERS)[number], ms: number): void {
  const [namespace, name] = [namespaceOf(job), nameOf(job)];
  machine.queue.addAfter(`${why}/${namespace}/${name}`, ms, () => {
    reconcileJob(machine, namespace, name);
  });
}

function createMissing(machine: Machine, job: JsonObject, tally: Tally): void {
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 1;
  const left = (numberAt(job, 'spec', 'completions') ?? 1) - tally.succeeded;
  const missing = Math.min(parallelism, left) - tally.active;
  if (missing <= 0) return;
  if (tally.failed > 0 && tally.lastFailure !== undefined) {
    const wait = Math.min(LAST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (tally.failed - 1));
    const rest = tally.lastFailure + wait - machine.time.now();
    if (rest > 0) {
      later(machine, job, 'job-backoff', rest);
      return;
    }
  }
  for (let count = 0; count < missing; count += 1) if (!createPod(machine, job)) return;
}

function createPod(machine: Machine, job: JsonObject): boolean {
  const body = podFromTemplate(job, JOBS, { generateName: `${nameOf(job)}-` });
  try {
    const { object } = machine.cluster.writer.create(PODS, namespaceOf(job), body, internalWrite());
    const message = `Created pod: ${nameOf(object)}`;
    recordEvent(machine, JOBS, job, { type: 'Normal', reason: 'SuccessfulCreate', message, component: COMPONENT });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = `Error creating: ${error.message}`;
    recordEvent(machine, JOBS, job, { type: 'Warning', reason: 'FailedCreate', message, component: COMPONENT });
    return false;
  }
}

export function finished(job: JsonObject): boolean {
  return ended(job, 'Complete') || ended(job, 'Failed');
}

export function succeeded(job: JsonObject): boolean {
  return ended(job, 'Complete');
}

function ended(job: JsonObject, how: 'Complete' | 'Failed'): boolean {
  return objectsAt(job, 'status', 'conditions').some((one) => one['type'] === how && one['status'] === 'True');
}

function statusOf(machine: Machine, job: JsonObject, verdict: Verdict | undefined): JsonObject {
  const pods = ownedBy(machine, PODS, job);
  const { active, succeeded, failed } = tallyOf(pods);
  const before = objectsAt(job, 'status', 'conditions');
  const time = now(machine);
  const early =
    verdict === undefined
      ? []
      : [{ ...verdict, type: verdict.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget' }, verdict];
  const conditions = early.map((one) => condition(machine, before, { ...one, status: 'True' }));
  return {
    startTime: stringAt(job, 'status', 'startTime') ?? time,
    ...counts({ active: verdict === undefined ? active : 0, succeeded, failed }),
    ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(verdict?.type === 'Complete' ? { completionTime: time } : {}),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** ttlSecondsAfterFinished */
function expire(machine: Machine, job: JsonObject): void {
  const ttl = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
  if (ttl === undefined) return;
  const ends = objectsAt(objectAt(job, 'status'), 'conditions').map(
    (one) => parseTimestamp(stringAt(one, 'lastTransitionTime') ?? '') ?? 0,
  );
  const left = Math.max(0, ...ends) + ttl * 1000 - machine.time.now();
  if (left > 0) later(machine, job, 'job-ttl', left);
  else removeQuietly(machine, JOBS, job);
}
