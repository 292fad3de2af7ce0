/** Of a condition, a held step, an abort or an event: what is the case, and what a person does about it. */
export interface ReasonText {
  readonly what: string;
  /** Empty: nothing is to be done. */
  readonly do: string;
}

/**
 * Every reason that this operator gives, by its word. The sentence in a status names the database, region or record;
 * this is what stays the same, and what the documentation is made from. Append one line for each new reason, in its
 * group: test/api/reasons.test.ts finds those that are used and not here. The phases of a Run are reasons too.
 */
export const reasons = Object.freeze({
  // A Run's phases.
  Pending: { what: 'Nothing has been decided yet.', do: '' },
  Activation: { what: 'The Run is looking, and waits for what must be decided before anything changes.', do: '' },
  Recovery: { what: 'The Run is moving the platform.', do: '' },
  Reconstitution: { what: 'The platform is moved; what was left behind is cleaned up and protected again.', do: '' },
  Aborting: { what: 'The Run is taking back what it had changed.', do: '' },
  Succeeded: { what: 'The Run has done everything.', do: '' },
  Aborted: {
    what: 'The Run ended before a promotion and took its changes back.',
    do: 'Set activeRegion again to try again.',
  },
  Abandoned: {
    what: 'A person ended the Run where it stood; nothing more is done, and nothing was taken back.',
    do: 'Read its steps: what they had begun is now yours to finish or to undo.',
  },
  Failed: { what: 'The Run ended without reaching its end.', do: 'Read its message and steps.' },
  Superseded: { what: 'Another Run of this plan counts, and this one never acts.', do: '' },

  // A plan's conditions.
  Active: { what: 'The plan is active where it is wanted, and everything has converged.', do: '' },
  Accepted: { what: 'The object can be carried out as written.', do: '' },
  Malformed: { what: 'The object cannot be carried out as written.', do: 'Mend the fields that the message names.' },
  NotAccepted: { what: 'The plan is not carried out because it is not accepted.', do: 'See the condition Accepted.' },
  RegionRefused: {
    what: 'A Region of the plan is missing, unusable, or grants it too little.',
    do: 'Mend the Region that the message names.',
  },
  Deleting: {
    what: 'The plan is being deleted; past its fence a Run is finished first.',
    do: 'Wait for its Run, or abandon that.',
  },
  RunInProgress: { what: 'A Run is under way.', do: 'See `kubectl get drrun`.' },
  PersonAwaited: {
    what: 'A Run goes on only with a person’s word or hand.',
    do: 'Type what `next` of its waiting step says.',
  },
  RunAborted: {
    what: 'The last Run was aborted, and the wish stands unfulfilled.',
    do: 'Set activeRegion to where it is active, and then to where it is wanted to try again.',
  },
  RunAbandoned: {
    what: 'The last Run was abandoned where it stood, and the platform is not whole.',
    do: 'Mend what the message names, or move it with a new Run.',
  },
  DatabasesApart: {
    what: 'The databases of the plan do not all write in one region.',
    do: 'Bring back the ones that were left behind.',
  },
  TrafficElsewhere: {
    what: 'A record leads to another region than the one that is active, and no run is moving it.',
    do: 'Point the record by hand to the region that is active.',
  },
  ActiveRegionOverridden: {
    what: 'A Run made by a person has moved the platform to where activeRegion does not point.',
    do: 'Set activeRegion to where it is, in Git too.',
  },
  RunsCapped: {
    what: 'As many Runs as the operator may carry out at once are under way.',
    do: 'Wait for one of them, or raise MAESTRO_MAX_RUNS.',
  },
  ObserveOnly: {
    what: 'The plan is in Observe: a move was decided and reported, and nothing was changed.',
    do: 'Set enforcement to Act to move.',
  },
  AdoptionUnknown: {
    what: 'It cannot be told where the platform is active, so nothing is acted on.',
    do: 'Make the region that the message names reachable, or mend what contradicts itself.',
  },
  OutOfBandChange: {
    what: 'The databases write in another region than the status says, and no run has moved them.',
    do: 'Set activeRegion to where they write to adopt it; until then nothing is acted on.',
  },
  ActiveRegionMismatch: {
    what: 'The databases write in another region than activeRegion says.',
    do: 'Set activeRegion to where they write; creating a plan never moves anything.',
  },
  ReversalPending: {
    what: 'activeRegion was set back while a Run was past its fence.',
    do: 'Set activeRegion to where the platform is, and then back if that is meant.',
  },
  RightsMissing: {
    what: 'The operator lacks a right that a failover would need.',
    do: 'Grant what the message names, now rather than in an outage.',
  },
  Streaming: { what: 'Every standby streams.', do: '' },
  NotStreaming: {
    what: 'A standby does not stream; a failover would lose what was written since it stopped.',
    do: 'Repair the replication.',
  },
  StandbyUnknown: { what: 'A standby cannot be seen.', do: 'Make it reachable for the operator.' },
  WithinObjective: { what: 'Every standby is within the RPO.', do: '' },
  LagAboveObjective: {
    what: 'A standby is further behind than the RPO allows.',
    do: 'Find out why the replication is slow.',
  },
  LiveTTLAbovePlan: {
    what: 'A record lives with a longer TTL than the plan says; caches would keep the old answer for that long.',
    do: 'Lower the TTL of the record that the message names to the plan’s.',
  },
  LagUnknown: {
    what: 'How far a standby is behind is not known.',
    do: 'Make both databases reachable for the operator.',
  },

  // A Region's conditions.
  Answers: { what: 'The Region’s API server answers.', do: '' },
  Unreachable: {
    what: 'It cannot be reached from the operator.',
    do: 'Look at the network between them, and at whether it runs.',
  },
  Timeout: { what: 'It did not answer in time.', do: 'Look at the network between them, and at its load.' },
  Forbidden: {
    what: 'It refused the operator’s credentials or rights.',
    do: 'Renew the credentials, or grant what the message names.',
  },
  Throttled: { what: 'It asks the operator to come back later.', do: '' },
  NotAsked: { what: 'Nobody has asked it yet.', do: '' },
  DuplicateCluster: {
    what: 'Two Regions lead to one cluster.',
    do: 'Give each Region the kubeconfig of its own cluster.',
  },

  // What only a person's word or hand ends.
  ModeUndecided: {
    what: 'It cannot be told whether the source is healthy or down.',
    do: 'Set mode of the Run to Planned or Forced, as `next` shows.',
  },
  ApprovalRequired: {
    what: 'The plan wants a person to approve this Run.',
    do: 'Approve it as `next` shows, or abort it.',
  },
  Cooldown: {
    what: 'The last failover was less than the plan’s cooldown ago.',
    do: 'Wait, or approve the Run as `next` shows.',
  },
  OperatorColocated: {
    what: 'The operator runs in the active region: it would be lost with it, and cannot tell its own isolation from an outage.',
    do: 'Run the operator elsewhere; approve a Run as `next` shows if it is meant.',
  },
  Halted: {
    what: 'The operator is halted: nothing automatic is carried out, for any plan.',
    do: 'Delete the ConfigMap maestro-dr-halt when the halt is over, or approve the Run as `next` shows.',
  },
  PartiallyPromoted: {
    what: 'One database of the plan was promoted, and another could not be in its time.',
    do: 'Mend the one that the message names, or leave it behind as `next` shows.',
  },
  EpochUnproven: {
    what: 'An epoch could not be read: a newer Run may exist.',
    do: 'Make DNS reachable; approve the Run as `next` shows if no newer one exists.',
  },
  DataLossUnaccepted: {
    what: 'The promotion would lose more than the RPO, or an amount that is not known.',
    do: 'Accept a bound as `next` shows, or repair the source.',
  },
  FenceNotProven: {
    what: 'It is not proven that the old writer takes no writes.',
    do: 'Make it reachable, or attest as `next` shows that it is off.',
  },
  Paused: { what: 'A person paused the Run.', do: 'Set desiredState to Running.' },
  ForeignOwner: {
    what: 'A DNS record is managed by another plan or tool.',
    do: 'Let that one give it up; or record as `next` shows from whom it is taken over.',
  },
  RecordDrifted: {
    what: 'A DNS record has values that belong to neither region, or is missing.',
    do: 'Put back the values that the message names.',
  },
  StaleEpoch: {
    what: 'Somebody newer has acted on this plan’s databases or records.',
    do: 'Abort this Run, and look who else runs this plan.',
  },
  RebuildByHand: {
    what: 'The plan has no Job that rebuilds the old primary.',
    do: 'Make it a standby of the new one and keep what diverged; or skip the step as `next` shows.',
  },
  RebuildFailed: {
    what: 'The Job that rebuilds the old primary failed.',
    do: 'Read the Job’s log in the returned region, mend it, and retry as `next` shows.',
  },
  ClusterChanged: {
    what: 'Another cluster answers to a region’s name than when the plan was pinned.',
    do: 'Look which one it is; abort this Run if it is not meant.',
  },

  // What a step waits to see.
  FenceObstructed: {
    what: 'Something in the source would write on past a fence.',
    do: 'Remove what the message names, or name it in the plan.',
  },
  MovedByHand: {
    what: 'People have promoted a database in the target themselves, past the Run that is under way.',
    do: 'Abandon the Run as `next` shows, and adopt what was done; or make that database a standby again.',
  },
  Observing: { what: 'More has to be seen before the mode can be decided.', do: '' },
  TargetNotReady: { what: 'The target lacks something, or cannot be seen.', do: 'Repair what the message names.' },
  ReplicasUnknown: {
    what: 'A workload takes its replicas from the source, and no healthy count of it was ever seen there.',
    do: 'At rest: see why it is not healthy where it is active. In a Run: bring the source’s API back, or abort as `next` shows, set active.replicas in the plan, and start again.',
  },
  WorkloadUnknown: { what: 'A workload cannot be seen.', do: 'Make its cluster reachable.' },
  DependencyRed: { what: 'A dependency check fails.', do: 'Repair the dependency.' },
  SmokeRed: { what: 'A smoke test fails.', do: 'Repair what it tests; the traffic waits for it.' },
  PositionNotReached: {
    what: 'The standby has not replayed the source’s last position.',
    do: 'Find what holds up its replay; at the deadline the fence is undone.',
  },
  EvidenceStale: {
    what: 'What an irreversible step rests on was not seen just now.',
    do: 'Make the database in the target reachable.',
  },
  PlanUnread: { what: 'The plan is read once more before anything is fenced.', do: '' },
  Promoting: { what: 'A database is being promoted.', do: '' },
  Checkpointing: { what: 'A checkpoint of the new timeline is being written.', do: '' },
  Opening: { what: 'A database is being opened to its applications.', do: '' },
  DatabaseNotOpen: { what: 'The application cannot write in the target yet.', do: 'Read what the probe was told.' },
  Shifting: { what: 'A DNS record is being moved.', do: '' },
  TrafficUnavailable: {
    what: 'The DNS control plane does not answer.',
    do: 'Wait for it, or move the record by hand.',
  },
  TrafficUnobserved: {
    what: 'The authoritative servers do not all answer as they should.',
    do: 'Wait; check that port 53 can be reached.',
  },
  Soaking: { what: 'Healthy; the soak time passes.', do: '' },
  Draining: { what: 'Caches of the old answer expire.', do: '' },
  Comparing: { what: 'What the old primary holds beyond the switchpoint is being read.', do: '' },
  Rebuilding: { what: 'The old primary is being rebuilt.', do: '' },
  Unprotected: { what: 'The new standby does not stream yet.', do: '' },
  UndoPending: { what: 'An effect may still arrive before it can be taken back.', do: '' },
  Undoing: { what: 'An effect is being taken back.', do: '' },

  // Why a Run was aborted.
  Requested: { what: 'A person asked for it.', do: '' },
  Reverted: { what: 'activeRegion was set back before anything was fenced.', do: '' },
  PlanDeleted: { what: 'The plan was deleted before anything was fenced.', do: '' },

  // What a person asked of a Run and is not done.
  PastNoReturn: { what: 'An abort came after a promotion was intended.', do: 'Let it finish, then fail back.' },
  NothingFenced: {
    what: 'A Run was to be abandoned that can still be taken back.',
    do: 'Set desiredState to Aborted.',
  },
  NotSkippable: { what: 'A step was to be skipped that others rest on.', do: 'Mend what the step waits for.' },
  AlreadyDone: { what: 'A step was to be skipped that is done.', do: '' },
  UnknownStep: { what: 'A Run has no step of the name that was given.', do: 'Take the id from its status.' },
  RetriedByItself: { what: 'A retry was asked of a step that is tried again by itself.', do: '' },
  RunOver: { what: 'Something was asked of a Run after its end.', do: 'Make another Run if it is still wanted.' },
  UnknownRecord: { what: 'A takeover names a record that the plan has not.', do: 'Take the name from spec.traffic.' },

  // Events alone.
  Adopted: { what: 'It was seen where the platform is active.', do: '' },
  Moved: { what: 'The platform is active in another region than before.', do: '' },
  RunStarted: { what: 'A change of activeRegion was taken up.', do: '' },
  RunLost: {
    what: 'A Run was deleted while it was under way.',
    do: 'Look where the platform is before moving it again.',
  },
  StepDone: { what: 'A step of a Run is done.', do: '' },
  StepBegun: {
    what: 'The effect of a step was intended for the first time; from now on it may have happened.',
    do: '',
  },
  StepResumed: { what: 'A step that had stopped goes on.', do: '' },
  StepUndoing: { what: 'The effect of a step is being taken back.', do: '' },
  StepUndone: { what: 'The effect of a step was taken back.', do: '' },
  StepDrifted: {
    what: 'What a step had done is no longer so.',
    do: 'Look who has changed it; the Run does not do it again.',
  },
  ModeDecided: { what: 'It was decided whether the source is alive.', do: '' },
  ApprovalHeard: { what: 'A person’s approval was heard; who it was is claimed, not verified.', do: '' },
  RunEnded: { what: 'A Run of the plan is over.', do: 'Read its report.' },
  FenceIncompleteOver: { what: 'Every fence that was owed is proven.', do: '' },
  HaltedOver: { what: 'The operator is no longer halted.', do: '' },
  NotificationFailed: {
    what: 'A contact could not be told.',
    do: 'Mend the contact’s Secret or its receiver, as the message says; look at the plan and its Runs meanwhile.',
  },
} as const satisfies Readonly<Record<string, ReasonText>>);

export type Reason = keyof typeof reasons;

/** undefined for a word that is no reason of this operator (an older one's, in a restored Run). */
export function reasonText(word: string): ReasonText | undefined {
  return isReason(word) ? reasons[word] : undefined;
}

export function isReason(word: string): word is Reason {
  return Object.hasOwn(reasons, word);
}
