import { ApiError } from '../api-error.ts';
import { at, numberAt, objectAt, stringAt, type JsonObject } from '../json.ts';
import { parseTimestamp, timestamp } from '../timestamp.ts';
import { internalWrite } from '../writer.ts';
import { parseSchedule, type CronSchedule } from './cron-schedule.ts';
import { finished, succeeded } from './job.ts';
import {
  CRON_JOBS,
  find,
  isDeleted,
  JOBS,
  nameOf,
  namespaceOf,
  ownedBy,
  ownerReference,
  recordEvent,
  removeQuietly,
  uidOf,
  writeStatus,
  type Machine,
} from './machine.ts';

const COMPONENT = 'cronjob-controller';

/**
 * Makes a Job at each minute that the schedule names. As in the real one (`pkg/controller/cronjob`), of what was missed,
 * while it was suspended for one, only the last is made up for, unless `startingDeadlineSeconds` says that it is too late.
 */
export function reconcileCronJob(machine: Machine, namespace: string, name: string): void {
  const timer = `cron/${namespace}/${name}`;
  const cronJob = find(machine, CRON_JOBS, namespace, name);
  if (cronJob === undefined || isDeleted(cronJob)) {
    machine.queue.cancel(timer);
    return;
  }
  forget(machine, cronJob);
  const schedule = parseSchedule(stringAt(cronJob, 'spec', 'schedule') ?? '');
  const started = schedule === undefined || isSuspended(cronJob) ? undefined : runDue(machine, cronJob, schedule);
  const after = find(machine, CRON_JOBS, namespace, name);
  if (after === undefined) return;
  writeStatus(machine, CRON_JOBS, after, statusOf(machine, after, started));
  const next = isSuspended(after) ? undefined : schedule?.next(machine.time.now());
  if (next === undefined) {
    machine.queue.cancel(timer);
    return;
  }
  machine.queue.addAfter(timer, next - machine.time.now(), () => {
    reconcileCronJob(machine, namespace, name);
  });
}

function isSuspended(cronJob: JsonObject): boolean {
  return at(cronJob, 'spec', 'suspend') === true;
}

/** The minute that is due is run, or left out for what still runs. Returns the minute for which a Job was made. */
function runDue(machine: Machine, cronJob: JsonObject, schedule: CronSchedule): number | undefined {
  const due = lastDue(machine, cronJob, schedule);
  if (due === undefined) return undefined;
  const active = activeOf(machine, cronJob);
  const policy = stringAt(cronJob, 'spec', 'concurrencyPolicy') ?? 'Allow';
  if (policy === 'Forbid' && active.length > 0) {
    say(
      machine,
      cronJob,
      'Normal',
      'JobAlreadyActive',
      'Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    return undefined;
  }
  if (policy === 'Replace') for (const job of active) removeQuietly(machine, JOBS, job);
  return createJob(machine, cronJob, due) ? due : undefined;
}

function lastDue(machine: Machine, cronJob: JsonObject, schedule: CronSchedule): number | undefined {
  const now = machine.time.now();
  const last = stringAt(cronJob, 'status', 'lastScheduleTime') ?? stringAt(cronJob, 'metadata', 'creationTimestamp');
  const deadline = numberAt(cronJob, 'spec', 'startingDeadlineSeconds');
  const since = parseTimestamp(last ?? '') ?? now;
  let due: number | undefined;
  let next = schedule.next(deadline === undefined ? since : Math.max(since, now - deadline * 1000));
  while (next !== undefined && next <= now) {
    due = next;
    next = schedule.next(next);
  }
  return due;
}

function createJob(machine: Machine, cronJob: JsonObject, due: number): boolean {
  const template = objectAt(cronJob, 'spec', 'jobTemplate');
  const given = objectAt(template, 'metadata');
  const name = `${nameOf(cronJob)}-${String(due / 60_000)}`;
  const body = {
    metadata: {
      name,
      labels: objectAt(given, 'labels'),
      annotations: {
        ...objectAt(given, 'annotations'),
        'batch.kubernetes.io/cronjob-scheduled-timestamp': timestamp(due),
      },
      ownerReferences: [ownerReference(CRON_JOBS, cronJob)],
    },
    spec: objectAt(template, 'spec'),
  };
  try {
    machine.cluster.writer.create(JOBS, namespaceOf(cronJob), body, internalWrite());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Made before, by itself or by somebody of that name: as done as it can be.
    if (error.reason === 'AlreadyExists') return true;
    say(machine, cronJob, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`);
    return false;
  }
  say(machine, cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
  return true;
}

function say(machine: Machine, cronJob: JsonObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
  recordEvent(machine, CRON_JOBS, cronJob, { type, reason, message, component: COMPONENT });
}

function activeOf(machine: Machine, cronJob: JsonObject): readonly JsonObject[] {
  return ownedBy(machine, JOBS, cronJob).filter((job) => !finished(job));
}

/** The oldest that have ended go, of each kind those beyond its limit. */
function forget(machine: Machine, cronJob: JsonObject): void {
  const ended = ownedBy(machine, JOBS, cronJob)
    .filter(finished)
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const limits = [
    [ended.filter(succeeded), numberAt(cronJob, 'spec', 'successfulJobsHistoryLimit') ?? 3],
    [ended.filter((job) => !succeeded(job)), numberAt(cronJob, 'spec', 'failedJobsHistoryLimit') ?? 1],
  ] as const;
  for (const [jobs, limit] of limits) {
    for (const job of jobs.slice(0, Math.max(0, jobs.length - limit))) removeQuietly(machine, JOBS, job);
  }
}

function statusOf(machine: Machine, cronJob: JsonObject, started: number | undefined): JsonObject {
  const active = activeOf(machine, cronJob).map((job) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    name: nameOf(job),
    namespace: namespaceOf(job),
    uid: uidOf(job),
  }));
  const scheduled = started === undefined ? stringAt(cronJob, 'status', 'lastScheduleTime') : timestamp(started);
  const ends = ownedBy(machine, JOBS, cronJob)
    .filter(succeeded)
    .map((job) => stringAt(job, 'status', 'completionTime') ?? '');
  const last = [stringAt(cronJob, 'status', 'lastSuccessfulTime') ?? '', ...ends].toSorted().at(-1) ?? '';
  return {
    ...(active.length === 0 ? {} : { active }),
    ...(scheduled === undefined ? {} : { lastScheduleTime: scheduled }),
    ...(last === '' ? {} : { lastSuccessfulTime: last }),
  };
}
