import type { Database, TrafficRecord, WorkloadTarget } from '../api/plan.ts';
import type { DatabaseActuator } from '../drivers/databases/driver.ts';
import type { TrafficActuator } from '../drivers/traffic/driver.ts';
import type { JobActuator, WorkloadActuator } from '../drivers/workloads/driver.ts';

/** The acting half of every driver. Reached from here only. */
export interface Actuators {
  readonly databases: Readonly<Record<Database['kind'], DatabaseActuator>>;
  readonly traffic: Readonly<Record<TrafficRecord['kind'], TrafficActuator>>;
  readonly workloads: Readonly<Record<WorkloadTarget['kind'], WorkloadActuator>>;
  readonly jobs: JobActuator;
}
