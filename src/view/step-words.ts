import type { PlanSpec } from '../api/plan.ts';
import type { Step, StepKind } from '../api/run.ts';

type Words = (subject: string, region: string, spec: PlanSpec) => string;

/** What each kind of step does, in half a sentence: for preview, runbook and messages alike. */
const words: Readonly<Record<StepKind, Words>> = {
  Assess: () => 'look what is the matter, and settle the mode',
  SamplePositions: (_subject, region) => `see which positions of ${region} were recorded`,
  PreflightDatabase: (subject, region) => `see that database ${subject} in ${region} can take over`,
  PreflightWorkload: (subject, region) => `see that workload ${subject} exists in ${region}, and its size`,
  PreflightTraffic: (subject) => `see that record ${subject} may be moved`,
  Approve: (_subject, _region, spec) =>
    `wait for a person where the plan wants one (approval: ${spec.failover.approval})`,
  PreScale: (subject, region) => `scale ${subject} in ${region} to its full size`,
  Dependency: (subject) => `check dependency ${subject}`,
  Quiesce: (subject, region) => `stop ${subject} in ${region}`,
  Fence: (subject, region) => `fence database ${subject} in ${region}: no application may write there`,
  Position: (subject, region) => `wait until ${subject} in ${region} has replayed all that was committed`,
  Promote: (subject, region) => `promote database ${subject} in ${region}`,
  Checkpoint: (subject, region) => `write a checkpoint of ${subject} in ${region}`,
  Open: (subject, region) => `open database ${subject} in ${region} to its applications`,
  Probe: (subject, region) => `write to ${subject} in ${region} as the application, and take it back`,
  Workload: (subject, region) => `bring ${subject} in ${region} to its full size, ready`,
  Smoke: (subject, region) => `run smoke test ${subject} against ${region}`,
  Shift: (subject, region) => `move record ${subject} to ${region}`,
  ObserveTraffic: (subject, region) => `see every name server answer ${region} for ${subject}`,
  Soak: (_subject, region) => `see ${region} stay healthy`,
  StandDown: (subject, region) => `scale ${subject} in ${region} to its standby size`,
  FinishFence: (subject, region) => `prove the fence of ${subject} in ${region} where it was not`,
  Compare: (subject, region) => `read what ${subject} in ${region} holds that was not replicated`,
  Rebuild: (subject, region) => `make ${subject} in ${region} a standby, keeping what diverged`,
  Protect: (subject) => `see ${subject} protected again`,
  Report: () => 'write the report',
};

export function stepWords(step: Step, spec: PlanSpec): string {
  return words[step.kind](step.subject ?? '', step.region ?? '', spec);
}
