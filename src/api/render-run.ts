import { bounds, clip, measured } from './bounds.ts';
import { canonicalJson } from './canonical-json.ts';
import { formatDuration } from './duration.ts';
import { optional } from './reader.ts';
import { recoverySkew, type RecoverySkew } from './recovery-skew.ts';
import type {
  DatabaseRecovery,
  Evidence,
  HeardWord,
  Hold,
  Intent,
  RecoveryPoint,
  Refusal,
  RunSpec,
  RunStatus,
  StepOutcome,
  StepStatus,
} from './run.ts';
import { runConditions, runColumns } from './run-summary.ts';
import { formatTime } from './time.ts';
import { milestoneNames } from './vocabulary.ts';
import type {
  WireEvidence,
  WireHeardWord,
  WireHold,
  WireIntent,
  WireMilestones,
  WireOutcome,
  WireRecovery,
  WireRefusal,
  WireRunSpec,
  WireRunStatus,
  WireSkew,
  WireStep,
} from './wire.ts';

/** An approval without the evidence that it binds to counts for nothing; the API server says so. */
export function renderRunSpec(spec: RunSpec): WireRunSpec {
  const { acceptDataLoss, attestations, approvals, retries, ...plain } = spec;
  return {
    ...plain,
    approvals: approvals.map((approval) => ({ ...approval, evidenceHash: approval.evidenceHash ?? '' })),
    attestations: attestations.map((attestation) => ({ ...attestation, at: formatTime(attestation.at) })),
    retries: retries.map((retry) => ({ ...retry, at: formatTime(retry.at) })),
    ...optional(
      'acceptDataLoss',
      acceptDataLoss === undefined
        ? undefined
        : { max: formatDuration(acceptDataLoss.maxMs), by: acceptDataLoss.by, reason: acceptDataLoss.reason },
    ),
  };
}

/**
 * The wire form, with the scalars that columns show and the conditions; parseRun reads the status back exactly. Times
 * are whole ms, spans are rounded up to them. Texts and lists beyond the CRD's bounds are cut; what a later step reads
 * back is never cut in half.
 * @throws RangeError for more steps, or a larger snapshot, than the CRD allows: parsePlan refuses such a plan.
 */
export function renderRunStatus(status: RunStatus, spec: RunSpec): WireRunStatus {
  const { snapshot, clusterUids, steps, milestones, samples, abort, words, refusals, finishedAt, ...others } = status;
  const { message, recovery, ...plain } = others;
  if (steps.length > bounds.steps) throw new RangeError(`${String(steps.length)} steps cannot be recorded`);
  return {
    ...plain,
    targetRegion: spec.targetRegion,
    message: clip(message, bounds.text),
    ...optional('snapshot', snapshot === undefined ? undefined : renderSnapshot(canonicalJson(snapshot))),
    ...optional('clusterUIDs', clusterUids),
    steps: steps.map(renderStep),
    milestones: Object.assign(
      {},
      ...milestoneNames.map((name) => optional(name, timeOr(milestones[name]))),
    ) as WireMilestones,
    recovery: recovery.map(renderRecovery),
    ...optional('recoverySkew', renderSkew(recoverySkew(status))),
    samples: samples.slice(-bounds.samples).map((sample) => ({ ...sample, at: formatTime(sample.at) })),
    ...optional('abort', abort === undefined ? undefined : renderAbort(abort)),
    words: words.slice(-bounds.words).map(renderWord),
    refusals: refusals.slice(-bounds.refusals).map(renderRefusal),
    ...optional('finishedAt', timeOr(finishedAt)),
    ...runColumns(status),
    conditions: runConditions(status),
  };
}

function renderSnapshot(text: string): string {
  if (text.length > bounds.snapshot) {
    throw new RangeError(`a plan of ${String(text.length)} characters cannot be pinned`);
  }
  return text;
}

function renderAbort({ at, reason, message }: NonNullable<RunStatus['abort']>): NonNullable<WireRunStatus['abort']> {
  return { at: formatTime(at), reason: clip(reason, bounds.reason), message: clip(message, bounds.text) };
}

