import type { Performer } from '../act/perform.ts';
import type { Config } from '../config.ts';
import type { KubeClient } from '../kube/client.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Lease } from '../kube/lease.ts';
import type { WorkQueue } from '../kube/queue.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { GatherOptions } from '../observe/gather.ts';
import type { Samples } from '../observe/samples.ts';
import type { Ports } from '../ports/index.ts';
import type { Reports } from '../record/run-report.ts';
import type { Metrics } from '../record/metrics/metrics.ts';
import type { OwnWrites } from '../record/own-writes.ts';
import type { Clusters } from './clusters.ts';
import type { Identities } from './identities.ts';
import type { RunSlots } from './run-slots.ts';
import type { Notices } from './notify/notices.ts';
import type { ParsedObjects } from './parsed.ts';
import type { RunbookKeeper } from './runbook-keeper.ts';
import type { SampleKeeper } from './sample-keeper.ts';
import type { Secrets } from './secrets.ts';

/** What the three controllers share: one management cluster, one lease, one process. Built by startOperator. */
export interface Runtime {
  readonly ports: Ports;
  readonly config: Config;
  /** Names this life of this process: an intent's holder. */
  readonly holder: string;
  readonly client: KubeClient;
  readonly lease: Lease;
  readonly events: EventRecorder;
  readonly plans: Reflector;
  readonly runs: Reflector;
  readonly regions: Reflector;
  /** The one ConfigMap that holds every automatic run before its fence. */
  readonly halts: Reflector;
  readonly planQueue: WorkQueue;
  readonly runQueue: WorkQueue;
  readonly regionQueue: WorkQueue;
  /** Regions whose clusters are to be given runbooks. */
  readonly runbookQueue: WorkQueue;
  readonly clusters: Clusters;
  readonly secrets: Secrets;
  readonly looking: GatherOptions;
  /** The same for plans at rest: what is watched is not asked for. */
  readonly resting: GatherOptions;
  readonly performer: Performer;
  readonly samples: Samples;
  readonly sampleKeeper: SampleKeeper;
  readonly ownWrites: OwnWrites;
  readonly reports: Reports;
  readonly slots: RunSlots;
  readonly identities: Identities;
  /** Runs made by people that their plan will not bind, by UID, and why. Decided anew after a restart. */
  readonly rejected: Map<string, string>;
  readonly metrics: Metrics;
  readonly notices: Notices;
  readonly runbooks: RunbookKeeper;
  readonly parsed: ParsedObjects;
  /** Aborted when the operator stops. */
  readonly signal: AbortSignal;
}
