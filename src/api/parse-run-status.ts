import { parseJson } from './canonical-json.ts';
import { parseSnapshot } from './parse-snapshot.ts';
import { isObject, optional, type Reader } from './reader.ts';
import type {
  DatabaseRecovery,
  Evidence,
  Hold,
  Intent,
  Milestones,
  RecoveryPoint,
  RunStatus,
  StepOutcome,
  StepStatus,
} from './run.ts';
import {
  effects,
  intentActions,
  milestoneNames,
  modes,
  outcomeStates,
  pretences,
  rpoGrades,
  runPhases,
  stepKinds,
  stepPhases,
  stepStates,
} from './vocabulary.ts';

/** The journal as render-run.ts wrote it, exactly. A Run that nobody has looked at yet is Pending. */
export function parseRunStatus(status: Reader): RunStatus {
  const abort = status.objectOr('abort');
  return {
    phase: status.oneOf('phase', runPhases, 'Pending'),
    observedGeneration: status.integer('observedGeneration', { min: -1, otherwise: -1 }),
    steps: status.objects('steps').map(parseStep),
    milestones: parseMilestones(status.objectOr('milestones')),
    recovery: status.objects('recovery').map(parseRecovery),
    samples: status.objects('samples').map((sample) => ({
      database: sample.string('database'),
      region: sample.string('region'),
      at: sample.time('at'),
      lsn: sample.string('lsn'),
    })),
    message: status.stringOr('message') ?? '',
    words: status.objects('words').map((word) => ({
      gate: word.string('gate'),
      evidenceHash: word.string('evidenceHash'),
      seenAt: word.time('seenAt'),
      ...optional('usedAt', timeOr(word, 'usedAt')),
      ...optional('shown', word.stringOr('shown')),
    })),
    refusals: status.objects('refusals').map((refusal) => ({
      request: refusal.string('request'),
      reason: refusal.string('reason'),
      message: refusal.string('message'),
      at: refusal.time('at'),
    })),
    ...optional('mode', status.has('mode') ? status.oneOf('mode', modes) : undefined),
    ...optional('sourceRegion', status.stringOr('sourceRegion')),
    ...optional('snapshot', parseSnapshot(status, 'snapshot')),
    ...optional('snapshotHash', status.stringOr('snapshotHash')),
    ...optional('clusterUids', parseUids(status)),
    ...optional('abort', abort === undefined ? undefined : parseAbort(abort)),
    ...optional('finishedAt', timeOr(status, 'finishedAt')),
  };
}

function parseUids(status: Reader): RunStatus['clusterUids'] {
  return status.has('clusterUIDs') ? status.map('clusterUIDs', (uids, region) => uids.string(region)) : undefined;
}

function parseAbort(abort: Reader): NonNullable<RunStatus['abort']> {
  return { at: abort.time('at'), reason: abort.string('reason'), message: abort.string('message') };
}

function parseStep(step: Reader): StepStatus {
  return {
    id: step.text('id'),
    kind: step.oneOf('kind', stepKinds),
    phase: step.oneOf('phase', stepPhases),
    after: step.texts('after'),
    effect: step.oneOf('effect', effects),
    state: step.oneOf('state', stepStates),
    since: step.time('since'),
    ...optional('subject', step.stringOr('subject')),
    ...optional('region', step.stringOr('region')),
    ...optional('deadlineMs', durationOr(step, 'timeout')),
    ...optional('pretend', step.has('pretend') ? step.oneOf('pretend', pretences) : undefined),
    ...optional('readyAt', timeOr(step, 'readyAt')),
    ...optional('deadline', timeOr(step, 'deadline')),
    ...optional('waitsFor', parseHold(step.objectOr('waitsFor'))),
    ...optional('intent', parseIntent(step.objectOr('intent'))),
    ...optional('outcome', parseOutcome(step.objectOr('outcome'))),
  };
}

function parseHold(hold: Reader | undefined): Hold | undefined {
  if (hold === undefined) return undefined;
  return {
    reason: hold.string('reason'),
    message: hold.string('message'),
    evidence: hold.objects('evidence').map(parseEvidence),
    ...optional('next', hold.stringOr('next')),
    ...optional('evidenceHash', hold.stringOr('evidenceHash')),
  };
}

function parseIntent(intent: Reader | undefined): Intent | undefined {
  if (intent === undefined) return undefined;
  return {
    token: intent.text('token'),
    action: intent.oneOf('action', intentActions),
    holder: intent.string('holder'),
    at: intent.time('at'),
    notAfter: intent.time('notAfter'),
    attempt: intent.integer('attempt', { min: 0 }),
    firstAt: intent.time('firstAt'),
    ...optional('found', intent.has('found') ? intent.integer('found', { min: 0 }) : undefined),
  };
}

function parseOutcome(outcome: Reader | undefined): StepOutcome | undefined {
  if (outcome === undefined) return undefined;
  const evidence = outcome.objects('evidence').map(parseEvidence);
  return { state: outcome.oneOf('state', outcomeStates), at: outcome.time('at'), evidence };
}

function parseEvidence(evidence: Reader): Evidence {
  const what = evidence.string('what');
  const at = evidence.time('at');
  const text = evidence.textOr('value');
  if (text === undefined) return { what, at };
  const value = parseJson(text);
  if (isEvidenceValue(value)) return { what, at, value };
  evidence.complain('value', 'is not what this operator writes', 'the Run cannot be gone on with; abandon it');
  return { what, at };
}

function isEvidenceValue(value: unknown): value is NonNullable<Evidence['value']> {
  if (!isObject(value)) return false;
  return Object.values(value).every((item) => {
    if (Array.isArray(item)) return item.every((one) => typeof one === 'string');
    return typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean';
  });
}

function parseMilestones(milestones: Reader | undefined): Milestones {
  if (milestones === undefined) return {};
  return Object.assign({}, ...milestoneNames.map((name) => optional(name, timeOr(milestones, name)))) as Milestones;
}

function parseRecovery(recovery: Reader): DatabaseRecovery {
  const count = (key: string): number | undefined =>
    recovery.has(key) ? recovery.integer(key, { min: 0 }) : undefined;
  return {
    database: recovery.string('database'),
    grade: recovery.oneOf('grade', rpoGrades),
    ...optional('lossMs', durationOr(recovery, 'loss')),
    ...optional('point', parsePoint(recovery.objectOr('point'))),
    ...optional('switchpoint', recovery.stringOr('switchpoint')),
    ...optional('timeline', count('timeline')),
    ...optional('lostCommits', count('lostCommits')),
    ...optional('postReturnCommits', count('postReturnCommits')),
    ...optional('firstLostAt', timeOr(recovery, 'firstLostAt')),
    ...optional('lastLostAt', timeOr(recovery, 'lastLostAt')),
    ...optional('preservedAt', recovery.stringOr('preservedAt')),
    ...optional('basis', recovery.stringOr('basis')),
  };
}

function parsePoint(point: Reader | undefined): RecoveryPoint | undefined {
  return point === undefined ? undefined : { earliest: point.time('earliest'), latest: point.time('latest') };
}

export function timeOr(at: Reader, key: string): number | undefined {
  return at.has(key) ? at.time(key) : undefined;
}

export function durationOr(at: Reader, key: string): number | undefined {
  return at.has(key) ? at.duration(key) : undefined;
}
