import type {
  ApprovalPolicy,
  FencingPolicy,
  HttpExpectation,
  Mode,
  ModePolicy,
  Objectives,
  PostgresqlServer,
  WorkloadTarget,
} from './plan.ts';
import type {
  Effect,
  Milestones,
  OutcomeState,
  RpoGrade,
  RunPhase,
  RunSpec,
  RunType,
  StepKind,
  StepPhase,
  StepState,
} from './run.ts';

/** The words of each union, all of them: a member that is missing from its list does not compile. */
function allOf<T extends string>() {
  return <const U extends readonly T[]>(words: U & ([T] extends [U[number]] ? unknown : never)): readonly T[] => words;
}

export const modes = allOf<Mode>()(['Planned', 'Forced']);
export const modePolicies = allOf<ModePolicy>()(['Auto', 'Planned', 'Forced']);
export const approvalPolicies = allOf<ApprovalPolicy>()(['Never', 'Forced', 'Always']);
export const fencingPolicies = allOf<FencingPolicy>()(['Verified', 'BestEffort', 'None']);
export const clockStarts = allOf<Objectives['clockStart']>()(['Disruption', 'Detected', 'Declared', 'Started']);
export const sslModes = allOf<PostgresqlServer['sslMode']>()(['verify-full', 'verify-ca', 'disable']);
export const workloadKinds = allOf<WorkloadTarget['kind']>()(['Deployment', 'StatefulSet', 'CronJob']);
export const httpMethods = allOf<HttpExpectation['method']>()(['GET', 'HEAD', 'POST']);

export const runTypes = allOf<RunType>()(['Failover', 'Switchover', 'Failback', 'Drill']);
export const desiredStates = allOf<RunSpec['desiredState']>()(['Running', 'Paused', 'Aborted']);
export const origins = allOf<RunSpec['origin']>()(['PlanField', 'Person']);
export const runPhases = allOf<RunPhase>()([
  'Pending',
  'Activation',
  'Recovery',
  'Reconstitution',
  'Aborting',
  'Succeeded',
  'Aborted',
  'Abandoned',
  'Failed',
  'Superseded',
]);
export const stepPhases = allOf<StepPhase>()(['Activation', 'Recovery', 'Reconstitution']);
export const stepStates = allOf<StepState>()([
  'Pending',
  'Running',
  'Waiting',
  'Blocked',
  'Done',
  'Undoing',
  'Undone',
  'Drifted',
]);
export const effects = allOf<Effect>()(['None', 'Reversible', 'Irreversible']);
export const pretences = allOf<'Would' | 'Follows'>()(['Would', 'Follows']);
export const intentActions = allOf<'Do' | 'Undo'>()(['Do', 'Undo']);
export const outcomeStates = allOf<OutcomeState>()(['Succeeded', 'Vacuous', 'Overridden', 'Pretended', 'Skipped']);
export const rpoGrades = allOf<RpoGrade>()(['Measured', 'Bounded', 'Estimated', 'Unknown']);
export const milestoneNames = allOf<keyof Milestones>()([
  'disruption',
  'detected',
  'declared',
  'started',
  'fenced',
  'opened',
  'trafficObserved',
  'smokePassed',
  'sustained',
  'cachesExpireBy',
]);
export const stepKinds = allOf<StepKind>()([
  'Assess',
  'SamplePositions',
  'PreflightDatabase',
  'PreflightWorkload',
  'PreflightTraffic',
  'Approve',
  'PreScale',
  'Dependency',
  'Quiesce',
  'Fence',
  'Position',
  'Promote',
  'Checkpoint',
  'Open',
  'Probe',
  'Workload',
  'Smoke',
  'Shift',
  'ObserveTraffic',
  'Soak',
  'StandDown',
  'FinishFence',
  'Compare',
  'Rebuild',
  'Protect',
  'Report',
]);
