import { canonicalJson } from './canonical-json.ts';
import { renderDuration } from './duration.ts';
import type { Evidence, Hold, Intent, Milestones, RunSpec, RunStatus, StepOutcome, StepStatus } from './run.ts';
import { renderTime } from './time.ts';

type Wire = Readonly<Record<string, unknown>>;

/** The CRD's bound for one message. */
const maxText = 1024;

export function renderRunSpec(spec: RunSpec): Wire {
  const { acceptDataLoss, attestations, ...plain } = spec;
  return {
    ...plain,
    attestations: attestations.map((attestation) => ({ ...attestation, at: renderTime(attestation.at) })),
    ...(acceptDataLoss === undefined
      ? {}
      : {
          acceptDataLoss: {
            max: renderDuration(acceptDataLoss.maxMs),
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
      ...(r.firstLostAt === undefined ? {} : { firstLostAt: renderTime(r.firstLostAt) }),
      ...(r.lastLostAt === undefined ? {} : { lastLostAt: renderTime(r.lastLostAt) }),
    })),
    samples: samples.map((sample) => ({ ...sample, at: renderTime(sample.at) })),
    ...(abort === undefined ? {} : { abort: { ...abort, at: renderTime(abort.at) } }),
    ...(finishedAt === undefined ? {} : { finishedAt: renderTime(finishedAt) }),
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
    ...(shown === undefined ? {} : { since: renderTime(shown.since) }),
    ...(declared === undefined || rtoMs === undefined || status.milestones.sustained !== undefined
      ? {}
      : { rtoDeadline: renderTime(declared + rtoMs) }),
  };
}

function conditions(status: RunStatus): readonly Wire[] {
  const finished = status.finishedAt;
  const succeeded = status.phase === 'Succeeded';
  const at = renderTime(finished ?? status.milestones.declared ?? 0);
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
    since: renderTime(since),
    ...(deadlineMs === undefined ? {} : { deadlineMilliseconds: deadlineMs }),
    ...(readyAt === undefined ? {} : { readyAt: renderTime(readyAt) }),
    ...(deadline === undefined ? {} : { deadline: renderTime(deadline) }),
    ...(waitsFor === undefined ? {} : { waitsFor: renderHold(waitsFor) }),
    ...(intent === undefined ? {} : { intent: renderIntent(intent) }),
    ...(outcome === undefined ? {} : { outcome: renderOutcome(outcome) }),
  };
}

function renderHold({ message, evidence, ...plain }: Hold): Wire {
  return { ...plain, message: message.slice(0, maxText), evidence: evidence.map(renderEvidence) };
}

function renderIntent({ at, notAfter, firstAt, ...plain }: Intent): Wire {
  return { ...plain, at: renderTime(at), notAfter: renderTime(notAfter), firstAt: renderTime(firstAt) };
}

function renderOutcome({ state, at, evidence }: StepOutcome): Wire {
  return { state, at: renderTime(at), evidence: evidence.map(renderEvidence) };
}

function renderEvidence({ what, at, value }: Evidence): Wire {
  return {
    what: what.slice(0, maxText),
    at: renderTime(at),
    ...(value === undefined ? {} : { value: canonicalJson(value) }),
  };
}

function renderMilestones(milestones: Milestones): Wire {
  return Object.fromEntries(
    Object.entries(milestones).flatMap(([name, at]) => (typeof at === 'number' ? [[name, renderTime(at)]] : [])),
  );
}
