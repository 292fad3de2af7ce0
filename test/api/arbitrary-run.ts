import fc from 'fast-check';
import { rtoMilestones } from '../../src/api/rto-segments.ts';
import type { Condition, LastRun, PlanStatus } from '../../src/api/plan-status.ts';
import type {
  DatabaseRecovery,
  Evidence,
  HeardWord,
  Hold,
  Intent,
  Milestones,
  RunSpec,
  RunStatus,
  StepOutcome,
  StepStatus,
} from '../../src/api/run.ts';
import * as words from '../../src/api/vocabulary.ts';
import { arbitrarySpec, name } from './arbitrary-plan.ts';

/** Any ms in the years 1970 to 9900, so that adding the longest RTO stays below 10000. */
const time = fc.oneof(fc.integer({ min: 0, max: 250_246_627_200_000 }), fc.integer({ min: 1.7e12, max: 1.9e12 }));
const span = fc.integer({ min: 0, max: 99_999 * 3_600_000 });
const count = fc.nat(2_147_483_647);
const text = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', maxLength: maxLength / 8 });

/** Who said something, and why. */
const said = { by: name, reason: fc.string({ minLength: 1, maxLength: 80 }) };

/** Lists and records with all, some or none of the optional fields. */
function record<T, K extends keyof T>(
  model: { [P in keyof T]-?: fc.Arbitrary<Exclude<T[P], undefined>> },
  requiredKeys: K[],
) {
  return fc.record<T, K>(model, { requiredKeys });
}

/** JSON has no negative zero: it is no value that could be written. */
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((n) => (n === 0 ? 0 : n));

const evidence: fc.Arbitrary<Evidence> = record<Evidence, 'what' | 'at'>(
  {
    what: text(1024),
    at: time,
    value: fc.dictionary(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.oneof(text(256), number, fc.boolean(), fc.array(text(64), { maxLength: 5 })),
      { maxKeys: 6, noNullPrototype: true },
    ),
  },
  ['what', 'at'],
);

const hold: fc.Arbitrary<Hold> = record<Hold, 'reason' | 'message' | 'evidence'>(
  {
    reason: text(256),
    message: text(1024),
    evidence: fc.array(evidence, { maxLength: 4 }),
    next: text(4096),
    evidenceHash: fc.string({ maxLength: 32 }),
  },
  ['reason', 'message', 'evidence'],
);

const intent: fc.Arbitrary<Intent> = fc.record(
  {
    token: fc.string({ minLength: 1, maxLength: 100 }),
    action: fc.constantFrom<'Do' | 'Undo'>(...words.intentActions),
    holder: text(256),
    at: time,
    notAfter: time,
    attempt: count,
    firstAt: time,
    found: count,
  },
  { requiredKeys: ['token', 'action', 'holder', 'at', 'notAfter', 'attempt', 'firstAt'] },
);

const outcome: fc.Arbitrary<StepOutcome> = fc.record({
  state: fc.constantFrom(...words.outcomeStates),
  at: time,
  evidence: fc.array(evidence, { maxLength: 4 }),
});

const step: fc.Arbitrary<StepStatus> = record<
  StepStatus,
  'id' | 'kind' | 'phase' | 'after' | 'effect' | 'state' | 'since'
>(
  {
    id: fc.string({ minLength: 1, maxLength: 100 }),
    kind: fc.constantFrom(...words.stepKinds),
    phase: fc.constantFrom(...words.stepPhases),
    after: fc.array(fc.string({ minLength: 1, maxLength: 100 }), { maxLength: 4 }),
    effect: fc.constantFrom(...words.effects),
    state: fc.constantFrom(...words.stepStates),
    since: time,
    subject: name,
    region: name,
    deadlineMs: span,
    pretend: fc.constantFrom(...words.pretences),
    readyAt: time,
    deadline: time,
    waitsFor: hold,
    intent,
    outcome,
  },
  ['id', 'kind', 'phase', 'after', 'effect', 'state', 'since'],
);

