import type { Mode, PlanSpec } from './plan.ts';
import { isObject, type Reader } from './reader.ts';
import type {
  DatabaseRecovery,
  Effect,
  Evidence,
  Hold,
  Intent,
  Milestones,
  OutcomeState,
  RunPhase,
  RunStatus,
  StepKind,
  StepPhase,
  StepState,
  StepStatus,
} from './run.ts';

const phases: readonly RunPhase[] = [
  'Pending',
  'Activation',
  'Recovery',
  'Reconstitution',
  'Aborting',
  'Succeeded',
  'Aborted',
  'Failed',
  'Superseded',
];
const stepPhases: readonly StepPhase[] = ['Activation', 'Recovery', 'Reconstitution'];
const states: readonly StepState[] = [
  'Pending',
  'Running',
  'Waiting',
  'Blocked',
  'Done',
  'Undoing',
  'Undone',
  'Drifted',
];
const effects: readonly Effect[] = ['None', 'Reversible', 'Irreversible'];
const outcomes: readonly OutcomeState[] = ['Succeeded', 'Vacuous', 'Overridden', 'Pretended', 'Skipped'];
const kinds: readonly StepKind[] = [
  'Assess',
  'SamplePositions',
  'PreflightDatabase',
  'PreflightWorkload',
  'PreflightTraffic',
  'Approve',
  'PreScale',
  'Dependency',
  'Quiesce',
  'Fence',
  'Position',
  'Promote',
  'Checkpoint',
  'Open',
  'Probe',
  'Workload',
  'Smoke',
  'Shift',
  'ObserveTraffic',
  'Soak',
  'StandDown',
  'FinishFence',
  'Compare',
  'Rebuild',
  'Protect',
  'Report',
];
const milestoneNames = [
  'disruption',
  'detected',
  'declared',
  'started',
  'fenced',
  'opened',
  'trafficObserved',
  'smokePassed',
  'sustained',
  'cachesExpireBy',
] as const;

/** The journal as the operator wrote it. A Run that nobody has looked at yet is Pending. */
export function parseRunStatus(status: Reader): RunStatus {
  const abort = status.objectOr('abort');
  const snapshot = parseSnapshot(status);
  return {
    phase: status.oneOf('phase', phases, 'Pending'),
    observedGeneration: status.number('observedGeneration', -1),
    steps: status.objects('steps').map(parseStep),
    milestones: parseMilestones(status.objectOr('milestones')),
    recovery: status.objects('recovery').map(parseRecovery),
    samples: status
      .objects('samples')
      .map((s) => ({ database: s.text('database'), region: s.text('region'), at: s.time('at'), lsn: s.text('lsn') })),
    message: status.textOr('message', ''),
    ...optional('mode', status.has('mode') ? status.oneOf<Mode>('mode', ['Planned', 'Forced']) : undefined),
    ...optional('sourceRegion', status.textOr('sourceRegion', undefined)),
    ...optional('snapshot', snapshot),
    ...optional('snapshotHash', status.textOr('snapshotHash', undefined)),
    ...optional(
      'clusterUids',
      status.has('clusterUIDs') ? status.map('clusterUIDs', (uid) => (typeof uid === 'string' ? uid : '')) : undefined,
    ),
    ...optional(
      'abort',
      abort === undefined
        ? undefined
        : { at: abort.time('at'), reason: abort.text('reason'), message: abort.text('message') },
    ),
    ...optional('finishedAt', status.timeOr('finishedAt')),
  };
}

/** Written by this program as canonical JSON and guarded by RBAC; its shape is its own. */
function parseSnapshot(status: Reader): PlanSpec | undefined {
  const text = status.textOr('snapshot', undefined);
  if (text === undefined) return undefined;
  const parsed = parseJson(text);
  if (isPlanSpec(parsed)) return parsed;
  status.complain('snapshot', 'is not the plan that was pinned', 'abandon this Run: its journal was changed by hand');
  return undefined;
}

function isPlanSpec(value: unknown): value is PlanSpec {
  if (!isObject(value)) return false;
  const lists = ['regions', 'databases', 'workloads', 'traffic', 'dependencyChecks', 'smokeTests'];
  return (
    typeof value.identity === 'string' &&
    isObject(value.failover) &&
    isObject(value.objectives) &&
    lists.every((key) => Array.isArray(value[key]))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // Reported by the caller, by the field's path.
    return error instanceof SyntaxError ? undefined : error;
  }
}

