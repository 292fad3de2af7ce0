import type { Fact } from '../../api/fact.ts';
import type { Workload } from '../../api/plan.ts';
import type { ApplyResult, EffectToken } from '../outcome.ts';

/** A workload in the plan's namespace of one region's cluster. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly generation: number;
  readonly workload: Workload;
  readonly region: string;
}

export type WorkloadState =
  | { readonly exists: false }
  | {
      readonly exists: true;
      /** spec.replicas; of a CronJob 1, or 0 where it is suspended. */
      readonly wanted: number;
      /** Of the current generation only: a status that lags its spec counts as zero. */
      readonly ready: number;
      /** All pods, terminating ones too; of a CronJob its Jobs that have not ended. Zero means quiesced. */
      readonly pods: number;
      readonly settled: boolean;
      /** Why pods do not become ready, quoted, where that is more than "not yet". */
      readonly obstacles: readonly WorkloadObstacle[];
    };

export interface WorkloadObstacle {
  readonly kind: 'ImagePull' | 'Quota' | 'FailedCreate' | 'Unschedulable' | 'Volume' | 'ContainerConfig' | 'CrashLoop';
  /** The cluster's own words. */
  readonly message: string;
}

/** A Job made by the operator in a region's cluster (rebuild). */
export type JobState =
  | { readonly exists: false }
  | {
      readonly exists: true;
      readonly state: 'Running' | 'Succeeded' | 'Failed';
      readonly message: string;
      /** By the cluster's clock, in whole seconds, wall ms; once it has ended and the cluster says when. */
      readonly endedAt?: number;
      /** Where the Job, once it has ended, says that it kept what diverged. */
      readonly preservedAt?: string;
    };

export interface WorkloadObserver {
  observe(ref: WorkloadRef, signal: AbortSignal): Promise<Fact<WorkloadState>>;
}

/**
 * As the plan's own ServiceAccount in the target: through the scale subresource, or by suspending a CronJob (0) and
 * letting its schedule run (1). Scaling to what is there is Accepted, and writes nothing.
 */
export interface WorkloadActuator {
  scale(ref: WorkloadRef, replicas: number, token: EffectToken, signal: AbortSignal): Promise<ApplyResult>;
}

/** A HorizontalPodAutoscaler, as far as it may change what is scaled here. */
export interface Autoscaler {
  readonly name: string;
  readonly target: { readonly kind: string; readonly name: string };
  /** It never goes below, save for a workload that somebody scaled to zero, which it leaves alone. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

export interface AutoscalerObserver {
  /** All of the namespace in one region's cluster. */
  observe(
    at: { readonly namespace: string; readonly region: string },
    signal: AbortSignal,
  ): Promise<Fact<readonly Autoscaler[]>>;
}

export interface JobRef {
  readonly namespace: string;
  readonly region: string;
  readonly name: string;
}

/** `after`: Jobs that must not run any more; two at one time would write into one data directory. */
export interface JobOrder extends JobRef {
  readonly after?: readonly string[];
}

export interface JobObserver {
  observe(ref: JobRef, signal: AbortSignal): Promise<Fact<JobState>>;
}

/** Creates the Job once under its name; AlreadyExists with the same token is Accepted, with another Refused. */
export interface JobActuator {
  create(
    ref: JobOrder,
    jobSpec: Readonly<Record<string, unknown>>,
    env: Readonly<Record<string, string>>,
    token: EffectToken,
    signal: AbortSignal,
  ): Promise<ApplyResult>;
}