const milestones: fc.Arbitrary<Milestones> = record<Milestones, never>(
  {
    disruption: time,
    detected: time,
    declared: time,
    started: time,
    fenced: time,
    opened: time,
    trafficObserved: time,
    smokePassed: time,
    sustained: time,
    cachesExpireBy: time,
  },
  [],
);

const recovery: fc.Arbitrary<DatabaseRecovery> = record<DatabaseRecovery, 'database' | 'grade'>(
  {
    database: name,
    grade: fc.constantFrom(...words.rpoGrades),
    point: fc.record({ earliest: time, latest: time }),
    lossMs: span,
    switchpoint: fc.string({ maxLength: 64 }),
    timeline: count,
    lostCommits: count,
    postReturnCommits: count,
    firstLostAt: time,
    lastLostAt: time,
    preservedAt: text(1024),
    basis: text(256),
  },
  ['database', 'grade'],
);

export const arbitraryRunStatus: fc.Arbitrary<RunStatus> = record<
  RunStatus,
  'phase' | 'observedGeneration' | 'steps' | 'milestones' | 'recovery' | 'samples' | 'words' | 'refusals' | 'message'
>(
  {
    phase: fc.constantFrom(...words.runPhases),
    observedGeneration: fc.integer({ min: -1, max: 1e9 }),
    mode: fc.constantFrom(...words.modes),
    sourceRegion: name,
    snapshot: arbitrarySpec,
    snapshotHash: fc.string({ maxLength: 64 }),
    clusterUids: fc.dictionary(name, fc.string({ maxLength: 36 }), { maxKeys: 4, noNullPrototype: true }),
    steps: fc.uniqueArray(step, { maxLength: 6, selector: ({ id }) => id }),
    milestones,
    recovery: fc.uniqueArray(recovery, { maxLength: 3, selector: ({ database }) => database }),
    samples: fc.array(fc.record({ database: name, region: name, at: time, lsn: fc.string({ maxLength: 20 }) }), {
      maxLength: 5,
    }),
    words: fc.uniqueArray(
      record<HeardWord, 'gate' | 'evidenceHash' | 'seenAt'>(
        { gate: name, evidenceHash: name, seenAt: time, usedAt: time, shown: text(1024) },
        ['gate', 'evidenceHash', 'seenAt'],
      ),
      { maxLength: 3, selector: ({ gate, evidenceHash }) => `${gate} ${evidenceHash}` },
    ),
    refusals: fc.uniqueArray(
      fc.record({ request: fc.string({ maxLength: 512 }), reason: text(256), message: text(1024), at: time }),
      { maxLength: 3, selector: ({ request }) => request },
    ),
    abort: fc.record({ at: time, reason: text(256), message: text(1024) }),
    finishedAt: time,
    message: text(1024),
  },
  ['phase', 'observedGeneration', 'steps', 'milestones', 'recovery', 'samples', 'words', 'refusals', 'message'],
);

export const arbitraryRunSpec: fc.Arbitrary<RunSpec> = record<
  RunSpec,
  | 'planRef'
  | 'epoch'
  | 'targetRegion'
  | 'type'
  | 'desiredState'
  | 'approvals'
  | 'attestations'
  | 'skips'
  | 'retries'
  | 'takeovers'
  | 'origin'
