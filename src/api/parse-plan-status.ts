import { parseConditions } from './conditions.ts';
import { durationOr, timeOr } from './parse-run-status.ts';
import type { LastRun, PlanStatus } from './plan-status.ts';
import { finished, optional, reader, isObject, type Parsed, type Problem, type Reader } from './reader.ts';
import { rtoMilestones, type RtoSegment } from './rto-segments.ts';
import { modes, rpoGrades, runPhases } from './vocabulary.ts';

/** A plan's status as it stands. A plan without one has never been looked at; its spec may be malformed. */
export function parsePlanStatus(object: unknown): Parsed<PlanStatus> {
  const problems: Problem[] = [];
  const status = reader((isObject(object) ? object['status'] : undefined) ?? {}, 'status', problems);
  const value: PlanStatus = {
    observedGeneration: status.integer('observedGeneration', { min: -1, otherwise: -1 }),
    epoch: status.integer('epoch', { min: 0, otherwise: 0 }),
    workloads: status.objects('workloads').map((workload) => ({
      name: workload.string('name'),
      region: workload.string('region'),
      replicas: workload.integer('replicas', { min: 0 }),
      at: workload.time('at'),
    })),
    conditions: parseConditions(status.raw('conditions')),
    ...optional('acknowledgedActiveRegion', status.stringOr('acknowledgedActiveRegion')),
    ...optional('activeRegion', status.stringOr('activeRegion')),
    ...optional('adoptedAt', timeOr(status, 'adoptedAt')),
    ...optional('lastFailoverAt', timeOr(status, 'lastFailoverAt')),
    ...optional('currentRun', parseCurrentRun(status.objectOr('currentRun'))),
    ...optional('lastRun', parseLastRun(status.objectOr('lastRun'))),
    ...optional('reversalPending', parseReversal(status.objectOr('reversalPending'))),
  };
  return finished(value, problems);
}

function parseCurrentRun(run: Reader | undefined): PlanStatus['currentRun'] {
  if (run === undefined) return undefined;
  return { name: run.string('name'), epoch: run.integer('epoch', { min: 0 }), ...optional('uid', run.stringOr('uid')) };
}

function parseReversal(pending: Reader | undefined): PlanStatus['reversalPending'] {
  if (pending === undefined) return undefined;
  return { region: pending.string('region'), at: pending.time('at'), ...optional('by', pending.stringOr('by')) };
}

function parseSegment(segment: Reader): RtoSegment {
  return { milestone: segment.oneOf('milestone', rtoMilestones), ms: segment.duration('took') };
}

function parseLastRun(run: Reader | undefined): LastRun | undefined {
  if (run === undefined) return undefined;
  const rpo = run.objectOr('rpo');
  return {
    name: run.string('name'),
    epoch: run.integer('epoch', { min: 0 }),
    from: run.string('from'),
    to: run.string('to'),
    phase: run.oneOf('phase', runPhases),
    finishedAt: run.time('finishedAt'),
    ...optional('mode', run.has('mode') ? run.oneOf('mode', modes) : undefined),
    ...optional('rtoMs', durationOr(run, 'rto')),
    ...optional('segments', run.has('segments') ? run.objects('segments').map(parseSegment) : undefined),
    ...optional(
      'rpo',
      rpo === undefined
        ? undefined
        : { grade: rpo.oneOf('grade', rpoGrades), ...optional('lossMs', durationOr(rpo, 'loss')) },
    ),
  };
}
