import { isScheduled, type Workload } from '../../api/plan.ts';
import type { Evidence, StepStatus } from '../../api/run.ts';
import type { WorkloadState } from '../../drivers/workloads/driver.ts';
import { hold, seenAt, unknownEvidence, workloadAt, workloadOf, type Context } from '../context.ts';
import { done, wait, type Judgement } from '../judgement.ts';

/** A scale that was taken but is not seen is asked for again after this long. */
const againMs = 10_000;

export type Existing = Extract<WorkloadState, { exists: true }>;

export interface Scaling {
  readonly replicas: number;
  /** Why it has what the step wants; `at` is when the look began, wall ms. Undefined: not yet. */
  readonly reached: (state: Existing, at: number) => string | undefined;
  /** Where it is not there at all: nothing to do. Otherwise that is what the step waits for. */
  readonly mayBeAbsent?: boolean;
  /** Somebody else may change it by now: that is waited for, and not changed back. */
  readonly leftToOthers?: (state: Existing) => boolean;
}

/** One workload on its way to a size. What it had before goes with the intent, for what takes it back. */
export function scaleTo(step: StepStatus, ctx: Context, scaling: Scaling): Judgement {
  const { replicas, reached } = scaling;
  const name = step.subject ?? '';
  const region = step.region ?? '';
  const { fact } = workloadAt(ctx, name, region);
  if (!fact.known) {
    const reason = fact.why === 'NotAsked' ? 'Observing' : 'WorkloadUnknown';
    return wait(
      hold(reason, `Workload ${name} in ${region} cannot be seen yet.`, [unknownEvidence(`${name}@${region}`, fact)]),
    );
  }
  if (!fact.value.exists) {
    const seen = seenAt(fact, `${name} does not exist in ${region}`);
    return scaling.mayBeAbsent === true
      ? done('Vacuous', seen)
      : wait(hold('TargetNotReady', `Workload ${name} does not exist in ${region}.`, [seen]));
  }
  const state = fact.value;
  const workload = workloadOf(ctx, name);
  const seen = seenAt(fact, `${name}@${region}: ${stateWords(workload, state)}`);
  const answer = reached(state, fact.at.wall);
  if (answer !== undefined) return done('Succeeded', { ...seen, what: `${seen.what}; ${answer}` });
  const [reason, message] = onItsWay(workload, state, region, replicas);
  const notYet = hold(reason, message, [seen, ...obstacleEvidence(fact.at.wall, state)]);
  if (state.wanted === replicas || scaling.leftToOthers?.(state) === true) return wait(notYet);
  const effect = { kind: 'Scale', workload: name, region, replicas } as const;
  return { kind: 'Act', effect, again: againMs, hold: notYet, found: state.wanted };
}

function stateWords(workload: Workload, { wanted, ready, pods }: Existing): string {
  if (!isScheduled(workload)) return `${String(ready)} of ${String(wanted)} ready, ${String(pods)} pods`;
  return wanted === 0 ? `suspended, ${jobs(pods)} running` : 'its schedule runs';
}

function jobs(count: number): string {
  return count === 1 ? '1 Job' : `${String(count)} Jobs`;
}

function onItsWay(workload: Workload, state: Existing, region: string, replicas: number): [string, string] {
  const { name } = workload;
  const [first] = state.obstacles;
  if (first !== undefined) {
    return ['TargetNotReady', `Workload ${name} in ${region} does not become ready (${first.kind}): ${first.message}`];
  }
  if (!isScheduled(workload)) {
    return ['Scaling', `Workload ${name} in ${region} is on its way to ${String(replicas)} replicas.`];
  }
  if (state.wanted !== replicas) {
    const becomes = replicas === 0 ? 'is being suspended' : 'is being let run';
    return ['Scaling', `CronJob ${name} in ${region} ${becomes}.`];
  }
  return ['Scaling', `CronJob ${name} in ${region} is suspended; waiting for the end of ${jobs(state.pods)} of it.`];
}

function obstacleEvidence(at: number, state: Existing): Evidence[] {
  return state.obstacles.map((obstacle) => ({ what: `${obstacle.kind}: ${obstacle.message}`, at }));
}
