import type { ReasonTexts } from './reason-text.ts';

/** What a step waits to see. */
export const awaitingSteps = {
  FenceObstructed: {
    what: 'Something in the source would write on past a fence.',
    do: 'Remove what the message names, with its open sessions, or name it in the plan.',
  },
  MovedByHand: {
    what: 'People have promoted a database in the target themselves, past the Run that is under way.',
    do: 'Abandon the Run as `next` shows, and adopt what was done; or make that database a standby again.',
  },
  TargetUnread: {
    what: 'A Run is to be taken back, and a database in the target that may well be alive cannot be read: people may have promoted it.',
    do: 'Let the operator read it, and the Run goes on; `next` asks its server. Where it does not answer at all, nothing waits for it: end what answers in its place. Where people have promoted it, abandon the Run.',
  },
  Observing: {
    what: 'More has to be seen before this step is decided, or this plan is ready.',
    do: 'Nothing: a look ends by itself, also where nothing answers it.',
  },
  TargetNotReady: {
    what: 'The target lacks something, or cannot be seen.',
    do: 'Repair what the message names. Past the deadline `next` shows the target’s workloads, pods or server, or aborts where a database is not ready and nothing is promoted yet; a workload can be skipped, though traffic then comes to what does not run.',
  },
  ReplicasUnknown: {
    what: 'A workload takes its replicas from the source, and no healthy count of it was ever seen there.',
    do: 'At rest: see why it is not healthy where it is active. In a Run: bring the source’s API back, or abort as `next` shows, set active.replicas in the plan, and start again.',
  },
  WorkloadUnknown: { what: 'A workload cannot be seen.', do: 'Make its cluster reachable.' },
  DependencyRed: {
    what: 'A dependency check fails.',
    do: 'Repair the dependency; past the deadline `next` goes on without it.',
  },
  SmokeRed: {
    what: 'A smoke test fails.',
    do: 'Repair what it tests. Past the deadline `next` goes on without the test; while soaking it shows the target’s pods.',
  },
  PositionNotReached: {
    what: 'The standby has not replayed the source’s last position.',
    do: 'Find what holds up its replay, or let it follow the source where it follows another server; at the deadline the fence is undone.',
  },
  EvidenceStale: {
    what: 'What an irreversible step rests on was not seen just now.',
    do: 'Make the database in the target reachable. Past the deadline `next` asks its server, or aborts where nothing is promoted yet.',
  },
  PlanUnread: {
    what: 'The plan is read once more before anything is fenced.',
    do: 'Nothing; where the message says that it cannot be read, mend it. Past the deadline `next` aborts the Run.',
  },
  Promoting: { what: 'A database is being promoted.', do: 'Past the deadline `next` asks its server.' },
  Checkpointing: {
    what: 'A checkpoint of the new timeline is being written.',
    do: 'Past the deadline `next` asks its server.',
  },
  Opening: {
    what: 'A database is being opened to its applications.',
    do: 'Past the deadline `next` asks its server.',
  },
  DatabaseNotOpen: {
    what: 'The application cannot write in the target yet.',
    do: 'Read what the probe was told; past the deadline `next` asks its server.',
  },
  Scaling: {
    what: 'A workload is on its way to its size, or is not started beside an old writer that is not fenced yet.',
    do: 'Past the deadline `next` lists its pods.',
  },
  Shifting: { what: 'A DNS record is being moved.', do: 'Past the deadline `next` lists what its zone has.' },
  TrafficUnavailable: {
    what: 'The DNS control plane does not answer.',
    do: 'Wait for it. Past the deadline, who reaches it otherwise than the operator pastes `next`, which moves the record as the operator would, or lists the zone where no such command can be given; of a planned run that has fenced nothing yet, `next` aborts it.',
  },
  TrafficUnobserved: {
    what: 'The authoritative servers do not all answer as they should.',
    do: 'Wait; check that port 53 can be reached. Past the deadline `next` asks one that does not, or lists the zone where all do and the control plane is behind.',
  },
  Soaking: { what: 'Healthy; the soak time passes.', do: 'Past the deadline `next` shows the target’s pods.' },
  Draining: { what: 'Caches of the old answer expire.', do: '' },
  Comparing: { what: 'What the old primary holds beyond the switchpoint is being read.', do: '' },
  Rebuilding: { what: 'The old primary is being rebuilt.', do: '' },
  Unprotected: {
    what: 'The new standby does not stream yet, or it is not seen to follow the new primary.',
    do: 'Let it follow the server that the message names, by a slot of its own.',
  },
  UndoPending: { what: 'An effect may still arrive before it can be taken back.', do: '' },
  Undoing: { what: 'An effect is being taken back.', do: '' },
} as const satisfies ReasonTexts;
