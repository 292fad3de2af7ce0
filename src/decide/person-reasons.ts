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
  'ForeignOwner',
  'RecordDrifted',
  'StaleEpoch',
  'FenceObstructed',
  'ReplicasUnknown',
  'ClusterChanged',
  'RebuildByHand',
  'RebuildFailed',
];
