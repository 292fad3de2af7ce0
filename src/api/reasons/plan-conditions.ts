import type { ReasonTexts } from './reason-text.ts';

/** A plan's conditions. */
export const planConditions = {
  Active: { what: 'The plan is active where it is wanted, and everything has converged.', do: '' },
  Accepted: { what: 'The object can be carried out as written.', do: '' },
  Malformed: { what: 'The object cannot be carried out as written.', do: 'Mend the fields that the message names.' },
  NotAccepted: { what: 'The plan is not carried out because it is not accepted.', do: 'See the condition Accepted.' },
  RegionRefused: {
    what: 'A Region of the plan is missing, unusable, leads to the same cluster as the other one, or grants it too little.',
    do: 'Mend the Region that the message names.',
  },
  IdentityInUse: {
    what: 'Another plan of the cluster has the identity of this one, by which DNS records and databases know it, and keeps it; nothing of this one is carried out. A Run of it that had fenced nothing was turned back.',
    do: 'Make it anew with an identity of its own; or delete the other plan, if this one is to take its place.',
  },
  Deleting: {
    what: 'The plan is being deleted; past its fence a Run is finished first.',
    do: 'Wait for its Run, or abandon that.',
  },
  RunInProgress: { what: 'A Run is under way.', do: 'See `kubectl get drrun`.' },
  PersonAwaited: {
    what: 'A Run goes on only with a person’s word or hand, or past the deadline of its step.',
    do: 'Type what `next` of its waiting step says.',
  },
  RunUnreadable: {
    what: 'The Run that is under way cannot be read by this operator, so nothing is begun, ended or taken back.',
    do: 'Mend the field that the message names, or run the version of the operator that wrote it.',
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
    do: 'Close the one that takes writes elsewhere, or bring back the ones that were left behind.',
  },
  TrafficElsewhere: {
    what: 'A record leads elsewhere than to the region that is active, or does not exist, and no run is moving it.',
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
    do: 'Set enforcement to Act, activeRegion to where it is active, and then to where it is wanted.',
  },
  AdoptionUnknown: {
    what: 'It cannot be told where the platform is active, so nothing is acted on.',
    do: 'Make the region that the message names reachable, or mend what contradicts itself.',
  },
  OutOfBandChange: {
    what: 'The databases write in another region than the status says, and no run has moved them.',
    do: 'Set activeRegion to where they write to adopt it; until then nothing is acted on. Where two writers are open, stop or fence one first.',
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
} as const satisfies ReasonTexts;
