import type { KubeClient } from '../../src/kube/client.ts';
import type { Authorize, JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import type { RequestFault } from '../../src/sandbox/wire/kube-api/index.ts';
import type { Against } from './matrix.ts';

/** The namespace of the suites' plan, in a region's cluster. */
export const NAMESPACE = 'payments';

/** How the driver reaches the API server of a region. */
export interface KubeSubject {
  readonly name: string;
  readonly against: Against;
  /** One region's cluster with the namespace `payments` and nothing in it. By default all are allowed everything. */
  open(authorize?: Authorize): Promise<WorkloadWorld>;
}

/** A request of the operator's account, whomever it acted as. */
export interface Asked {
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly impersonated?: string;
}

/** Gives back what was withheld. */
export type Release = () => Promise<void>;

export interface WorkloadWorld {
  readonly client: KubeClient;
  /** What the operator's account has asked since the world was opened, in its order. */
  asked(): Promise<readonly Asked[]>;
  /**
   * Controllers and pods work for so long, and then it holds. Where time is real: it holds as soon as they are done,
   * at the latest when they are very late.
   * @throws AssertionError of `holds`.
   */
  within(ms: number, holds: () => Promise<void>): Promise<void>;
  /** As long as it takes to tell that nothing more comes. */
  pass(ms: number): Promise<void>;
  /** The schedule of this CronJob comes due so many times. */
  due(path: string, times: number): Promise<void>;
  /** The operator's next request of this method meets the fault. */
  fault(method: string, fault: RequestFault): void;
  /** Somebody else's request; fails unless it succeeds. */
  put(method: string, path: string, body: JsonObject): Promise<void>;
  /** As somebody else sees it; undefined where it is not. */
  read(path: string): Promise<JsonObject | undefined>;
  list(path: string): Promise<readonly JsonObject[]>;
  /** Until admission counts by this quota. */
  quotaCounts(path: string): Promise<void>;
  /** How the pods of Jobs end. */
  jobEnds(ending: JobEnding): void;
  /** Where time is real: no controller does anything until it is released. Virtual time stands still by itself. */
  controllersRest(): Promise<Release>;
  /** Where time is real: pods that are deleted stay, terminating, until they are released. */
  podsLinger(): Promise<Release>;
  close(): Promise<void>;
}

export interface JobEnding {
  readonly code: number;
  /** The container's termination message. */
  readonly message?: string;
}
