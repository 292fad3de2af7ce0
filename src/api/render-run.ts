import { canonicalJson } from './canonical-json.ts';
import { formatDuration } from './duration.ts';
import type { Evidence, Hold, Intent, Milestones, RunSpec, RunStatus, StepOutcome, StepStatus } from './run.ts';
import { formatTime } from './time.ts';

type Wire = Readonly<Record<string, unknown>>;

/** The CRD's bound for one message. */
const maxText = 1024;

export function renderRunSpec(spec: RunSpec): Wire {
  const { acceptDataLoss, attestations, ...plain } = spec;
  return {
    ...plain,
    attestations: attestations.map((attestation) => ({ ...attestation, at: formatTime(attestation.at) })),
    ...(acceptDataLoss === undefined
      ? {}
      : {
          acceptDataLoss: {
            max: formatDuration(acceptDataLoss.maxMs),
            by: acceptDataLoss.by,
            reason: acceptDataLoss.reason,
          },
        }),
  };
}

/** The wire form, with the scalars that columns show; parseRun reads it back. */
export function renderRunStatus(status: RunStatus, spec: RunSpec): Wire {
  const { snapshot, clusterUids, steps, milestones, samples, abort, finishedAt, message, recovery, ...plain } = status;
  return {
    ...plain,
    targetRegion: spec.targetRegion,
    ...(snapshot === undefined ? {} : { snapshot: canonicalJson(snapshot) }),
    ...(clusterUids === undefined ? {} : { clusterUIDs: clusterUids }),
    steps: steps.map(renderStep),
    milestones: renderMilestones(milestones),
    recovery: recovery.map((r) => ({
      ...r,
      ...(r.firstLostAt === undefined ? {} : { firstLostAt: formatTime(r.firstLostAt) }),
      ...(r.lastLostAt === undefined ? {} : { lastLostAt: formatTime(r.lastLostAt) }),
    })),
    samples: samples.map((sample) => ({ ...sample, at: formatTime(sample.at) })),
    ...(abort === undefined ? {} : { abort: { ...abort, at: formatTime(abort.at) } }),
    ...(finishedAt === undefined ? {} : { finishedAt: formatTime(finishedAt) }),
    message: message.slice(0, maxText),
    ...columns(status),
    conditions: conditions(status),
  };
}

/** What `kubectl get drrun` shows of it: the first step that is stopped, else the first that runs. */
function columns(status: RunStatus): Wire {
  const open = status.steps.filter((step) => step.outcome === undefined);
  const shown = ['Blocked', 'Waiting', 'Running', 'Undoing']
    .map((state) => open.find((step) => step.state === state))
    .find((step) => step !== undefined);
  const declared = status.milestones.declared;
  const rtoMs = status.snapshot?.objectives.rtoMs;
  return {
    step: shown?.id ?? '',
    waitsFor: shown?.waitsFor?.reason ?? '',
    ...(shown === undefined ? {} : { since: formatTime(shown.since) }),
    ...(declared === undefined || rtoMs === undefined || status.milestones.sustained !== undefined
      ? {}
      : { rtoDeadline: formatTime(declared + rtoMs) }),
  };
}

function conditions(status: RunStatus): readonly Wire[] {
  const finished = status.finishedAt;
  const succeeded = status.phase === 'Succeeded';
  const at = formatTime(finished ?? status.milestones.declared ?? 0);
  const common = { lastTransitionTime: at, observedGeneration: status.observedGeneration };
  const message = status.message.slice(0, maxText);
  return [
    { type: 'Finished', status: finished === undefined ? 'False' : 'True', reason: status.phase, message, ...common },
    {
      type: 'Succeeded',
      status: finished === undefined ? 'Unknown' : succeeded ? 'True' : 'False',
      reason: status.phase,
      message,
      ...common,
    },
  ];
}

function renderStep(step: StepStatus): Wire {
  const { since, readyAt, deadline, deadlineMs, waitsFor, intent, outcome, ...plain } = step;
  return {
    ...plain,
    since: formatTime(since),
    ...(deadlineMs === undefined ? {} : { deadlineMilliseconds: deadlineMs }),
    ...(readyAt === undefined ? {} : { readyAt: formatTime(readyAt) }),
    ...(deadline === undefined ? {} : { deadline: formatTime(deadline) }),
    ...(waitsFor === undefined ? {} : { waitsFor: renderHold(waitsFor) }),
    ...(intent === undefined ? {} : { intent: renderIntent(intent) }),
    ...(outcome === undefined ? {} : { outcome: renderOutcome(outcome) }),
  };
}

function renderHold({ message, evidence, ...plain }: Hold): Wire {
  return { ...plain, message: message.slice(0, maxText), evidence: evidence.map(renderEvidence) };
}

function renderIntent({ at, notAfter, firstAt, ...plain }: Intent): Wire {
  return { ...plain, at: formatTime(at), notAfter: formatTime(notAfter), firstAt: formatTime(firstAt) };
}

function renderOutcome({ state, at, evidence }: StepOutcome): Wire {
  return { state, at: formatTime(at), evidence: evidence.map(renderEvidence) };
}

function renderEvidence({ what, at, value }: Evidence): Wire {
  return {
    what: what.slice(0, maxText),
    at: formatTime(at),
    ...(value === undefined ? {} : { value: canonicalJson(value) }),
  };
}

function renderMilestones(milestones: Milestones): Wire {
  return Object.fromEntries(
    Object.entries(milestones).flatMap(([name, at]) => (typeof at === 'number' ? [[name, formatTime(at)]] : [])),
  );
}