function parseStep(step: Reader): StepStatus {
  const waits = step.objectOr('waitsFor');
  const intent = step.objectOr('intent');
  const outcome = step.objectOr('outcome');
  return {
    id: step.text('id'),
    kind: step.oneOf('kind', kinds),
    phase: step.oneOf('phase', stepPhases),
    after: step.texts('after'),
    effect: step.oneOf('effect', effects),
    state: step.oneOf('state', states),
    since: step.time('since'),
    ...optional('subject', step.textOr('subject', undefined)),
    ...optional('region', step.textOr('region', undefined)),
    ...optional('deadlineMs', step.has('deadlineMilliseconds') ? step.number('deadlineMilliseconds') : undefined),
    ...optional(
      'pretend',
      step.has('pretend') ? step.oneOf<'Would' | 'Follows'>('pretend', ['Would', 'Follows']) : undefined,
    ),
    ...optional('readyAt', step.timeOr('readyAt')),
    ...optional('deadline', step.timeOr('deadline')),
    ...optional('waitsFor', waits === undefined ? undefined : parseHold(waits)),
    ...optional('intent', intent === undefined ? undefined : parseIntent(intent)),
    ...optional(
      'outcome',
      outcome === undefined
        ? undefined
        : {
            state: outcome.oneOf('state', outcomes),
            at: outcome.time('at'),
            evidence: outcome.objects('evidence').map(parseEvidence),
          },
    ),
  };
}

function parseHold(hold: Reader): Hold {
  return {
    reason: hold.text('reason'),
    message: hold.text('message'),
    evidence: hold.objects('evidence').map(parseEvidence),
    ...optional('next', hold.textOr('next', undefined)),
    ...optional('evidenceHash', hold.textOr('evidenceHash', undefined)),
  };
}

function parseIntent(intent: Reader): Intent {
  return {
    token: intent.text('token'),
    action: intent.oneOf('action', ['Do', 'Undo']),
    holder: intent.text('holder'),
    at: intent.time('at'),
    notAfter: intent.time('notAfter'),
    attempt: intent.number('attempt'),
    firstAt: intent.time('firstAt'),
  };
}

function parseEvidence(evidence: Reader): Evidence {
  const text = evidence.textOr('value', undefined);
  const value = text === undefined ? undefined : parseJson(text);
  return { what: evidence.text('what'), at: evidence.time('at'), ...(isEvidenceValue(value) ? { value } : {}) };
}

function isEvidenceValue(value: unknown): value is NonNullable<Evidence['value']> {
  if (!isObject(value)) return false;
  return Object.values(value).every(
    (v) =>
      ['string', 'number', 'boolean'].includes(typeof v) ||
      (Array.isArray(v) && v.every((item) => typeof item === 'string')),
  );
}

function parseMilestones(milestones: Reader | undefined): Milestones {
  if (milestones === undefined) return {};
  return Object.fromEntries(
    milestoneNames.flatMap((name) => (milestones.has(name) ? [[name, milestones.time(name)] as const] : [])),
  );
}

function parseRecovery(r: Reader): DatabaseRecovery {
  return {
    database: r.text('database'),
    grade: r.oneOf('grade', ['Measured', 'Bounded', 'Estimated', 'Unknown']),
    ...optional('lossMs', r.has('lossMs') ? r.number('lossMs') : undefined),
    ...optional('switchpoint', r.textOr('switchpoint', undefined)),
    ...optional('timeline', r.has('timeline') ? r.number('timeline') : undefined),
    ...optional('lostCommits', r.has('lostCommits') ? r.number('lostCommits') : undefined),
    ...optional('postReturnCommits', r.has('postReturnCommits') ? r.number('postReturnCommits') : undefined),
    ...optional('firstLostAt', r.timeOr('firstLostAt')),
    ...optional('lastLostAt', r.timeOr('lastLostAt')),
    ...optional('preservedAt', r.textOr('preservedAt', undefined)),
    ...optional('basis', r.textOr('basis', undefined)),
  };
}

function optional<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}
