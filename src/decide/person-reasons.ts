/**
 * Reasons that may still pass by themselves: past its deadline the step says what to type all the same (late.ts), but it
 * is told of as late, and not as waiting for a person: an alert on the one must not end there and begin as the other.
 */
export const mayPassReasons: readonly string[] = [
  'TargetNotReady',
  'DependencyRed',
  'SmokeRed',
  'Scaling',
  'WorkloadUnknown',
  'Promoting',
  'Checkpointing',
  'Opening',
  'DatabaseNotOpen',
  'TrafficUnobserved',
  'EvidenceStale',
  'PlanUnread',
  'Shifting',
  'Soaking',
];

/** Reasons that only a person's word or hand ends: the step is Waiting, and the status says what to type. */
export const personReasons: readonly string[] = [
  'ModeUndecided',
  'ApprovalRequired',
  'Cooldown',
  'Halted',
  'OperatorColocated',
  'EpochUnproven',
  'DataLossUnaccepted',
  'Paused',
  'NothingFenced',
  'ForeignOwner',
  'RecordDrifted',
  'StaleEpoch',
  'FenceObstructed',
  'ReplicasUnknown',
  'ClusterChanged',
  'RebuildByHand',
  'RebuildFailed',
  'PreservationUnproven',
  'MovedByHand',
];
