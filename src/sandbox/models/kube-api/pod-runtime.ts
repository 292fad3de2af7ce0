import type { ModelTime } from '../time.ts';
import type { JsonObject } from './json.ts';

/** A pod to run, with what the kubelet would have resolved for it. */
export interface RunnablePod {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The address the model gave it (not routable); a runtime of real processes reports its own through `started`. */
  readonly ip: string;
  readonly containers: readonly RunnableContainer[];
  /** Part of a Job, so expected to exit. */
  readonly job: boolean;
  readonly spec: JsonObject;
}

export interface RunnableContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** `env` and `envFrom` with their ConfigMaps and Secrets read. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
}

/** What a runtime reports. Reports after `stop`'s `done`, or after `exited`, are ignored. */
export interface PodEvents {
  /** The containers run. `ip` replaces the model's address. */
  started(ip?: string): void;
  ready(ready: boolean): void;
  /** The pod's main process ended. With `restartPolicy: Always` the model runs it again, backing off. */
  exited(code: number, message?: string): void;
  /** One line for `kubectl logs`. */
  log(line: string): void;
}

export interface RunningPod {
  /** Ends it; `done` is called once when nothing of it runs any more, also if it had already ended. */
  stop(done: () => void): void;
}

/**
 * Runs pods: the sandbox's starts processes for the images it knows, the simulation's keeps books. `run` must not
 * report synchronously.
 */
export interface PodRuntime {
  run(pod: RunnablePod, events: PodEvents): RunningPod;
}

export interface DelayRuntimeOptions {
  readonly time: ModelTime;
  /** From the start of a pod to its readiness, ms. */
  readonly readyDelayMs?: number;
  readonly stopDelayMs?: number;
  /** How long a Job's pod runs, ms, and how it ends. */
  readonly jobMs?: number;
  readonly exit?: (pod: RunnablePod) => PodExit;
}

/** `message`: its termination message. */
export interface PodExit {
  readonly code: number;
  readonly message?: string;
}

/** Every image works: a pod is ready after a delay, a Job's pod exits after one. */
export function createDelayRuntime(options: DelayRuntimeOptions): PodRuntime {
  const { time, readyDelayMs = 800, stopDelayMs = 100, jobMs = 800, exit = (): PodExit => ({ code: 0 }) } = options;
  return {
    run: (pod, events) => {
      const cancel = time.after(pod.job ? jobMs : readyDelayMs, () => {
        if (pod.job) {
          const { code, message } = exit(pod);
          events.exited(code, message);
          return;
        }
        events.started();
        events.ready(true);
      });
      return {
        stop: (done) => {
          cancel();
          time.after(stopDelayMs, done);
        },
      };
    },
  };
}