>(
  {
    planRef: fc.record({ name: fc.constant('checkout'), uid: fc.uuid() }),
    epoch: fc.integer({ min: 1, max: 1e6 }),
    targetRegion: name,
    type: fc.constantFrom(...words.runTypes),
    mode: fc.constantFrom(...words.modes),
    desiredState: fc.constantFrom(...words.desiredStates),
    approvals: fc.uniqueArray(
      fc.record({ gate: name, by: name, reason: fc.string({ minLength: 1, maxLength: 80 }), evidenceHash: name }),
      { maxLength: 4, selector: ({ gate, evidenceHash }) => `${gate} ${evidenceHash}` },
    ),
    acceptDataLoss: fc.record({ maxMs: span, by: name, reason: fc.string({ minLength: 1, maxLength: 80 }) }),
    attestations: fc.uniqueArray(
      fc.record({
        target: fc.oneof(fc.constant('*'), name),
        kind: fc.constant('Fenced' as const),
        at: time,
        by: name,
        reason: fc.string({ minLength: 1, maxLength: 80 }),
      }),
      { maxLength: 3, selector: ({ target }) => target },
    ),
    skips: fc.uniqueArray(fc.record({ step: name, ...said }), { maxLength: 3, selector: ({ step }) => step }),
    retries: fc.uniqueArray(fc.record({ step: name, at: time, ...said }), {
      maxLength: 3,
      selector: ({ step, at }) => `${step} ${String(at)}`,
    }),
    takeovers: fc.uniqueArray(fc.record({ record: name, from: fc.constantFrom('shop/a', 'shop/b'), ...said }), {
      maxLength: 3,
      selector: ({ record: taken }) => taken,
    }),
    abandon: fc.record(said),
    discardDiverged: fc.record(said),
    origin: fc.constantFrom(...words.origins),
  },
  [
    'planRef',
    'epoch',
    'targetRegion',
    'type',
    'desiredState',
    'approvals',
    'attestations',
    'skips',
    'retries',
    'takeovers',
    'origin',
  ],
);

const condition: fc.Arbitrary<Condition> = fc.record({
  type: fc.constantFrom('Ready', 'Accepted', 'Protected', 'RPOMet', 'FenceIncomplete', 'Reconciling'),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: fc.stringMatching(/^[A-Z][A-Za-z]{0,20}$/),
  message: text(2000),
  lastTransitionAt: time,
  observedGeneration: fc.integer({ min: -1, max: 1e9 }),
});

const lastRun: fc.Arbitrary<LastRun> = record<LastRun, 'name' | 'epoch' | 'from' | 'to' | 'phase' | 'finishedAt'>(
  {
    name,
    epoch: fc.integer({ min: 1, max: 1e6 }),
    from: name,
    to: name,
    mode: fc.constantFrom(...words.modes),
    phase: fc.constantFrom(...words.runPhases),
    finishedAt: time,
    rtoMs: span,
    segments: fc.uniqueArray(fc.record({ milestone: fc.constantFrom(...rtoMilestones), ms: span }), {
      selector: ({ milestone }) => milestone,
    }),
    rpo: record<NonNullable<LastRun['rpo']>, 'grade'>({ grade: fc.constantFrom(...words.rpoGrades), lossMs: span }, [
      'grade',
    ]),
  },
  ['name', 'epoch', 'from', 'to', 'phase', 'finishedAt'],
);

export const arbitraryPlanStatus: fc.Arbitrary<PlanStatus> = record<
  PlanStatus,
  'observedGeneration' | 'epoch' | 'workloads' | 'conditions'
>(
  {
    observedGeneration: fc.integer({ min: -1, max: 1e9 }),
    acknowledgedActiveRegion: name,
    activeRegion: name,
    adoptedAt: time,
    epoch: fc.integer({ min: 0, max: 1e6 }),
    currentRun: record<NonNullable<PlanStatus['currentRun']>, 'name' | 'epoch'>(
      { name, uid: fc.uuid(), epoch: fc.integer({ min: 1, max: 1e6 }) },
      ['name', 'epoch'],
    ),
    lastRun,
    lastFailoverAt: time,
    reversalPending: record<NonNullable<PlanStatus['reversalPending']>, 'region' | 'at'>(
      { region: name, by: text(256), at: time },
      ['region', 'at'],
    ),
    workloads: fc.uniqueArray(fc.record({ name, region: name, replicas: fc.nat(10_000), at: time }), {
      maxLength: 4,
      selector: (workload) => `${workload.name} ${workload.region}`,
    }),
    conditions: fc.uniqueArray(condition, { maxLength: 4, selector: ({ type }) => type }),
  },
  ['observedGeneration', 'epoch', 'workloads', 'conditions'],
);
