/** What is told of a plan, by these two: `namespace` would be overwritten by the scrape's own label of that name. */
const plan = ['plan_namespace', 'plan'] as const;
const run = [...plan, 'run'] as const;
const step = [...run, 'step'] as const;

/**
 * Every gauge that is computed at the scrape, from the objects as they are then. A series is absent where its value is
 * not known, and gone with its plan. Labels are words of the API, or names that a plan or a Region gives: bounded.
 */
export const families = Object.freeze({
  maestro_dr_plan_info: {
    help: 'The policy of the plan; always 1.',
    labels: [...plan, 'identity', 'enforcement', 'mode', 'approval', 'fencing'],
  },
  maestro_dr_plan_database_info: { help: 'A database of the plan; always 1.', labels: [...plan, 'database', 'kind'] },
  maestro_dr_plan_rto_objective_seconds: { help: 'The plan’s RTO.', labels: plan },
  maestro_dr_plan_rpo_objective_seconds: { help: 'The plan’s RPO.', labels: plan },
  maestro_dr_plan_wanted_region: { help: 'spec.activeRegion; always 1.', labels: [...plan, 'region'] },
  maestro_dr_plan_active_region: {
    help: 'Where the platform was seen to be active; always 1, absent until it was seen.',
    labels: [...plan, 'region'],
  },
  maestro_dr_plan_epoch: { help: 'The highest epoch that the plan ever gave to a Run.', labels: plan },
  maestro_dr_plan_condition: {
    help: 'A condition of the plan as it stands; always 1. A condition that is not there has no series.',
    labels: [...plan, 'type', 'status', 'reason'],
  },
  maestro_dr_plan_protected: {
    help: 'Whether every standby streams and the operator has the rights that a failover needs; absent when unknown.',
    labels: plan,
  },
  maestro_dr_plan_fence_incomplete: {
    help: 'Whether a writer was overtaken that is still not proven fenced; absent until the plan was looked at.',
    labels: plan,
  },
  maestro_dr_plan_replication_lag_seconds: {
    help: 'How far the standby of a database lies behind, on the operator’s clock; absent when unknown.',
    labels: [...plan, 'database'],
  },
  maestro_dr_run_info: {
    help: 'The Run under way, and the last one that ended; always 1.',
    labels: [...run, 'type', 'mode', 'source_region', 'target_region'],
  },
  maestro_dr_run_phase: { help: 'The phase of a Run; always 1.', labels: [...run, 'phase'] },
  maestro_dr_run_duration_seconds: {
    help: 'From the declaration of a Run to its end, or to now while it is under way.',
    labels: run,
  },
  maestro_dr_run_rto_seconds: {
    help: 'RTO actual, from where the plan’s clock starts to the sustained recovery; absent until that was seen.',
    labels: run,
  },
  maestro_dr_run_rto_remaining_seconds: {
    help: 'What is left of the RTO of a Run that has not recovered yet; negative when it is over.',
    labels: run,
  },
  maestro_dr_run_rpo_seconds: {
    help: 'RPO actual of a database, as it is graded (Estimated: at least this, and open); absent when unknown.',
    labels: [...run, 'database', 'grade'],
  },
  maestro_dr_run_rpo_grade: {
    help: 'How well the RPO actual of a database is known; always 1.',
    labels: [...run, 'database', 'grade'],
  },
  maestro_dr_run_step_state: {
    help: 'The state of a step of the Run under way; always 1.',
    labels: [...step, 'phase', 'state'],
  },
  maestro_dr_run_step_duration_seconds: {
    help: 'From when a step of the Run under way could begin to its outcome, or to now; while it is taken back, since when.',
    labels: step,
  },
  maestro_dr_run_step_expected_seconds: {
    help: 'The longest that this step took in the former Runs of this plan and mode (basis history), else its deadline (basis deadline).',
    labels: [...step, 'basis'],
  },
  maestro_dr_run_gate_wait_seconds: {
    help: 'How long a step of the Run under way has been held, and by what; person="true" where somebody has to say or do something.',
    labels: [...step, 'reason', 'person'],
  },
  maestro_dr_build_info: { help: 'The version of this operator; always 1.', labels: ['version'] },
  maestro_dr_leader: { help: 'Whether this replica leads.', labels: [] },
  maestro_dr_caches_synced: {
    help: 'Whether this replica has seen every plan, Run and Region at least once.',
    labels: [],
  },
  maestro_dr_queue_depth: { help: 'Objects that wait for a worker.', labels: ['queue'] },
} as const satisfies Readonly<Record<string, FamilyShape>>);

interface FamilyShape {
  readonly help: string;
  readonly labels: readonly string[];
}

export type Family = keyof typeof families;