function renderWord({ gate, evidenceHash, seenAt, usedAt, shown }: HeardWord): WireHeardWord {
  return {
    gate,
    evidenceHash,
    seenAt: formatTime(seenAt),
    ...optional('usedAt', timeOr(usedAt)),
    ...optional('shown', shown === undefined ? undefined : clip(shown, bounds.text)),
  };
}

function renderRefusal({ request, reason, message, at }: Refusal): WireRefusal {
  return {
    request: clip(request, bounds.request),
    reason: clip(reason, bounds.reason),
    message: clip(message, bounds.text),
    at: formatTime(at),
  };
}

function renderStep(step: StepStatus): WireStep {
  const { since, readyAt, deadline, deadlineMs, waitsFor, intent, outcome, ...plain } = step;
  return {
    ...plain,
    since: formatTime(since),
    ...optional('timeout', deadlineMs === undefined ? undefined : formatDuration(deadlineMs)),
    ...optional('readyAt', timeOr(readyAt)),
    ...optional('deadline', timeOr(deadline)),
    ...optional('waitsFor', waitsFor === undefined ? undefined : renderHold(waitsFor)),
    ...optional('intent', intent === undefined ? undefined : renderIntent(intent)),
    ...optional('outcome', outcome === undefined ? undefined : renderOutcome(outcome)),
  };
}

function renderHold({ reason, message, evidence, next, evidenceHash }: Hold): WireHold {
  return {
    reason: clip(reason, bounds.reason),
    message: clip(message, bounds.text),
    evidence: renderEvidences(evidence),
    ...optional('next', next === undefined ? undefined : renderNext(next)),
    ...optional('evidenceHash', evidenceHash),
  };
}

/** Half a command is worse than none. */
function renderNext(next: string): string {
  return next.length <= bounds.next ? next : 'the command is too long to show; see the documentation of this reason';
}

function renderIntent({ at, notAfter, firstAt, holder, ...plain }: Intent): WireIntent {
  const times = { at: formatTime(at), notAfter: formatTime(notAfter), firstAt: formatTime(firstAt) };
  return { ...plain, holder: clip(holder, bounds.holder), ...times };
}

function renderOutcome({ state, at, evidence }: StepOutcome): WireOutcome {
  return { state, at: formatTime(at), evidence: renderEvidences(evidence) };
}

function renderEvidences(evidence: readonly Evidence[]): readonly WireEvidence[] {
  return evidence.slice(0, bounds.evidence).map(({ what, at, value }) => {
    const seen = { what: clip(what, bounds.text), at: formatTime(at) };
    if (value === undefined) return seen;
    const text = canonicalJson(value);
    if (text.length <= bounds.evidenceValue) return { ...seen, value: text };
    return {
      ...seen,
      what: clip(`${what} (${String(text.length)} characters of detail were too long to keep)`, bounds.text),
    };
  });
}

function renderRecovery({
  lossMs,
  point,
  firstLostAt,
  lastLostAt,
  preservedAt,
  basis,
  ...plain
}: DatabaseRecovery): WireRecovery {
  return {
    ...plain,
    ...optional('loss', measured(lossMs)),
    ...optional('point', point === undefined ? undefined : renderPoint(point)),
    ...optional('firstLostAt', timeOr(firstLostAt)),
    ...optional('lastLostAt', timeOr(lastLostAt)),
    ...optional('preservedAt', preservedAt === undefined ? undefined : clip(preservedAt, bounds.text)),
    ...optional('basis', basis === undefined ? undefined : clip(basis, bounds.reason)),
  };
}

function renderPoint({ earliest, latest }: RecoveryPoint): NonNullable<WireRecovery['point']> {
  return { earliest: formatTime(earliest), latest: formatTime(latest) };
}

function renderSkew(skew: RecoverySkew | undefined): WireSkew | undefined {
  if (skew === undefined) return undefined;
  return skew.known ? { atMost: formatDuration(skew.atMostMs) } : { unknownOf: [...skew.unknownOf] };
}

function timeOr(wall: number | undefined): string | undefined {
  return wall === undefined ? undefined : formatTime(wall);
}
