import type { ReasonTexts } from './reason-text.ts';

/** What only a person's word or hand ends. */
export const awaitingPeople = {
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
    what: 'The operator is halted: no automatic Run of any plan begins to fence; one that has intended a fence is finished.',
    do: 'Delete the ConfigMap maestro-dr-halt when the halt is over, or approve the Run as `next` shows.',
  },
  PartiallyPromoted: {
    what: 'One database of the plan was promoted, and another could not be in its time.',
    do: 'Mend the one that the message names, or leave it behind as `next` shows.',
  },
  EpochUnproven: {
    what: 'An epoch could not be read: a newer Run may exist.',
    do: 'Of a plan, whose Run does not exist yet: make the database that the message names reachable. Of a Run: make DNS reachable, or approve it as `next` shows if no newer one exists.',
  },
  DataLossUnaccepted: {
    what: 'The promotion would lose more than the RPO, or an amount that is not known.',
    do: 'Accept a bound as `next` shows, or repair the source.',
  },
  FenceNotProven: {
    what: 'It is not proven that the old writer takes no writes.',
    do: 'Make it reachable, or attest as `next` shows that it is off.',
  },
  Paused: {
    what: 'A person paused the Run.',
    do: 'Set desiredState to Running, as `next` shows. Who set it is in the Run’s managedFields (`kubectl get drrun -o yaml --show-managed-fields`).',
  },
  ForeignOwner: {
    what: 'A DNS record is managed by another plan or tool.',
    do: 'Let that one give it up; of a plan, record as `next` shows from whom it is taken over. Of a tool, `next` lists what the zone has.',
  },
  RecordDrifted: {
    what: 'A DNS record has values that belong to neither region, or is missing.',
    do: 'Put back the values that the message names; `next` lists what the zone has.',
  },
  StaleEpoch: {
    what: 'Somebody newer has acted on this plan’s databases or records.',
    do: 'Look who else runs this plan. Delete this Run as `next` shows: its plan then looks anew where the platform is.',
  },
  RebuildByHand: {
    what: 'The plan has no Job that rebuilds the old primary.',
    do: 'Make it a standby of the new one and keep what diverged; or skip the step as `next` shows.',
  },
  RebuildFailed: {
    what: 'The Job that rebuilds the old primary failed.',
    do: 'Read the Job’s log in the returned region, mend it, and retry as `next` shows.',
  },
  PreservationUnproven: {
    what: 'The old primary was rebuilt, and it is not known where what only it had was kept.',
    do: 'Look for the copy, and annotate the Job with where it lies as the message says; or record as `next` shows that none need be kept.',
  },
  ClusterChanged: {
    what: 'Another cluster answers to a region’s name than when the plan was pinned.',
    do: 'Point the Region’s kubeconfig back at the cluster that was meant, and the Run goes on. If the new one is meant: type `next`, which ends this Run or leaves the step out, and fail over anew where more is to move. Nothing has to be confirmed on the Region: the next Run pins the cluster that answers then (`status.clusterUID`).',
  },
} as const satisfies ReasonTexts;
