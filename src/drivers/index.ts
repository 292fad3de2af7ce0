import type { Actuators } from '../act/actuators.ts';
import { limitAws } from '../aws/limited-aws.ts';
import type { DriverSettings } from '../config.ts';
import type { Observers } from '../observe/observers.ts';
import type { Ports } from '../ports/index.ts';
import { createHttpCheckObserver } from './checks/http/observe.ts';
import { createPostgresqlActuator } from './databases/postgresql/act.ts';
import { createPostgresqlObserver } from './databases/postgresql/observe.ts';
import { createRoute53Actuator } from './traffic/route53/act.ts';
import { createChanges } from './traffic/route53/changes.ts';
import { createRoute53Observer } from './traffic/route53/observe.ts';
import type { Clusters } from './workloads/clusters.ts';
import { createAutoscalerObserver } from './workloads/autoscaler/observe.ts';
import { createCronJobActuator } from './workloads/cronjob/act.ts';
import { createCronJobObserver } from './workloads/cronjob/observe.ts';
import { cronJobOf } from './workloads/cronjob/target.ts';
import type { WorkloadRef } from './workloads/driver.ts';
import type { ObjectRef } from '../kube/object.ts';
import { createJobActuator } from './workloads/job/act.ts';
import { createJobObserver } from './workloads/job/observe.ts';
import { createScaledActuator } from './workloads/scaled/act.ts';
import { createScaledObserver } from './workloads/scaled/observe.ts';
import { targetOf } from './workloads/scaled/target.ts';

/**
 * How long a look at a record waits for its turns within the account's request budget, ms: as long as all the runs that
 * may move at one time need together. Who gave up sooner would have to begin anew, behind the others.
 */
const turnMs = 60_000;

/** How long an old primary may read what it wrote since the switchpoint, ms: that may be hours of WAL, and nobody waits for it. */
const divergenceMs = 5 * 60_000;

export interface DriverOptions {
  readonly ports: Ports;
  readonly clusters: Clusters;
  readonly secrets: (namespace: string, name: string) => Promise<Readonly<Record<string, string>>>;
  /** Told of a Secret whose credentials brought nothing. */
  readonly distrust: (namespace: string, name: string) => void;
  readonly lookMs: number;
  readonly settings: DriverSettings;
}

export interface Drivers {
  readonly observers: Omit<Observers, 'regions'>;
  readonly actuators: Actuators;
}

/** Every driver there is, by family and kind: adding one is a folder and a line here. */
export function createDrivers({ ports, clusters, secrets, distrust, lookMs, settings }: DriverOptions): Drivers {
  const { clock, dns, http, sql } = ports;
  const aws = limitAws(ports.aws, clock, { callMs: lookMs });
  const postgresql = { sql, clock, secrets, distrust, callMs: lookMs, divergenceMs };
  const changes = createChanges();
  const route53 = {
    aws,
    dns,
    clock,
    callMs: lookMs,
    turnMs,
    changes,
    ...(settings.dnsServers === undefined ? {} : { servers: settings.dnsServers }),
  };
  const kube = { clusters, clock, callMs: lookMs };
  return {
    observers: {
      databases: { postgresql: createPostgresqlObserver(postgresql) },
      traffic: { route53: createRoute53Observer(route53) },
      workloads: {
        Deployment: createScaledObserver(kube),
        StatefulSet: createScaledObserver(kube),
        CronJob: createCronJobObserver(kube),
      },
      autoscalers: createAutoscalerObserver(kube),
      jobs: createJobObserver(kube),
      checks: createHttpCheckObserver({ http, dns, clock, allow: () => settings.allowLocalChecks }),
    },
    actuators: {
      databases: { postgresql: createPostgresqlActuator(postgresql) },
      traffic: { route53: createRoute53Actuator(route53) },
      workloads: {
        Deployment: createScaledActuator(kube),
        StatefulSet: createScaledActuator(kube),
        CronJob: createCronJobActuator(kube),
      },
      jobs: createJobActuator(kube),
    },
  };
}

/** What of a cluster's API a workload is: when that object changes, the workload is worth another look. */
export function workloadObject(ref: WorkloadRef): ObjectRef {
  return ref.workload.target.kind === 'CronJob' ? cronJobOf(ref) : targetOf(ref);
}
