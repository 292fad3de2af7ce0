import type { Fact } from '../api/fact.ts';
import type { Database, TrafficRecord, WorkloadTarget } from '../api/plan.ts';
import type { RegionHealth } from '../api/region.ts';
import type { CheckObserver } from '../drivers/checks/driver.ts';
import type { DatabaseObserver } from '../drivers/databases/driver.ts';
import type { TrafficObserver } from '../drivers/traffic/driver.ts';
import type { AutoscalerObserver, JobObserver, WorkloadObserver } from '../drivers/workloads/driver.ts';

/** The observing half of every driver, by the kind that a plan names. None of them mutates anything. */
export interface Observers {
  readonly databases: Readonly<Record<Database['kind'], DatabaseObserver>>;
  readonly traffic: Readonly<Record<TrafficRecord['kind'], TrafficObserver>>;
  readonly workloads: Readonly<Record<WorkloadTarget['kind'], WorkloadObserver>>;
  readonly autoscalers: AutoscalerObserver;
  readonly jobs: JobObserver;
  readonly checks: CheckObserver;
  readonly regions: RegionObserver;
}

export interface RegionObserver {
  observe(region: string, signal: AbortSignal): Promise<Fact<RegionHealth>>;
}
