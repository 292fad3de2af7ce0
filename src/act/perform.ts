import type { Run, StepStatus } from '../api/run.ts';
import type { PlannedEffect } from '../decide/decision.ts';
import type { EffectOutcome } from '../decide/facts.ts';
import type { ApplyResult, EffectToken } from '../drivers/outcome.ts';
import { instant, type Clock } from '../ports/clock.ts';
import { withDeadline } from '../ports/deadline.ts';
import { withFields, type Log } from '../ports/log.ts';
import type { Actuators } from './actuators.ts';

export interface PerformOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly actuators: Actuators;
  /** ms for which effects may still be sent; 0 without the lease. */
  readonly leaseRemainingMs: () => number;
  /** The AWS region of a Region's rights. */
  readonly awsRegionOf: (region: string) => string;
}

/** The effects of this life of the process, by token. */
export interface Performer {
  /** Sends each effect whose intent was recorded, once; returns at once. `onEnd` is called for each that ended. */
  perform(run: Run, effects: readonly PlannedEffect[], onEnd: () => void): void;
  outcomes(run: Run): Readonly<Record<string, EffectOutcome>>;
  forget(runUid: string): void;
  /** Resolves when everything sent has ended, which each effect does by its own deadline. Ask once nothing more is sent. */
  idle(): Promise<void>;
}

export function createPerformer(options: PerformOptions): Performer {
  const byRun = new Map<string, Map<string, EffectOutcome>>();
  const underWay = new Set<Promise<void>>();
  const outcomesOf = (uid: string): Map<string, EffectOutcome> => {
    const found = byRun.get(uid) ?? new Map<string, EffectOutcome>();
    byRun.set(uid, found);
    return found;
  };
  return {
    perform(run, effects, onEnd) {
      const outcomes = outcomesOf(run.uid);
      for (const planned of effects) {
        if (outcomes.has(planned.intent.token)) continue;
        outcomes.set(planned.intent.token, { state: 'InFlight' });
        const sent = send(options, run, planned).then((result) => {
          underWay.delete(sent);
          outcomes.set(planned.intent.token, { state: 'Ended', result, endedAt: instant(options.clock) });
          onEnd();
        });
        underWay.add(sent);
      }
    },
    outcomes: (run) => Object.fromEntries(byRun.get(run.uid) ?? []),
    forget: (uid) => {
      byRun.delete(uid);
    },
    idle: async () => {
      await Promise.all(underWay);
    },
  };
}

/** Never rejects: what cannot be told is OutcomeUnknown, and the next observation decides. */
async function send(options: PerformOptions, run: Run, planned: PlannedEffect): Promise<ApplyResult> {
  const { clock } = options;
  const { intent, stepId } = planned;
  const log = withFields(options.log, {
    plan: `${run.namespace}/${run.spec.planRef.name}`,
    run: run.name,
    epoch: run.spec.epoch,
    step: stepId,
    // Not `token`: a field of that name passes for a secret, and is redacted.
    intent: intent.token,
  });
  const refused = notListed(run, planned);
  if (refused !== undefined) {
    log.log('error', 'effect refused: the pinned run does not list it', { reason: refused });
    return { kind: 'Refused', code: 'NotListed', message: refused };
  }
  // Both clocks: the wall decides for a successor, the lease for us, and a suspended machine stops one of them.
  const room = Math.min(intent.notAfter - clock.wall(), options.leaseRemainingMs());
  if (room <= 0) {
    log.log('warn', 'effect not sent: its time or the lease is over', {});
    return { kind: 'Refused', code: 'TooLate', message: 'the lease or the intent had ended before it could be sent' };
  }
  log.log('info', 'effect', { effect: planned.effect.kind, action: intent.action, roomMs: room });
  try {
    const result = await withDeadline(clock, room, undefined, (signal) => apply(options, run, planned, signal));
    log.log(result.kind === 'Accepted' ? 'info' : 'warn', 'effect answered', {
      result: result.kind,
      ...('code' in result ? { code: result.code, text: result.message } : { detail: result.detail }),
    });
    return result;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    log.log('warn', 'effect without an answer', { detail });
    return { kind: 'OutcomeUnknown', detail };
  }
}

/** The last line of defence: an effect that the pinned graph does not list, or lists as none, is not sent. */
function notListed(run: Run, { stepId, effect }: PlannedEffect): string | undefined {
  const step: StepStatus | undefined = run.status.steps.find((s) => s.id === stepId);
  if (run.status.snapshot?.enforcement === 'Observe') return 'the plan is in Observe: nothing is changed';
  if (step === undefined) return `the graph has no step ${stepId}`;
  if (step.effect === 'None' || step.pretend !== undefined) return `step ${stepId} has no effect`;
  const subject =
    effect.kind === 'Database' || effect.kind === 'Job'
      ? effect.database
      : effect.kind === 'Scale'
        ? effect.workload
        : effect.record;
  return subject === step.subject
    ? undefined
    : `step ${stepId} is about ${step.subject ?? 'nothing'}, not about ${subject}`;
}

async function apply(
  options: PerformOptions,
  run: Run,
  { intent, effect }: PlannedEffect,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const { actuators } = options;
  const spec = run.status.snapshot;
  if (spec === undefined) return { kind: 'Refused', code: 'NoSnapshot', message: 'the run has no pinned plan' };
  const token: EffectToken = { identity: spec.identity, epoch: run.spec.epoch, runUid: run.uid, token: intent.token };
  const base = { namespace: run.namespace, identity: spec.identity, generation: run.generation };
  switch (effect.kind) {
    case 'Database': {
      const database = spec.databases.find((d) => d.name === effect.database);
      if (database === undefined) break;
      return await actuators.databases[database.kind].apply(
        { ...base, database, region: effect.region },
        effect.action,
        token,
        signal,
      );
    }
    case 'Scale': {
      const workload = spec.workloads.find((w) => w.name === effect.workload);
      if (workload === undefined) break;
      return await actuators.workloads[workload.target.kind].scale(
        { ...base, workload, region: effect.region },
        effect.replicas,
        token,
        signal,
      );
    }
    case 'Traffic': {
      const record = spec.traffic.find((t) => t.name === effect.record);
      if (record === undefined) break;
      const ref = { ...base, record, regions: spec.regions, awsRegion: options.awsRegionOf(run.spec.targetRegion) };
      return await actuators.traffic[record.kind].apply(ref, effect.action, token, signal);
    }
    case 'Job': {
      const database = spec.databases.find((d) => d.name === effect.database);
      if (database?.rebuild === undefined) break;
      const after = effect.after === undefined ? {} : { after: effect.after };
      const ref = { namespace: run.namespace, region: effect.region, name: effect.job, ...after };
      return await actuators.jobs.create(ref, database.rebuild.jobTemplate, effect.env, token, signal);
    }
  }
  return { kind: 'Refused', code: 'NotInPlan', message: 'the pinned plan has no such subject' };
}
