import { parseConditions } from './conditions.ts';
import type { LastRun, PlanStatus } from './plan-status.ts';
import { finished, isObject, reader, type Parsed, type Problem, type Reader } from './reader.ts';

const phases = [
  'Pending',
  'Activation',
  'Recovery',
  'Reconstitution',
  'Aborting',
  'Succeeded',
  'Aborted',
  'Failed',
  'Superseded',
] as const;

/** A plan's status as it stands. A plan without one has never been looked at. */
export function parsePlanStatus(object: unknown): Parsed<PlanStatus> {
  const problems: Problem[] = [];
  const wire = isObject(object) && isObject(object.status) ? object.status : {};
  const status = reader(wire, 'status', problems);
  return finished(
    {
      observedGeneration: status.number('observedGeneration', -1),
      epoch: status.number('epoch', 0),
      ...optional('acknowledgedActiveRegion', status.textOr('acknowledgedActiveRegion', undefined)),
      ...optional('activeRegion', status.textOr('activeRegion', undefined)),
      ...optional('adoptedAt', status.timeOr('adoptedAt')),
      ...optional('lastFailoverAt', status.timeOr('lastFailoverAt')),
      ...optional('currentRun', currentRun(status.objectOr('currentRun'))),
      ...optional('lastRun', lastRun(status.objectOr('lastRun'))),
      ...optional('reversalPending', reversal(status.objectOr('reversalPending'))),
      workloads: status.objects('workloads').map((w) => ({
        name: w.text('name'),
        region: w.text('region'),
        replicas: w.number('replicas'),
        at: w.time('at'),
      })),
      conditions: parseConditions(wire.conditions),
    },
    problems,
  );
}

function currentRun(run: Reader | undefined): PlanStatus['currentRun'] {
  if (run === undefined) return undefined;
  return { name: run.text('name'), epoch: run.number('epoch'), ...optional('uid', run.textOr('uid', undefined)) };
}

function reversal(pending: Reader | undefined): PlanStatus['reversalPending'] {
  if (pending === undefined) return undefined;
  return { region: pending.text('region'), at: pending.time('at'), ...optional('by', pending.textOr('by', undefined)) };
}

function lastRun(run: Reader | undefined): LastRun | undefined {
  if (run === undefined) return undefined;
  const rpo = run.objectOr('rpo');
  return {
    name: run.text('name'),
    epoch: run.number('epoch'),
    from: run.text('from'),
    to: run.text('to'),
    phase: run.oneOf('phase', phases),
    finishedAt: run.time('finishedAt'),
    ...(run.has('mode') ? { mode: run.oneOf('mode', ['Planned', 'Forced']) } : {}),
    ...(run.has('rtoMilliseconds') ? { rtoMs: run.number('rtoMilliseconds') } : {}),
    ...(rpo === undefined
      ? {}
      : {
          rpo: {
            grade: rpo.oneOf('grade', ['Measured', 'Bounded', 'Estimated', 'Unknown']),
            ...(rpo.has('lossMilliseconds') ? { lossMs: rpo.number('lossMilliseconds') } : {}),
          },
        }),
  };
}

function optional<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}
